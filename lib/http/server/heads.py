# Frostnet: heads of requests that came before
# MIT license; Copyright (c) 2026 The Frostnet authors

# Clients ask with the same words again and again: browsers for what a page shows, programs for the
# same report. What such a head says is looked up, for all connections of a server.

from micropython import const

from http.server import head, target

_MOST = const(32)  # heads, of which none is long: they are what clients please to send
_LONGEST = const(1024)  # bytes
_FIELDS = const(20)


class Head:
    """What a head says: `method`, `target` (bytes), `minor` version and `fields` ({name in lower
    case: value}); after `check()` also `length` of the body (-1: it comes in chunks), `keep`
    (another request may follow), `expects` (the client waits for a word before it sends the body)
    and `plain` (neither a condition nor a range).
    """

    where = None  # path, query and authority of the target, after locate()

    def __init__(self, data):
        self.method, self.target, self.minor, self.fields = head.parse(data)

    def check(self):
        """Look at the fields that say how the message goes on. Refused."""
        fields = self.fields
        minor = self.minor
        head.host(fields, minor)
        self.length = head.framing(fields, minor)
        self.expects = head.expects(fields, minor) and self.length != 0
        words = head.tokens(fields["connection"]) if "connection" in fields else ()
        self.keep = "close" not in words and (bool(minor) or "keep-alive" in words)
        self.plain = "range" not in fields and not any(name[:3] == "if-" for name in fields)

    def locate(self):
        """Return (path, query, authority) of the target, see target.split(). Refused."""
        self.where = where = target.split(self.target)
        return where


class Heads:
    """Those that came last, by their bytes."""

    def __init__(self):
        self._known = {}

    def get(self, data):
        """Return the Head that these bytes were, or None."""
        return self._known.get(data)

    def put(self, data, found):
        """Know the Head that these bytes are; it was checked."""
        if len(data) <= _LONGEST and len(found.fields) <= _FIELDS:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[data] = found
