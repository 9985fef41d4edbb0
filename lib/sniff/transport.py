# Frostnet: TCP and UDP in words
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import dhcp, dns
from frostnet.wire.checksum import checksum, pseudo
from sniff.names import bootp, domain
from sniff.short import be16, be32, short

_TCP_HEADER = const(20)
_UDP_HEADER = const(8)
_TCP = const(6)
_UDP = const(17)
_MDNS = const(5353)

_URG = const(0x20)
_ACK = const(0x10)

# In tcpdump's order; a dot is ACK, E and W are ECE and CWR.
_FLAGS = ((1, "F"), (2, "S"), (4, "R"), (8, "P"), (_ACK, "."), (_URG, "U"), (64, "E"), (128, "W"))


def tcp(buf, off, end, size, src, dst, whole):
    """Return the text about the TCP segment `buf[off:end]`, of `size` bytes, RFC 9293 §3.1.

    Sequence numbers are as on the link. `whole`: the checksum is looked at.
    """
    if end - off < _TCP_HEADER:
        return "tcp " + short("tcp", off, end, size, _TCP_HEADER)
    head = buf[off + 12] >> 2 & 0x3C
    bits = buf[off + 13]
    flags = "".join([letter for bit, letter in _FLAGS if bits & bit])
    text = "Flags [%s]" % (flags or "none")
    if head < _TCP_HEADER or head > size:
        return text + " [bad header length %d: less than 20, or more than %d]" % (head, size)
    data = size - head
    seq = be32(buf, off + 4)
    if data:
        text += ", seq %d:%d" % (seq, seq + data & 0xFFFFFFFF)
    elif bits & 7:
        text += ", seq %d" % seq  # what takes a number of its own, and RST
    if bits & _ACK:
        text += ", ack %d" % be32(buf, off + 8)
    text += ", win %d" % be16(buf, off + 14)
    if bits & _URG:
        text += ", urg %d" % be16(buf, off + 18)
    if head > _TCP_HEADER:
        stop = min(off + head, end)
        text += ", options [%s]" % _options(buf, off + _TCP_HEADER, stop, off + head)
    text += ", length %d" % data
    if whole and checksum(buf, off, size, pseudo(src, dst) + _TCP + size):
        text += " [bad tcp cksum]"
    return text


# Kinds of RFC 9293 §3.1, 7323, 2018; `end` is the end of what is there, `stop` of the header.
def _options(buf, off, end, stop):
    words = []
    while off < end:
        kind = buf[off]
        if kind == 0:
            words.append("eol")
            return ",".join(words)
        if kind == 1:
            words.append("nop")
            off += 1
            continue
        n = buf[off + 1] if off + 1 < end else 0
        if off + 1 >= end or off + n > end:
            words.append("|tcp" if end < stop else "bad option %d: too long" % kind)
            return ",".join(words)
        if n < 2:
            words.append("bad option %d: length %d" % (kind, n))
            return ",".join(words)
        words.append(_option(buf, off + 2, kind, n))
        off += n
    if end < stop:
        words.append("|tcp")
    return ",".join(words)


def _option(buf, at, kind, n):
    if kind == 2 and n == 4:
        return "mss %d" % be16(buf, at)
    if kind == 3 and n == 3:
        return "wscale %d" % buf[at]
    if kind == 4 and n == 2:
        return "sackOK"
    if kind == 5 and n > 2 and n & 7 == 2:
        blocks = ["{%d:%d}" % (be32(buf, i), be32(buf, i + 4)) for i in range(at, at + n - 2, 8)]
        return "sack %d %s" % (len(blocks), "".join(blocks))
    if kind == 8 and n == 10:
        return "TS val %d ecr %d" % (be32(buf, at), be32(buf, at + 4))
    data = bytes(buf[at : at + n - 2]).hex()
    return "unknown-%d%s" % (kind, " 0x" + data if data else "")


def udp(buf, off, end, size, src, dst, whole):
    """Return the text about the UDP datagram `buf[off:end]`, of `size` bytes, RFC 768.

    `whole`: all of it is there, and the checksum is looked at.
    """
    if end - off < _UDP_HEADER:
        return "udp " + short("udp", off, end, size, _UDP_HEADER)
    length = be16(buf, off + 4)
    if length < _UDP_HEADER:
        return "UDP, [bad length %d: less than 8]" % length
    # The first fragment of a longer datagram has less than the length says.
    if whole and length > size:
        return "UDP, [bad length %d: only %d bytes there]" % (length, size)
    if off + length < end:
        end = off + length
    data = off + _UDP_HEADER
    sport = be16(buf, off)
    dport = be16(buf, off + 2)
    if dns.PORT in (sport, dport) or _MDNS in (sport, dport):
        text = domain(buf, data, end, length - _UDP_HEADER)
    elif dhcp.CLIENT_PORT in (sport, dport) and dhcp.SERVER_PORT in (sport, dport):
        text = bootp(buf, data, end, length - _UDP_HEADER)
    else:
        text = "UDP, length %d" % (length - _UDP_HEADER)
    if whole and be16(buf, off + 6):
        if checksum(buf, off, length, pseudo(src, dst) + _UDP + length):
            text += " [bad udp cksum]"
    return text
