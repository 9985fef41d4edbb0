# Frostnet: impair(): an interface on a bad network
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.impaired import Impaired, of
from frostnet.link.faults import Faults, Random

_SHOW = object()
_BOTH = ("in", "out")


class Impairment:
    """What is done to the frames of an interface on purpose, as it was when it was asked for.

    `faults` is {"in": text, "out": text}, with those directions that have any; `counters` is
    {"in": {name: count}, …}. It is true if there is anything.
    """

    def __init__(self, iface):
        layer = of(iface)
        self.name = iface.name
        self.faults = {}
        self.counters = {}
        if layer:
            for direction, way in zip(_BOTH, (layer.received, layer.sent)):
                if way.faults:
                    self.faults[direction] = repr(way.faults)
                    self.counters[direction] = dict(way.counts)

        self._note = layer.note() if layer else ""

    def __bool__(self):
        return bool(self.faults)

    def __repr__(self):
        return "<%s %s>" % (self.name, self._note or "not impaired")


def impair(rt, iface, off=_SHOW, *, direction="both", seed=None, **faults):
    """See net.impair; ValueError or TypeError for what makes no sense."""
    if direction not in ("in", "out", "both"):
        raise ValueError('direction is "in", "out" or "both"')
    if off is not _SHOW and (off is not None or faults):
        raise ValueError("impair(None) ends it; say loss=0.05, delay_ms=50 and so on by name")
    if faults or off is not _SHOW and of(iface):
        # Made before the lock is taken: each direction has its own.
        made = [Faults(**faults) if off is _SHOW else None for _ in _BOTH]
        rands = [Random(seed + i).bits if seed is not None else None for i in range(2)]
        rt.lock()
        try:
            layer = of(iface) or Impaired(iface)
            if direction != "out" and not iface.loopback:
                layer.received.set(made[0], rands[0])
            if direction != "in" or iface.loopback:
                layer.sent.set(made[1], rands[1])
            layer.settle()
        finally:
            rt.unlock()
    return Impairment(iface)
