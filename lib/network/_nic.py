# Frostnet: what can be done with any interface: a card's and the loopback's
# MIT license; Copyright (c) 2026 The Frostnet authors


class Nic:
    """What LAN and Loopback share; they have `_rt` and `_iface`."""

    @property
    def name(self):
        return self._iface.name

    def impair(self, *args, **kwargs):
        """Let the interface be on a bad network: see help(net.impair)."""
        from network._impair import impair

        return impair(self._rt, self._iface, *args, **kwargs)

    def hook(self, fn, direction="in", *, first=False):
        """Show each packet to the function `fn`, which decides about it: see help(net.hook)."""
        from network._hook import Hook

        return Hook(self._rt, [self._iface], fn, direction, first)

    def send(self, frame):
        """Send a frame, bytes from the Ethernet header on, at once.

        False if there is no room now. OSError: EINVAL, EMSGSIZE, ENETDOWN.
        """
        from frostnet.packet import Endpoint

        rt = self._rt
        rt.lock()
        try:
            return Endpoint(rt.stack).send(self._iface, frame)
        finally:
            rt.unlock()

    # What is done to it on purpose, for its repr: nobody must wonder later.
    def _notes(self):
        return "".join([" (%s)" % note for note in self._iface.dev.notes()])


class Loopback(Nic):
    """The host itself, as an interface."""

    def __init__(self, rt):
        self._rt = rt
        self._iface = rt.stack.lo

    def __repr__(self):
        return "<%s%s>" % (self.name, self._notes())
