# Frostnet: DHCP messages as a server reads and writes them
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 2131 §2 and §4.3.1. Options that find no room go into the fields `file` and `sname`
# (RFC 2132 §9.3).

from micropython import const

from frostnet.wire import dhcp

_XID = const(4)
_FLAGS = const(10)
_CIADDR = const(12)
_YIADDR = const(16)
_GIADDR = const(24)
_CHADDR = const(28)
_SNAME = const(44)
_FILE = const(108)
_COOKIE = const(236)
_OPTIONS = const(240)
_BOOTREQUEST = const(1)
_BOOTREPLY = const(2)
_OVERLOAD_SIZE = const(3)
_IN_FILE = const(1)
_IN_SNAME = const(2)

BROADCAST_FLAG = const(0x8000)


def parse(buf, off, end):
    """Read a client's message; return a `dhcp.Message` with `ciaddr`, `giaddr` and `flags`, or
    `None` if it is none.
    """
    message = dhcp.parse(buf, off, end, _BOOTREQUEST)
    if message is not None:
        message.ciaddr = dhcp.get32(buf, off + _CIADDR)
        message.giaddr = dhcp.get32(buf, off + _GIADDR)
        message.flags = buf[off + _FLAGS] << 8 | buf[off + _FLAGS + 1]
    return message


def build(asked, kind, yiaddr, options, size):
    """Return the reply of type `kind` to the Message `asked`, `size` bytes at most, 300 or more.

    `options` is a list of (code, bytes); those that fit nowhere are left out.
    """
    buf = bytearray(size)
    buf[0] = _BOOTREPLY
    buf[1] = 1  # Ethernet
    buf[2] = 6
    dhcp.put32(buf, _XID, asked.xid)
    buf[_FLAGS] = asked.flags >> 8
    buf[_FLAGS + 1] = asked.flags & 0xFF
    if kind != dhcp.NAK:  # RFC 2131 table 3
        dhcp.put32(buf, _CIADDR, asked.ciaddr)
        dhcp.put32(buf, _YIADDR, yiaddr)
    buf[_CHADDR : _CHADDR + 6] = asked.mac
    dhcp.put32(buf, _COOKIE, 0x63825363)
    at = dhcp.put(buf, _OPTIONS, dhcp.TYPE, bytes((kind,)))
    if at + sum([2 + len(value) for _, value in options]) < size:
        at, _ = _fill(buf, at, size, options)
        return memoryview(buf)[: dhcp.finish(buf, at)]
    # The first option says what is in the other fields; PADs if nothing fits there either
    overload = at
    at, left = _fill(buf, at + _OVERLOAD_SIZE, size, options)
    where = 0
    for start, behind, bit in ((_FILE, _COOKIE, _IN_FILE), (_SNAME, _FILE, _IN_SNAME)):
        stop, rest = _fill(buf, start, behind, left)
        if stop > start:
            buf[stop] = dhcp.END
            where |= bit
        left = rest
    if where:
        dhcp.put(buf, overload, dhcp.OVERLOAD, bytes((where,)))
    buf[at] = dhcp.END
    return memoryview(buf)[: max(at + 1, 300)]


# Puts the options that fit before `end`, with a place for END; returns the offset behind them and
# those that are left.
def _fill(buf, at, end, options):
    left = []
    for code, value in options:
        if at + 2 + len(value) < end:
            at = dhcp.put(buf, at, code, value)
        else:
            left.append((code, value))
    return at, left
