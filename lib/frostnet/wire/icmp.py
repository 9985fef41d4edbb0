# Frostnet: ICMP messages
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 792.

from micropython import const

from frostnet.wire.checksum import checksum

HEADER = const(8)

ECHO_REPLY = const(0)
UNREACHABLE = const(3)
SOURCE_QUENCH = const(4)
REDIRECT = const(5)
ECHO = const(8)
TIME_EXCEEDED = const(11)
PARAMETER_PROBLEM = const(12)

# Codes of UNREACHABLE.
NET = const(0)
HOST = const(1)
PROTOCOL = const(2)
PORT = const(3)
FRAG_NEEDED = const(4)

# Codes of TIME_EXCEEDED.
TTL = const(0)
REASSEMBLY = const(1)

# Offsets.
ID = const(4)
SEQ = const(6)
MTU = const(6)  # of FRAG_NEEDED, RFC 1191 §4


def is_error(kind):
    """Say whether a message of this type is an error, about which no error may be sent."""
    return kind in (UNREACHABLE, SOURCE_QUENCH, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM)


def header(buf, off, kind, code, word=0):
    """Write the 8 bytes that begin a message; the checksum is left 0."""
    buf[off] = kind
    buf[off + 1] = code
    buf[off + 2] = 0
    buf[off + 3] = 0
    buf[off + 4] = word >> 24
    buf[off + 5] = word >> 16 & 255
    buf[off + 6] = word >> 8 & 255
    buf[off + 7] = word & 255


def seal(buf, off, n):
    """Store the checksum of the message of `n` bytes at `off`, whose checksum is 0 so far."""
    check = checksum(buf, off, n)
    buf[off + 2] = check >> 8
    buf[off + 3] = check & 0xFF


def echo_header(word, payload):
    """Return the header, a bytearray, of an echo request; `word` is identifier << 16 | number."""
    buf = bytearray(HEADER)
    header(buf, 0, ECHO, 0, word)
    check = checksum(buf, 0, HEADER, checksum(payload, 0, len(payload)) ^ 0xFFFF)
    buf[2] = check >> 8
    buf[3] = check & 0xFF
    return buf
