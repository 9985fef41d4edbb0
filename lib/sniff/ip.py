# Frostnet: IPv4, ICMP and IGMP in words
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import addr, icmp, igmp
from frostnet.wire import ipv4 as header
from frostnet.wire.checksum import checksum
from sniff.short import be16, be32, short
from sniff.transport import tcp, udp

_IGMP = const(2)
_PORTS = const(4)  # bytes of a TCP or UDP header that have them

_NAMES = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 41: "ip6", 47: "gre", 50: "esp", 89: "ospf"}


def ipv4(buf, off, end, size):
    """Return the text about the IPv4 datagram `buf[off:end]` of a frame with `size` bytes for it.

    RFC 791 §3.1. The frame may be longer than the datagram (padding), or have lost its end.
    """
    if end - off < header.HEADER:
        return "IP " + short("ip", off, end, size, header.HEADER)
    head = (buf[off] & 15) << 2
    total = be16(buf, off + header.LENGTH)
    if buf[off] >> 4 != 4:
        return "IP [version %d]" % (buf[off] >> 4)
    if head < header.HEADER:
        return "IP [bad header length %d: less than 20]" % head
    if total < head:
        return "IP [bad length %d: less than the header's %d]" % (total, head)
    text = "IP "
    if total > size:
        text += "truncated-ip - %d bytes missing! " % (total - size)
    elif off + total < end:
        end = off + total
    src = addr.load(buf, off + header.SRC)
    dst = addr.load(buf, off + header.DST)
    proto = buf[off + header.PROTO]
    field = be16(buf, off + header.FRAGMENT)
    at = off + head
    if at > end:
        return text + "%s > %s: %s" % (
            addr.text(src),
            addr.text(dst),
            short("ip options", off, end, size, head),
        )
    where = (field & header.OFFSET_MASK) << 3
    fragment = where or field & header.MF
    if where:
        # The transport's header is in the first fragment.
        text += "%s > %s: %s" % (addr.text(src), addr.text(dst), name(proto))
    else:
        whole = not fragment and end == off + total
        text += _payload(buf, at, end, total - head, proto, src, dst, whole)
    if fragment:
        more = "+" if field & header.MF else ""
        ident = be16(buf, off + header.ID)
        text += " (frag %d:%d@%d%s)" % (ident, total - head, where, more)
    if checksum(buf, off, head):
        text += " [bad ip cksum]"
    return text


def name(proto):
    """Return the name of a protocol in IP, or its number in words."""
    return _NAMES.get(proto) or "ip-proto-%d" % proto


# `whole`: all of the payload is there, so that checksums can be looked at.
def _payload(buf, at, end, size, proto, src, dst, whole):
    if (proto == header.PROTO_TCP or proto == header.PROTO_UDP) and end - at >= _PORTS:
        text = "%s.%d > %s.%d: " % (
            addr.text(src),
            be16(buf, at),
            addr.text(dst),
            be16(buf, at + 2),
        )
    else:
        text = "%s > %s: " % (addr.text(src), addr.text(dst))
    if proto == header.PROTO_TCP:
        return text + tcp(buf, at, end, size, src, dst, whole)
    if proto == header.PROTO_UDP:
        return text + udp(buf, at, end, size, src, dst, whole)
    if proto == header.PROTO_ICMP:
        return text + _icmp(buf, at, end, size, whole)
    if proto == _IGMP:
        return text + _igmp(buf, at, end, size, whole)
    return text + "%s, length %d" % (name(proto), size)


_UNREACHABLE = {
    icmp.NET: "net %s unreachable",
    icmp.HOST: "host %s unreachable",
    5: "source route to %s failed",
    9: "net %s prohibited",
    10: "host %s prohibited",
    13: "host %s prohibited by filter",
}

# RFC 792 and those after it, where the type alone says it all.
_TYPES = {
    icmp.SOURCE_QUENCH: "source quench",
    9: "router advertisement",
    10: "router solicitation",
    13: "time stamp query",
    14: "time stamp reply",
    17: "address mask request",
    18: "address mask reply",
}


def _icmp(buf, off, end, size, whole):
    if end - off < icmp.HEADER:
        return "ICMP " + short("icmp", off, end, size, icmp.HEADER)
    kind = buf[off]
    code = buf[off + 1]
    if kind == icmp.ECHO or kind == icmp.ECHO_REPLY:
        what = "request" if kind == icmp.ECHO else "reply"
        numbers = (what, be16(buf, off + icmp.ID), be16(buf, off + icmp.SEQ))
        text = "ICMP echo %s, id %d, seq %d" % numbers
    elif kind == icmp.UNREACHABLE:
        text = "ICMP " + _unreachable(buf, off, end, code)
    elif kind == icmp.TIME_EXCEEDED:
        what = "in-transit" if code == icmp.TTL else "ip reassembly"
        text = "ICMP time exceeded " + what
    elif kind == icmp.REDIRECT:
        what = _about(buf, off, end) or "?"
        text = "ICMP redirect %s to %s" % (what, addr.text(addr.load(buf, off + 4)))
    elif kind == icmp.PARAMETER_PROBLEM:
        text = "ICMP parameter problem - octet %d" % buf[off + 4]
    elif kind in _TYPES:
        text = "ICMP " + _TYPES[kind]
    else:
        text = "ICMP type %d, code %d" % (kind, code)
    text += ", length %d" % size
    if whole and checksum(buf, off, end - off):
        text += " [bad icmp cksum]"
    return text


# The destination of the datagram that an error is about; "" if it is not there.
def _about(buf, off, end):
    inner = off + icmp.HEADER
    if end - inner < header.HEADER or buf[inner] >> 4 != 4:
        return ""
    return addr.text(addr.load(buf, inner + header.DST))


def _unreachable(buf, off, end, code):
    what = _about(buf, off, end)
    if not what:
        return "unreachable, code %d [about what is not there]" % code
    if code in _UNREACHABLE:
        return _UNREACHABLE[code] % what
    inner = off + icmp.HEADER
    proto = buf[inner + header.PROTO]
    if code == icmp.PROTOCOL:
        return "%s protocol %s unreachable" % (what, name(proto))
    if code == icmp.FRAG_NEEDED:
        return "%s unreachable - need to frag (mtu %d)" % (what, be16(buf, off + icmp.MTU))
    at = inner + ((buf[inner] & 15) << 2)
    if code == icmp.PORT and at >= inner + header.HEADER and end - at >= _PORTS:
        return "%s %s port %d unreachable" % (what, name(proto), be16(buf, at + 2))
    return "%s unreachable, code %d" % (what, code)


_IGMP_TYPES = {
    igmp.QUERY: "query",
    igmp.V1_REPORT: "v1 report",
    igmp.V2_REPORT: "v2 report",
    igmp.LEAVE: "leave",
}


def _igmp(buf, off, end, size, whole):
    if end - off < igmp.SIZE:
        return "igmp " + short("igmp", off, end, size, igmp.SIZE)
    kind = buf[off]
    if kind == igmp.V3_REPORT:
        text = "igmp v3 report, %d group record(s)" % be16(buf, off + 6)
    elif kind in _IGMP_TYPES:
        text = "igmp %s %s" % (_IGMP_TYPES[kind], addr.text(be32(buf, off + igmp.GROUP)))
    else:
        text = "igmp type 0x%02x, length %d" % (kind, size)
    if whole and checksum(buf, off, end - off):
        text += " [bad igmp cksum]"
    return text
