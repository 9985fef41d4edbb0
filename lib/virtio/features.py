# Frostnet: features (Virtio 1.2 §5, §6) by the names of QEMU's properties
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

# Those that concern queue and transport, which every device may have.
ANY_LAYOUT = const(1 << 27)
INDIRECT_DESC = const(1 << 28)
EVENT_IDX = const(1 << 29)
VERSION_1 = const(1 << 32)
ACCESS_PLATFORM = const(1 << 33)
RING_PACKED = const(1 << 34)

_RING = {
    "any_layout": 27,
    "indirect_desc": 28,
    "event_idx": 29,
    "iommu_platform": 33,
    "packed": 34,
}

# {device id: {name: bit}}
_DEVICES = {
    1: {  # network card, §5.1.3
        "csum": 0,
        "guest_csum": 1,
        "ctrl_guest_offloads": 2,
        "host_mtu": 3,
        "mac": 5,
        "gso": 6,
        "guest_tso4": 7,
        "guest_tso6": 8,
        "guest_ecn": 9,
        "guest_ufo": 10,
        "host_tso4": 11,
        "host_tso6": 12,
        "host_ecn": 13,
        "host_ufo": 14,
        "mrg_rxbuf": 15,
        "status": 16,
        "ctrl_vq": 17,
        "ctrl_rx": 18,
        "ctrl_vlan": 19,
        "ctrl_rx_extra": 20,
        "guest_announce": 21,
        "mq": 22,
        "ctrl_mac_addr": 23,
    },
    2: {  # disk, §5.2.3
        "size-max": 1,
        "seg-max": 2,
        "ro": 5,
        "blk-size": 6,
        "flush": 9,
        "topology": 10,
        "config-wce": 11,
        "num-queues": 12,
        "discard": 13,
        "write-zeroes": 14,
    },
    3: {  # console, §5.3.3
        "size": 0,
        "multiport": 1,
        "emergency-write": 2,
    },
}

_off = ()


def switch_off(names):
    """Let no driver use the features with these names, instead of those named before.

    It counts from a device's next negotiation on. ValueError if a name is no feature's.
    """
    global _off
    bits(0, names)
    _off = tuple(names)


def switched_off(device_id):
    """The feature bits of a device of that kind that no driver may use."""
    return bits(device_id, _off)


def bits(device_id, names):
    """The feature bits that `names` stand for at a device of that kind.

    Names of other kinds of devices count for nothing, so that one list may serve all.
    ValueError if a name is no feature's.
    """
    own = _DEVICES.get(device_id, {})
    mask = 0
    for name in names:
        bit = _RING.get(name, own.get(name))
        if bit is not None:
            mask |= 1 << bit
        elif not any(name in table for table in _DEVICES.values()):
            raise ValueError("no virtio feature is called '%s'; use QEMU's names" % name)
    return mask
