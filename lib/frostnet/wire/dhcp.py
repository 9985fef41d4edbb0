# Frostnet: DHCP message format (RFC 2131 section 2, options RFC 2132)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

CLIENT_PORT = const(68)
SERVER_PORT = const(67)
MAX_SIZE = const(576)  # what a client must accept and may send (RFC 2131 section 2)

# Message types (RFC 2132 section 9.6)
DISCOVER = const(1)
OFFER = const(2)
REQUEST = const(3)
DECLINE = const(4)
ACK = const(5)
NAK = const(6)
RELEASE = const(7)
INFORM = const(8)

# Option codes
PAD = const(0)
MASK = const(1)
ROUTERS = const(3)
DNS = const(6)
HOSTNAME = const(12)
DOMAIN = const(15)
MTU = const(26)
BROADCAST = const(28)
NTP = const(42)
REQUESTED = const(50)
LEASE_TIME = const(51)
OVERLOAD = const(52)
TYPE = const(53)
SERVER = const(54)
WANTED = const(55)
MAX_MESSAGE = const(57)
T1 = const(58)
T2 = const(59)
VENDOR_CLASS = const(60)
CLIENT_ID = const(61)
SEARCH = const(119)  # RFC 3397
ROUTES = const(121)  # RFC 3442
END = const(255)

# Offsets of the fixed part
_OP = const(0)
_XID = const(4)
_SECS = const(8)
_FLAGS = const(10)
_CIADDR = const(12)
_YIADDR = const(16)
_CHADDR = const(28)
_SNAME = const(44)
_FILE = const(108)
_COOKIE = const(236)
_OPTIONS = const(240)

_BOOTREQUEST = const(1)
_BOOTREPLY = const(2)
_ETHERNET = const(1)
_MAC_SIZE = const(6)
_MAGIC = const(0x63825363)
_BROADCAST_FLAG = const(0x80)
_MIN_SIZE = const(300)  # the size of a BOOTP message: relays may drop less (RFC 1542 2.1)
_MAX_FIELDS = const(64)  # options read from one message
_MAX_NAME = const(253)


def get32(buf, at):
    return buf[at] << 24 | buf[at + 1] << 16 | buf[at + 2] << 8 | buf[at + 3]


def put32(buf, at, value):
    buf[at] = value >> 24 & 0xFF
    buf[at + 1] = value >> 16 & 0xFF
    buf[at + 2] = value >> 8 & 0xFF
    buf[at + 3] = value & 0xFF


def begin(buf, kind, xid, secs, ciaddr, mac, broadcast=False):
    """Write the fixed part and the message type; return the offset for the next option.

    `buf` holds at least MAX_SIZE bytes. `broadcast` asks the server not to send the reply to
    the address that it grants (RFC 2131 section 4.1).
    """
    for i in range(_OPTIONS):
        buf[i] = 0
    buf[_OP] = _BOOTREQUEST
    buf[_OP + 1] = _ETHERNET
    buf[_OP + 2] = _MAC_SIZE
    put32(buf, _XID, xid)
    secs = min(secs, 0xFFFF)
    buf[_SECS] = secs >> 8
    buf[_SECS + 1] = secs & 0xFF
    if broadcast:
        buf[_FLAGS] = _BROADCAST_FLAG
    put32(buf, _CIADDR, ciaddr)
    buf[_CHADDR : _CHADDR + _MAC_SIZE] = mac
    put32(buf, _COOKIE, _MAGIC)
    buf[_OPTIONS] = TYPE
    buf[_OPTIONS + 1] = 1
    buf[_OPTIONS + 2] = kind
    return _OPTIONS + 3


def put(buf, at, code, value):
    """Append an option of 1 to 255 bytes; return the next offset."""
    n = len(value)
    buf[at] = code
    buf[at + 1] = n
    at += 2
    buf[at : at + n] = value
    return at + n


def put_address(buf, at, code, addr):
    buf[at] = code
    buf[at + 1] = 4
    put32(buf, at + 2, addr)
    return at + 6


def finish(buf, at):
    """Append END, pad to the least size; return the length of the message."""
    buf[at] = END
    at += 1
    while at < _MIN_SIZE:
        buf[at] = PAD
        at += 1
    return at


class Message:
    """`kind` (message type), `xid`, `yiaddr`, `mac`, and `options`: {code: bytes}. For a client's
    message dhcp_reply.py stores the rest.
    """

    ciaddr = 0
    giaddr = 0
    flags = 0

    def __init__(self, kind, xid, yiaddr, mac, options):
        self.kind = kind
        self.xid = xid
        self.yiaddr = yiaddr
        self.mac = mac
        self.options = options

    def address(self, code):
        """An option that is one address; 0 when it is missing or not four bytes."""
        value = self.options.get(code, b"")
        return get32(value, 0) if len(value) == 4 else 0

    def addresses(self, code, limit):
        """A list of at most `limit` addresses; empty when its length is not a multiple of 4."""
        value = self.options.get(code, b"")
        n = len(value)
        if n % 4:
            return []
        return [get32(value, at) for at in range(0, min(n, 4 * limit), 4)]

    def number(self, code, size):
        """An option that is one number of `size` bytes, or `None`."""
        value = self.options.get(code, b"")
        return int.from_bytes(value, "big") if len(value) == size else None

    def name(self, code):
        """A host or domain name; empty unless it is printable ASCII without blanks."""
        value = self.options.get(code, b"").rstrip(b"\0")
        if len(value) > _MAX_NAME:
            return ""
        for c in value:
            if not 0x21 <= c <= 0x7E:
                return ""
        return value.decode()


def _fields(buf, at, end, options):
    # Read one options field; False if it is damaged. A field without END is accepted, as
    # deployed servers send it. Options that come more than once are joined (RFC 3396).
    room = _MAX_FIELDS
    while at < end:
        code = buf[at]
        at += 1
        if code == PAD:
            continue
        if code == END:
            return True
        if at >= end:
            return False
        n = buf[at]
        at += 1
        if at + n > end or not room:
            return False
        room -= 1
        options[code] = options.get(code, b"") + bytes(buf[at : at + n])
        at += n
    return True


def parse(buf, off, end, op=_BOOTREPLY):
    """Read a server's reply in buf[off:end]; return a `Message`, or `None` if it is none.

    With `op` 1 it is a client's message that is read.
    """
    if (
        end - off < _OPTIONS
        or buf[off + _OP] != op
        or buf[off + 1] != _ETHERNET
        or buf[off + 2] != _MAC_SIZE
        or get32(buf, off + _COOKIE) != _MAGIC
    ):
        return None
    options = {}
    if not _fields(buf, off + _OPTIONS, end, options):
        return None
    if OVERLOAD in options:
        # Asked only once, of the options field itself: the other two cannot send us on
        value = options[OVERLOAD]
        if len(value) != 1 or not 1 <= value[0] <= 3:
            return None
        if value[0] & 1 and not _fields(buf, off + _FILE, off + _COOKIE, options):
            return None
        if value[0] & 2 and not _fields(buf, off + _SNAME, off + _FILE, options):
            return None
    kind = options.get(TYPE, b"")
    if len(kind) != 1:
        return None
    return Message(
        kind[0],
        get32(buf, off + _XID),
        get32(buf, off + _YIADDR),
        bytes(buf[off + _CHADDR : off + _CHADDR + _MAC_SIZE]),
        options,
    )
