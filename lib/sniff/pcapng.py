# Frostnet: blocks of pcapng files, which Wireshark opens
# MIT license; Copyright (c) 2026 The Frostnet authors

# draft-ietf-opsawg-pcapng. A file is header(), interface() for each interface, then frame()s, and
# statistics() at the end. A block is its type, its length, contents, and its length again; an
# option is code, length and value. All are padded to 32 bits. Times are in µs since 1970.

import struct

from micropython import const

_SECTION = const(0x0A0D0D0A)
_INTERFACE = const(1)
_STATISTICS = const(5)
_FRAME = const(6)
_MAGIC = const(0x1A2B3C4D)
_ETHERNET = const(1)  # LINKTYPE_ETHERNET

_END = const(0)
_SHB_USERAPPL = const(4)
_IF_NAME = const(2)
_IF_TSRESOL = const(9)
_EPB_FLAGS = const(2)
_ISB_IFRECV = const(4)
_ISB_IFDROP = const(5)

# epb_flags (§4.3.1): bits 0-1 the direction, 2-4 whom it was for.
IN = const(1)
OUT = const(2)
_UNICAST = const(1 << 2)
_MULTICAST = const(2 << 2)
_BROADCAST = const(3 << 2)


def header():
    """Return the Section Header Block that a file begins with."""
    # The section's length is not known until its end: -1.
    fixed = struct.pack("<IHHq", _MAGIC, 1, 0, -1)
    return _block(_SECTION, fixed + _option(_SHB_USERAPPL, b"Frostnet") + _option(_END))


def interface(name, snaplen):
    """Return the Interface Description Block of an Ethernet interface. The first one is 0."""
    fixed = struct.pack("<HHI", _ETHERNET, 0, snaplen)
    options = _option(_IF_NAME, name.encode()) + _option(_IF_TSRESOL, b"\x06") + _option(_END)
    return _block(_INTERFACE, fixed + options)


def frame(interface, when, data, size, out):
    """Return the Enhanced Packet Block of a frame of `size` bytes, of which `data` was kept."""
    flags = OUT if out else IN
    if len(data) >= 6:
        if bytes(data[:6]) == b"\xff\xff\xff\xff\xff\xff":
            flags |= _BROADCAST
        else:
            flags |= _MULTICAST if data[0] & 1 else _UNICAST
    n = len(data)
    fixed = struct.pack("<IIIII", interface, when >> 32, when & 0xFFFFFFFF, n, size)
    options = _option(_EPB_FLAGS, struct.pack("<I", flags)) + _option(_END)
    return _block(_FRAME, b"".join((fixed, bytes(data), bytes(-n & 3), options)))


def statistics(interface, when, received, dropped):
    """Return the Interface Statistics Block: how many frames there were, and how many of them did
    not come into the capture for want of room."""
    fixed = struct.pack("<III", interface, when >> 32, when & 0xFFFFFFFF)
    options = _option(_ISB_IFRECV, struct.pack("<Q", received))
    options += _option(_ISB_IFDROP, struct.pack("<Q", dropped)) + _option(_END)
    return _block(_STATISTICS, fixed + options)


def _option(code, value=b""):
    n = len(value)
    return struct.pack("<HH", code, n) + value + bytes(-n & 3)


def _block(kind, body):
    n = len(body) + 12
    return b"".join((struct.pack("<II", kind, n), body, struct.pack("<I", n)))
