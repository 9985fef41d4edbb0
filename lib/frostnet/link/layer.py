# Frostnet: layers: what stands between an interface and its device
# MIT license; Copyright (c) 2026 The Frostnet authors

# Who watches frames, spoils them or decides about them takes the place of the device in
# `iface.dev` and `iface.receive` while he is wanted. Without a layer there is nothing of it: no
# frame pays for what nobody asked for.

from micropython import const

# Their order, from the device up. What is tapped is what was on the wire; the network's faults are
# between the wire and this host, and hooks are the host's own.
TAPS = const(1)
IMPAIRED = const(2)
HOOKED = const(3)


class Layer:
    """Stands in for a frame device: `below` is that, or the next layer. It is as `below` in all
    that it does not say itself.
    """

    rank = TAPS  # place in the order

    def __init__(self, iface):
        self.iface = iface
        self.stack = iface.stack
        self.above = None  # the next layer towards the interface
        dev = iface.dev
        while isinstance(dev, Layer) and dev.rank > self.rank:
            self.above = dev
            dev = dev.below
        self.below = dev
        if isinstance(dev, Layer):
            dev.above = self
        self.place(dev)
        self._connect(self)

    def __getattr__(self, name):
        return getattr(self.below, name)

    def place(self, dev):
        """Stand before `dev` from here on; it may be the one before, with other abilities."""
        self.below = dev

    def stand(self, received, sent):
        """Be in the way of what is received, of what is sent, or both: `_receive()`, and `_tx()`
        and `_send()`, are called then. The other direction is that of `below`. What is sent
        through this layer comes as whole frames, with their checksums.
        """
        dev = self.below
        self.receive = self._receive if received else dev.receive
        self.tx = self._tx if sent else dev.tx
        self.send = self._send if sent else dev.send
        self.csum = not sent and dev.csum
        self.tso = 0 if sent else dev.tso

    def notes(self):
        """Return what people must know of this layer and those below, a tuple of texts."""
        note = self.note()
        return ((note,) if note else ()) + tuple(self.below.notes())

    def note(self):
        """Return what people must know of this layer, "" if that is nothing."""
        return ""

    def changed(self):
        """Have the layers above, and who sends, look at this one anew."""
        self._connect(self)

    def remove(self):
        """Stand here no longer."""
        if isinstance(self.below, Layer):
            self.below.above = self.above
        self._connect(self.below)

    # Lets `dev` be what the layer above has, and all above that look at it; or the interface.
    def _connect(self, dev):
        layer = self
        while layer.above:
            layer.above.place(dev)
            dev = layer = layer.above
        self.iface.dev = dev
        self.iface.receive = dev.receive
        self.stack.ip.routes.changed()


def find(iface, kind):
    """Return the layer of class `kind` that an interface has, or None."""
    dev = iface.dev
    while isinstance(dev, Layer):
        if isinstance(dev, kind):
            return dev
        dev = dev.below
    return None
