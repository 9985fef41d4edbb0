# Frostnet: which virtio devices the board has
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from virtio import mmio

# Device ids (Virtio 1.2 §5).
NET = const(1)
BLOCK = const(2)
CONSOLE = const(3)
RNG = const(4)

# Each has probe(), which returns a list of transports and the first VirtioError or None.
_BUSES = (mmio,)


def find(device_id):
    """A transport for every device of that kind, lowest slot first; [] if there is none.

    VirtioError if there is none, but something that cannot be understood.
    """
    found = []
    error = None
    for bus in _BUSES:
        transports, e = bus.probe()
        found += [t for t in transports if t.device_id == device_id]
        error = error or e
    if error and not found:
        raise error
    return found
