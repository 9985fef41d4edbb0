# Frostnet: text of addresses
# MIT license; Copyright (c) 2026 The Frostnet authors

# Everywhere else an IPv4 address is an int and a MAC address six bytes.

from micropython import const

ANY = const(0)
BROADCAST = const(0xFFFFFFFF)
LOCALHOST = const(0x7F000001)


def parse(text):
    """Return the IPv4 address in dotted-decimal `text` as an int; ValueError if it is none.

    Four decimal numbers of one to three digits, 0 to 255. Leading zeros are refused, since
    some read them as octal.
    """
    parts = text.split(".")
    if len(parts) != 4:
        raise ValueError("not an IPv4 address")
    addr = 0
    for part in parts:
        if not 1 <= len(part) <= 3 or not part.isdigit() or (part[0] == "0" and len(part) > 1):
            raise ValueError("not an IPv4 address")
        value = int(part)
        if value > 255:
            raise ValueError("not an IPv4 address")
        addr = addr << 8 | value
    return addr


def parse_prefix(text, default):
    """Return (address, prefix length) of "address/prefix"; ValueError.

    Without a prefix its length is `default`.
    """
    ip, slash, prefix = text.partition("/")
    length = int(prefix) if prefix.isdigit() else -1 if slash else default
    if not 0 <= length <= 32:
        raise ValueError("prefix length must be 0 to 32")
    return parse(ip), length


def text(addr):
    """Return an IPv4 address, an int, as dotted decimal."""
    return "%d.%d.%d.%d" % (addr >> 24, addr >> 16 & 255, addr >> 8 & 255, addr & 255)


def mac_text(mac):
    """Return six bytes as colon-separated hexadecimal."""
    return "%02x:%02x:%02x:%02x:%02x:%02x" % tuple(mac)


def load(buf, off):
    """Return the IPv4 address stored at `off`."""
    return buf[off] << 24 | buf[off + 1] << 16 | buf[off + 2] << 8 | buf[off + 3]


def netmask(prefixlen):
    """Return the mask of a prefix length, 0 to 32, as an int."""
    return 0xFFFFFFFF << (32 - prefixlen) & 0xFFFFFFFF


def prefixlen(mask):
    """Return the prefix length of a mask; ValueError if its ones are not contiguous."""
    inverse = mask ^ 0xFFFFFFFF
    if inverse & (inverse + 1):
        raise ValueError("netmask with a hole")
    n = 32
    while inverse:
        inverse >>= 1
        n -= 1
    return n


def is_multicast(addr):
    return addr >> 28 == 0xE


def is_loopback(addr):
    return addr >> 24 == 127


def is_link_local(addr):
    """Say whether `addr` is in 169.254/16, which no router forwards (RFC 3927)."""
    return addr >> 16 == 0xA9FE


def is_unicast(addr):
    """Say whether a datagram may come from `addr` as far as the address alone can tell."""
    return 0 < addr >> 24 < 0xE0 and addr >> 24 != 127
