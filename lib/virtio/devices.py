# Frostnet: which virtio devices the board has
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from virtio import mmio, pci

# Device ids (Virtio 1.2 §5).
NET = const(1)
BLOCK = const(2)
CONSOLE = const(3)
RNG = const(4)

# Each has probe(), which returns a list of transports, and one of VirtioErrors.
_BUSES = (mmio, pci)

_found = None  # transports, and what is wrong with others
_errors = None


def find(device_id):
    """A transport for every device of that kind, in a fixed order: MMIO slots from the highest, as
    QEMU's command line fills them, then PCI by bus, slot and function.

    The same device has the same transport each time. [] if there is none; VirtioError if there is
    none, but something that cannot be understood and may be one.
    """
    if _found is None:
        _probe()
    found = [t for t in _found if t.device_id == device_id]
    if not found:
        for error in _errors:
            if error.device_id is None or error.device_id == device_id:
                raise error
    return found


def forget():
    """Have find() look again: for tests, whose machines change."""
    global _found
    _found = None


def _probe():
    global _found, _errors
    _found = []
    _errors = []
    for bus in _BUSES:
        transports, errors = bus.probe()
        _found += transports
        _errors += errors
