# Frostnet: what goes wrong in HTTP
# MIT license; Copyright (c) 2026 The Frostnet authors


class HTTPError(ValueError):
    """A URL, request or response that breaks the rules or a limit; its text is a sentence."""
