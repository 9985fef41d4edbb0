# Frostnet: requests that are refused
# MIT license; Copyright (c) 2026 The Frostnet authors

from http.error import HTTPError


class Refused(HTTPError):
    """A request that cannot be served: `status` is the answer's, the text says why."""

    fields = ()  # that the answer has as well

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status
