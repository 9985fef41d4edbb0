# Frostnet: a request, as a function that answers it sees it
# MIT license; Copyright (c) 2026 The Frostnet authors

import json

from frostnet.wire import addr
from http.server import target
from http.server.error import Refused


class Request:
    """`method`, `path` (decoded), `query` (as it is), `fields` ({name in lower case: value}),
    `body` (bytes), `peer` (address and port of the client).
    """

    body = b""

    def __init__(self, head, conn):
        self.head = head  # shared by all requests with the same one
        self.method = head.method
        self.path, self.query, self._authority = head.where or head.locate()
        self.fields = head.fields
        self._conn = conn

    @property
    def host(self):
        return self._authority or self.fields.get("host", "")

    @property
    def peer(self):
        return addr.text(self._conn.raddr), self._conn.ports & 0xFFFF

    @property
    def args(self):
        """{name: value} of the query."""
        return target.form(self.query)

    @property
    def form(self):
        """{name: value} of a form that was sent as the body. Refused (415) for another type."""
        if self.kind() != "application/x-www-form-urlencoded":
            raise Refused(415, "the body is no form")
        return target.form(self.body)

    def json(self):
        """The value of a body in JSON. Refused (400) if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refused(400, "the body is not JSON")

    def kind(self):
        """The media type of the body, without parameters."""
        return self.fields.get("content-type", "").partition(";")[0].strip().lower()
