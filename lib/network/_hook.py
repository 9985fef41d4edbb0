# Frostnet: hook(): functions that decide about packets
# MIT license; Copyright (c) 2026 The Frostnet authors

import sys

from frostnet import hooked
from network._packet import Packet

_DIRECTIONS = ("in", "out", "both")


class Hook:
    """A function `fn` that is shown packets, until `remove()`.

    `seen`, `dropped`, `changed` and `errors` count; `error` is the first exception that `fn`
    raised. `interfaces` are names.
    """

    def __init__(self, rt, ifaces, fn, direction, first):
        if not callable(fn):
            raise TypeError("a hook is a function of one argument, the packet")
        if direction not in _DIRECTIONS:
            raise ValueError('direction is "in", "out" or "both"')
        self.fn = fn
        self.name = getattr(fn, "__name__", "?")
        self.direction = direction
        self.received = direction != "out"
        self.sent = direction != "in"
        self.seen = self.dropped = self.changed = self.errors = 0
        self.error = None
        self.interfaces = [iface.name for iface in ifaces]
        self._rt = rt
        self._ifaces = ifaces
        rt.lock()
        try:
            for iface in ifaces:
                hooked.attach(iface, self, first, Packet)
        except OSError as e:
            self.remove()
            raise OSError(e.errno, "too many hooks on this interface: remove() one of them")
        finally:
            rt.unlock()

    def __repr__(self):
        return "<hook %s on %s, %s: %d seen, %d dropped, %d changed, %d errors>" % (
            self.name,
            ", ".join(self.interfaces),
            self.direction,
            self.seen,
            self.dropped,
            self.changed,
            self.errors,
        )

    def remove(self):
        """Show it no more packets; for the second time nothing happens."""
        self._rt.lock()
        try:
            for iface in self._ifaces:
                hooked.detach(iface, self)
        finally:
            self._rt.unlock()

    def count(self, verdict, touched):
        """The layer tells what became of a packet."""
        self.seen += 1
        if verdict is False:
            self.dropped += 1
        elif touched:
            self.changed += 1

    def failed(self, exc):
        """The layer tells that the function raised an exception: people are told once, later."""
        self.seen += 1
        self.errors += 1
        if self.error is None:
            self.error = exc
            self._rt.defer(self._tell)

    def _tell(self, _):
        print("hook %s failed, and the packet was dropped; this is shown once:" % self.name)
        sys.print_exception(self.error)
