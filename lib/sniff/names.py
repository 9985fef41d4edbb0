# Frostnet: DNS and DHCP in words
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import addr, dhcp, dns, dns_data
from frostnet.wire.dns_name import read_name, text_name
from sniff.short import be16, be32, short

_ANSWERS = const(4)  # shown of a message
_AA = const(0x04)
_RD = const(0x01)
_RA = const(0x80)

_TYPES = {
    dns.A: "A",
    dns.NS: "NS",
    dns.CNAME: "CNAME",
    dns.SOA: "SOA",
    dns.PTR: "PTR",
    dns.MX: "MX",
    dns.TXT: "TXT",
    dns.AAAA: "AAAA",
    dns.SRV: "SRV",
    dns.OPT: "OPT",
    dns.NSEC: "NSEC",
    65: "HTTPS",
    dns.ANY: "ANY",
}

_RCODES = (None, "FormErr", "ServFail", "NXDomain", "NotImp", "Refused")
_OPCODES = {1: "inv_q", 2: "stat", 4: "notify", 5: "update"}


def domain(buf, off, end, size):
    """Return the text about the DNS message `buf[off:end]`, of `size` bytes, RFC 1035 §4.1.

    As tcpdump: the id, then "+" if recursion is desired, or what the answer's header says, the
    question, and answers/authority/additional; "*" is authoritative, "-" without recursion, "|"
    truncated.
    """
    if end - off < dns.HEADER:
        return "DNS " + short("domain", off, end, size, dns.HEADER)
    text = "%d" % be16(buf, off)
    flags = buf[off + 2]
    opcode = (flags & dns.OPCODE) >> 3
    if opcode:
        text += " " + (_OPCODES.get(opcode) or "opcode%d" % opcode)
    if flags & dns.QR:
        text += _response(buf, off, flags)
    else:
        text += "+" if flags & _RD else ""
    try:
        text += _sections(buf, off, end, flags & dns.QR)
    except ValueError as e:
        # A name that ends with what was captured is nobody's fault.
        text += " [|domain]" if end - off < size else " [malformed: %s]" % e
    return text + " (%d)" % size


def _response(buf, off, flags):
    rcode = buf[off + 3] & 15
    text = ""
    if rcode:
        text += " " + (_RCODES[rcode] if rcode < len(_RCODES) else "rcode%d" % rcode)
    if flags & _AA:
        text += "*"
    if not buf[off + 3] & _RA:
        text += "-"
    if flags & dns.TC:
        text += "|"
    return text


def _sections(buf, off, end, response):
    at = off + dns.HEADER
    text = ""
    questions = be16(buf, off + 4)
    if questions:
        name, at = read_name(buf, off, at, end)
        if at + 4 > end:
            raise ValueError("question runs out of the message")
        text += " %s? %s." % (_type(be16(buf, at)), _dotless(name))
        at += 4
    if questions > 1:
        return text + " [%d questions]" % questions
    if not response:
        return text
    text += " %d/%d/%d" % (be16(buf, off + 6), be16(buf, off + 8), be16(buf, off + 10))
    separator = " "
    for _ in range(min(be16(buf, off + 6), _ANSWERS)):
        record, at = dns.read_record(buf, off, at, end)
        text += separator + _record(buf, off, record)
        separator = ", "
    return text


def _dotless(name):
    text = text_name(name)
    return "" if text == "." else text


def _type(number):
    return _TYPES.get(number) or "TYPE%d" % number


def _record(buf, base, record):
    kind = _type(record.rtype)
    if record.rtype not in dns_data.TYPES:
        return kind
    data = dns_data.read(buf, base, record)
    if record.rtype == dns.A:
        return "A " + addr.text(data)
    if record.rtype == dns.TXT:
        return "TXT %d bytes" % (record.end - record.off)
    if isinstance(data, tuple):
        data = " ".join([str(part) for part in data])
    return kind + " " + data


_KINDS = (
    "",
    "Discover",
    "Offer",
    "Request",
    "Decline",
    "ACK",
    "NAK",
    "Release",
    "Inform",
    "Forcerenew",
)

_YIADDR = const(16)
_CIADDR = const(12)
_CHADDR = const(28)
_COOKIE = const(236)
_OPTIONS = const(240)
_MAGIC = const(0x63825363)


def bootp(buf, off, end, size):
    """Return the text about the DHCP message `buf[off:end]`, of `size` bytes, RFC 2131 §2."""
    if end - off < _COOKIE:
        return "BOOTP " + short("bootp", off, end, size, _COOKIE)
    op = buf[off]
    if op != 1 and op != 2:
        return "BOOTP, [operation %d], length %d" % (op, size)
    mac = addr.mac_text(bytes(buf[off + _CHADDR : off + _CHADDR + 6]))
    text = "BOOTP/DHCP, %s %s, xid 0x%08x" % (
        "Request from" if op == 1 else "Reply to",
        mac,
        be32(buf, off + 4),
    )
    if end - off >= _OPTIONS and be32(buf, off + _COOKIE) == _MAGIC:
        text += _dhcp(buf, off + _OPTIONS, end, end - off < size)
    for label, at in (("client", _CIADDR), ("your", _YIADDR)):
        ip = be32(buf, off + at)
        if ip:
            text += ", %s-ip %s" % (label, addr.text(ip))
    return text + ", length %d" % size


def _dhcp(buf, at, end, cut):
    # The options, as far as they are of interest; each turn moves on.
    text = ""
    while at < end:
        code = buf[at]
        at += 1
        if code == dhcp.PAD:
            continue
        if code == dhcp.END:
            return text
        n = buf[at] if at < end else 0
        if at >= end or at + 1 + n > end:
            return text + (" [|dhcp]" if cut else " [option %d too long]" % code)
        at += 1
        if code == dhcp.TYPE and n == 1:
            kind = buf[at]
            name = _KINDS[kind] if 0 < kind < len(_KINDS) else "type %d" % kind
            text += ", DHCP " + name
        elif code == dhcp.REQUESTED and n == 4:
            text += ", requested " + addr.text(be32(buf, at))
        elif code == dhcp.SERVER and n == 4:
            text += ", server " + addr.text(be32(buf, at))
        at += n
    return text
