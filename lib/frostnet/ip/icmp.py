# Frostnet: ICMP
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.errnos import (
    ECONNREFUSED,
    EHOSTUNREACH,
    EMSGSIZE,
    ENETUNREACH,
    ENOPROTOOPT,
    EOPNOTSUPP,
    EPROTO,
)
from frostnet.ip.ping import Pings
from frostnet.wire import icmp
from frostnet.wire.addr import is_unicast, load
from frostnet.wire.checksum import adjust
from frostnet.wire.fast import checksum, copy

# Errors that we send: this many at once, then one per interval (RFC 1812 §4.3.2.8).
_BURST = const(10)
_INTERVAL = const(20_000)

_QUOTE = const(8)  # bytes of a datagram's payload that an error returns to its sender

# errno and whether it is hard (RFC 1122 §4.2.3.9), by code of "destination unreachable".
_UNREACHABLE = (
    (ENETUNREACH, False),
    (EHOSTUNREACH, False),
    (ENOPROTOOPT, True),
    (ECONNREFUSED, True),
    (EMSGSIZE, False),
    (EOPNOTSUPP, False),  # source route failed
    (ENETUNREACH, True),  # network unknown
    (EHOSTUNREACH, True),  # host unknown
    (EHOSTUNREACH, True),  # source host isolated
    (ENETUNREACH, True),  # prohibited
    (EHOSTUNREACH, True),
    (ENETUNREACH, False),  # not for this type of service
    (EHOSTUNREACH, False),
    (EHOSTUNREACH, True),  # filtered
    (EHOSTUNREACH, True),
    (EHOSTUNREACH, True),
)


class ICMP:
    """Answers echo requests, sends errors and hands received ones to the transports."""

    def __init__(self, stack):
        self._stack = stack
        self._ip = stack.ip
        self._counters = stack.counters
        self._tokens = _BURST
        self._refilled = 0  # when
        self.pings = Pings(stack)
        stack.ip.register(1, self, group=True)

    def input(self, iface, buf, off, end, src, dst):
        counters = self._counters
        counters.icmp_rx += 1
        if end - off < icmp.HEADER:
            counters.icmp_drop_short += 1
        elif checksum(buf, off, end - off, 0):
            counters.icmp_drop_checksum += 1
        else:
            kind = buf[off]
            if kind == icmp.ECHO:
                self._echo(buf, off, end, src, dst)
            elif kind == icmp.ECHO_REPLY:
                if buf[off + 1]:
                    counters.icmp_drop_code += 1
                else:
                    self.pings.input(buf, off, end, src, buf[self._ip.head + 8])
            elif kind in (icmp.UNREACHABLE, icmp.TIME_EXCEEDED, icmp.PARAMETER_PROBLEM):
                self._error(kind, buf[off + 1], buf, off + icmp.HEADER, end, dst)
            else:
                counters.icmp_drop_type += 1

    def error(self, errno, hard, buf, off, end, src, dst):
        """An echo request of ours was undeliverable (errors are never about our errors)."""
        if end - off >= icmp.HEADER and buf[off] == icmp.ECHO:
            self.pings.error(errno, buf, off, dst)

    def unreachable(self, iface, code, buf, off, end, src, dst):
        """Tell the sender of the datagram at `off`, which was sent to us alone, that it did not
        arrive; `code` is icmp.PORT or the like.
        """
        self._report(iface, icmp.UNREACHABLE, code, buf, off, end, src, dst)

    def reassembly_timeout(self, iface, buf, src, dst):
        """Tell the sender of a datagram that some of its fragments are missing; `buf` is the
        beginning of the first one.
        """
        if self._ip.local.get(dst) == 1:
            code = icmp.REASSEMBLY
            self._report(iface, icmp.TIME_EXCEEDED, code, buf, 0, len(buf), src, dst)

    # Sends an error about the datagram at `off`. Conditions and rate: RFC 1122 §3.2.2.
    def _report(self, iface, kind, code, buf, off, end, src, dst):
        header = (buf[off] & 15) << 2
        if not is_unicast(src) and not iface.loopback:
            return
        if buf[off + 9] == 1 and (end - off <= header or icmp.is_error(buf[off + header])):
            return
        counters = self._counters
        if not self._allowed():
            counters.icmp_tx_limited += 1
            return
        n = min(end - off, header + _QUOTE)
        try:
            path = self._ip.shared_path(src, dst)
            out = path.begin()
        except OSError:
            return  # no way back: nobody to tell
        if out is None:
            counters.icmp_tx_no_buffer += 1
            return
        at = path.off
        icmp.header(out, at, kind, code)
        out[at + 8 : at + 8 + n] = buf[off : off + n]
        icmp.seal(out, at, n + 8)
        path.send(1, n + 8, -1)
        counters.icmp_tx_error += 1

    # Sends the request back as the reply; only type and checksum differ.
    def _echo(self, buf, off, end, src, dst):
        counters = self._counters
        if self._ip.group:
            counters.icmp_drop_broadcast += 1
            return
        if buf[off + 1]:
            counters.icmp_drop_code += 1
            return
        try:
            path = self._ip.shared_path(src, dst)
            out = path.begin()
            if out is None:
                counters.icmp_echo_no_buffer += 1
                return
            at = path.off
            n = end - off
            if at + n > len(out):
                counters.icmp_drop_too_long += 1
                return
            copy(out, at, buf, off, n)
            out[at] = icmp.ECHO_REPLY
            # Both zeros verify, except that a message of zeros needs the one which is not 0.
            check = adjust(buf[off + 2] << 8 | buf[off + 3], icmp.ECHO << 8, 0) or 0xFFFF
            out[at + 2] = check >> 8
            out[at + 3] = check & 0xFF
            path.send(1, n, -1)
        except OSError:
            return  # no way back
        counters.icmp_echo += 1

    # Takes apart the datagram that an error quotes and tells its transport. What follows the IP
    # header is the transport's to check: it knows what it sent (RFC 5927 §4).
    def _error(self, kind, code, buf, off, end, dst):
        ip = self._ip
        n = end - off
        header = (buf[off] & 15) << 2 if n >= 20 else 0
        if (
            header < 20
            or buf[off] >> 4 != 4
            or n < header + _QUOTE
            or (buf[off + 2] << 8 | buf[off + 3]) < header + _QUOTE
            or buf[off + 6] & 0x1F  # not the first fragment
            or buf[off + 7]
            or load(buf, off + 12) != dst  # it goes to who sent the datagram
            or ip.group
        ):
            self._counters.icmp_drop_quote += 1
            return
        handler = ip.handler(buf[off + 9])
        if handler is None:
            self._counters.icmp_drop_quote += 1
            return
        if kind == icmp.UNREACHABLE:
            if code >= len(_UNREACHABLE):
                self._counters.icmp_drop_code += 1
                return
            errno, hard = _UNREACHABLE[code]
        elif kind == icmp.TIME_EXCEEDED:
            errno, hard = EHOSTUNREACH, False
        else:
            errno, hard = EPROTO, False
        peer = load(buf, off + 16)
        handler.error(errno, hard, buf, off + header, end, dst, peer)

    def _allowed(self):
        now = self._stack.now
        earned = (now - self._refilled) // _INTERVAL
        if earned:
            self._tokens = min(_BURST, self._tokens + earned)
            self._refilled += earned * _INTERVAL
        if not self._tokens:
            return False
        self._tokens -= 1
        return True
