# Frostnet: TFTP's packets (RFC 1350 §5, RFC 2347)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

RRQ, WRQ, DATA, ACK, ERROR, OACK = const(1), const(2), const(3), const(4), const(5), const(6)

HEADER = const(4)  # bytes of DATA before the data
REQUEST_MAX = const(512)  # bytes (RFC 2347)
_OPTIONS_MAX = const(16)
_TEXT_MAX = const(200)  # bytes of a text that is kept of a peer

# Error codes (RFC 1350 §5, RFC 2347).
UNDEFINED, NOT_FOUND, ACCESS, FULL = const(0), const(1), const(2), const(3)
ILLEGAL, UNKNOWN_TID, EXISTS, NO_USER = const(4), const(5), const(6), const(7)
BAD_OPTION = const(8)


class TftpError(Exception):
    """A transfer ended without success. `code` is TFTP's, `str()` a text; `told` says that the
    peer told us, rather than we it."""

    def __init__(self, code, text, told=False):
        super().__init__(text)
        self.code = code
        self.told = told


def opcode(data):
    """What a datagram is; 0 if that is not whole."""
    return data[0] << 8 | data[1] if len(data) >= 2 else 0


def block(data):
    """The number in DATA or ACK; -1 if it is cut short."""
    return data[2] << 8 | data[3] if len(data) >= HEADER else -1


def request(kind, name, mode, options=()):
    """RRQ or WRQ, as bytes; `options` are (name, int) pairs. ValueError if that is too long."""
    if "\0" in name or not name:
        raise ValueError("not a file's name: %r" % name)
    packet = bytes((0, kind)) + name.encode() + b"\0" + mode.encode() + b"\0" + _pairs(options)
    if len(packet) > REQUEST_MAX:
        raise ValueError("too long a name for TFTP: %d bytes" % len(name))
    return packet


def oack(options):
    """What was agreed on, as bytes."""
    return bytes((0, OACK)) + _pairs(options)


def ack(number):
    return bytes((0, ACK, number >> 8 & 0xFF, number & 0xFF))


def error(code, text):
    return bytes((0, ERROR, code >> 8, code & 0xFF)) + text.encode() + b"\0"


def read_request(data):
    """The name, the mode in lower case and the options {name: text} of RRQ or WRQ; TftpError."""
    if len(data) > REQUEST_MAX:
        raise TftpError(ILLEGAL, "the request is too long")
    fields = _fields(data)
    if len(fields) < 2 or not fields[0]:
        raise TftpError(ILLEGAL, "the request is malformed")
    return fields[0], fields[1].lower(), _options(fields[2:])


def read_oack(data):
    """The options {name: text} of OACK; TftpError."""
    if len(data) > REQUEST_MAX:
        raise TftpError(BAD_OPTION, "the answer is too long")
    return _options(_fields(data))


def read_error(data):
    """The TftpError that ERROR stands for, of whatever is there of it."""
    code = max(block(data), 0)
    text = bytes(data[HEADER : HEADER + _TEXT_MAX]).split(b"\0")[0]
    text = "".join([chr(c) if 32 <= c < 127 else "?" for c in text])
    return TftpError(code, text or "error %d" % code, True)


# Everything behind the opcode is text, and each ends with a zero.
def _fields(data):
    data = bytes(data[2:])
    if not data:
        return []
    if data[-1]:
        raise TftpError(ILLEGAL, "a text has no end")
    fields = data[:-1].split(b"\0", 2 * _OPTIONS_MAX + 3)
    try:
        return [field.decode() for field in fields]
    except UnicodeError:
        raise TftpError(ILLEGAL, "a text is not UTF-8")


def _options(fields):
    if len(fields) & 1 or len(fields) > 2 * _OPTIONS_MAX:
        raise TftpError(BAD_OPTION, "the options are malformed")
    options = {}
    for i in range(0, len(fields), 2):
        options.setdefault(fields[i].lower(), fields[i + 1])  # given twice, the first counts
    return options


def _pairs(options):
    return b"".join([b"%s\0%d\0" % (name.encode(), value) for name, value in options])
