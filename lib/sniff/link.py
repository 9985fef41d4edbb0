# Frostnet: Ethernet frames and ARP in words
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import addr, arp, ethernet
from frostnet.wire.addr6 import text as text6
from sniff.ip import ipv4
from sniff.short import be16, short

_VLAN = const(0x8100)  # IEEE 802.1Q, and the outer tag of 802.1ad
_SERVICE_VLAN = const(0x88A8)
_IPV6 = const(0x86DD)
_LLDP = const(0x88CC)
_LENGTH = const(1536)  # below this it is no type, but a length (IEEE 802.3 §3.2.6)
_TAGS = const(2)  # one within the other
_IPV6_HEADER = const(40)
_SHOWN = const(16)  # bytes of an unknown frame that are shown

_NAMES = {_LLDP: "LLDP", 0x8863: "PPPoE-D", 0x8864: "PPPoE", 0x8847: "MPLS", 0x888E: "EAPOL"}


def line(buf, n, size):
    """Return a line of text about the frame `buf[:n]`, of which `size` bytes were on the link."""
    if n < ethernet.HEADER:
        return short("ether", 0, n, size, ethernet.HEADER)
    text = ""
    off = ethernet.HEADER
    kind = be16(buf, 12)
    tags = 0
    while kind == _VLAN or kind == _SERVICE_VLAN:
        if n < off + 4:
            return text + short("vlan", off, n, size - off, 4)
        if tags == _TAGS:
            return text + "[more than %d vlan tags]" % _TAGS
        text += "vlan %d, " % (be16(buf, off) & 0xFFF)
        kind = be16(buf, off + 2)
        off += 4
        tags += 1
    if kind == ethernet.TYPE_IPV4:
        return text + ipv4(buf, off, n, size - off)
    if kind == ethernet.TYPE_ARP:
        return text + _arp(buf, off, n, size - off)
    if kind == _IPV6:
        return text + _ipv6(buf, off, n, size - off)
    return text + _unknown(buf, off, n, size - off, kind)


# RFC 826; only the form that there is here is read, of another the numbers are shown.
def _arp(buf, off, end, size):
    if end - off < arp.SIZE:
        return "ARP, " + short("arp", off, end, size, arp.SIZE)
    length = ", length %d" % size
    if bytes(buf[off : off + 6]) != b"\x00\x01\x08\x00\x06\x04":
        form = (be16(buf, off), be16(buf, off + 2), buf[off + 4], buf[off + 5])
        return "ARP, hardware %d, protocol 0x%04x, address lengths %d and %d" % form + length
    oper = be16(buf, off + arp.OPER)
    sha = bytes(buf[off + arp.SHA : off + arp.SPA])
    spa = addr.load(buf, off + arp.SPA)
    tpa = addr.load(buf, off + arp.TPA)
    if oper == arp.REPLY:
        return "ARP, Reply %s is-at %s%s" % (addr.text(spa), addr.mac_text(sha), length)
    if oper != arp.REQUEST:
        return "ARP, operation %d from %s%s" % (oper, addr.mac_text(sha), length)
    what = addr.text(tpa)
    if spa == tpa:
        return "ARP, Announcement %s is-at %s%s" % (what, addr.mac_text(sha), length)
    if not spa:  # RFC 5227 §2.1.1
        return "ARP, Probe who-has %s%s" % (what, length)
    return "ARP, Request who-has %s tell %s%s" % (what, addr.text(spa), length)


def _ipv6(buf, off, end, size):
    if end - off < _IPV6_HEADER:
        return "IP6 " + short("ip6", off, end, size, _IPV6_HEADER)
    if buf[off] >> 4 != 6:
        return "IP6 [version %d]" % (buf[off] >> 4)
    pair = (text6(buf, off + 8), text6(buf, off + 24))
    return "IP6 %s > %s: next-header %d, length %d" % (
        pair + (buf[off + 6], be16(buf, off + 4))  # ours is an IPv4 stack: no more is said
    )


def _unknown(buf, off, end, size, kind):
    pair = (addr.mac_text(bytes(buf[6:12])), addr.mac_text(bytes(buf[:6])))
    text = "%s > %s, " % pair
    if kind < _LENGTH:
        text += "802.3, length %d" % kind
    else:
        name = _NAMES.get(kind)
        text += "%sethertype 0x%04x, length %d" % (name + ", " if name else "", kind, size)
    shown = bytes(buf[off : min(end, off + _SHOWN)])
    if not shown:
        return text
    return text + ": " + shown.hex() + ("…" if size > len(shown) else "")
