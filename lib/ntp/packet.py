# Frostnet: NTP's packets, and what makes an answer unfit (RFC 5905 sections 7.3 and A.5.1)
# MIT license; Copyright (c) 2026 The Frostnet authors

# Times are µs since 1970. A timestamp whose first bit is not set belongs to the era that begins in
# 2036 (RFC 4330 section 3): all times from 1968 to 2104 can be told.

from micropython import const

PORT = const(123)
SIZE = const(48)  # extension fields and MACs may follow

ALARM = const(3)  # leap indicator of a clock that is not synchronized

_VERSION = const(4)
_CLIENT = const(3)
_SERVER = const(4)
_STRATUM_MAX = const(15)
_DISTANCE_MAX = const(1500000)  # µs: MAXDIST of RFC 5905 section 11.2.1

# Offsets
_STRATUM = const(1)
_ROOT_DELAY = const(4)
_ROOT_DISPERSION = const(8)
_REFERENCE_ID = const(12)
_REFERENCE = const(16)
_ORIGINATE = const(24)
_RECEIVE = const(32)
_TRANSMIT = const(40)

_1970 = const(2208988800)  # s from 1900
_ERA = const(1 << 32)


def request(cookie):
    """Return a request whose transmit timestamp is `cookie`, 8 random bytes.

    The server returns it, and nobody else knows it; our time is none of its business.
    """
    buf = bytearray(SIZE)
    buf[0] = _VERSION << 3 | _CLIENT
    buf[_TRANSMIT:SIZE] = cookie
    return buf


class Reply:
    """What a server said. `kiss` is its four-letter code if it declined (stratum 0), else "".

    `receive`, `transmit` and `reference` are None for never. `distance` is how far off its clock
    may be by its own account, in µs.
    """

    def __init__(self, buf, off):
        self.leap = buf[off] >> 6
        self.stratum = buf[off + _STRATUM]
        self.kiss = _ascii(buf[off + _REFERENCE_ID : off + _REFERENCE]) if not self.stratum else ""
        self.distance = _short(buf, off + _ROOT_DELAY) // 2 + _short(buf, off + _ROOT_DISPERSION)
        self.reference = _time(buf, off + _REFERENCE)
        self.originate = bytes(buf[off + _ORIGINATE : off + _RECEIVE])
        self.receive = _time(buf, off + _RECEIVE)
        self.transmit = _time(buf, off + _TRANSMIT)

    def fault(self):
        """Return why the time must not be believed, as a text that follows the server; or ""."""
        if self.leap == ALARM or self.stratum > _STRATUM_MAX:
            return "has no time itself yet"
        receive, transmit, reference = self.receive, self.transmit, self.reference
        if receive is None or transmit is None or not 0 <= receive <= transmit:
            return "sent times that cannot be"
        if reference is not None and reference > transmit:
            return "sent times that cannot be"
        if self.distance >= _DISTANCE_MAX:
            return "does not know the time well enough"
        return ""


def parse(buf, off, end):
    """Read a server's answer in buf[off:end]; return a Reply, or None if it is none."""
    if end - off < SIZE:
        return None
    version = buf[off] >> 3 & 7
    if buf[off] & 7 != _SERVER or not 1 <= version <= _VERSION:
        return None
    return Reply(buf, off)


# µs since 1970 of the timestamp at `at`; None for 0, which means that there is none.
def _time(buf, at):
    seconds = int.from_bytes(buf[at : at + 4], "big")
    fraction = int.from_bytes(buf[at + 4 : at + 8], "big")
    if not seconds and not fraction:
        return None
    if not seconds >> 31:
        seconds += _ERA
    return (seconds - _1970) * 1000000 + (fraction * 1000000 >> 32)


# µs of a number with 16 bits before and after the point.
def _short(buf, at):
    return int.from_bytes(buf[at : at + 4], "big") * 1000000 >> 16


def _ascii(code):
    return "".join([chr(c) if 0x41 <= c <= 0x5A else "?" for c in code])
