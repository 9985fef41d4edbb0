# Frostnet: which network cards the board has
# MIT license; Copyright (c) 2026 The Frostnet authors

from virtio import VirtioError, devices
from virtio.net_offload import OffloadNet


def find(without=()):
    """A frame device for every network card, or the VirtioError of one that does not work, in the
    order of QEMU's command line; [] if there is none.

    They do not use the features named in `without` (virtio/features.py).
    """
    found = []
    for transport in devices.find(devices.NET):
        try:
            found.append(OffloadNet(transport, without=without))
        except VirtioError as e:
            found.append(e)
    return found
