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
from frostnet.ip import pmtu
from frostnet.ip.ping import Pings
from frostnet.wire import icmp
from frostnet.wire.addr import load
from frostnet.wire.checksum import adjust
from frostnet.wire.fast import checksum, copy

_QUOTE = const(8)  # bytes of our datagram's payload that an error must return

# errno and whether it is hard (RFC 1122 §4.2.3.9), by code of "destination unreachable".
_UNREACHABLE = (
    (ENETUNREACH, False),
    (EHOSTUNREACH, False),
    (ENOPROTOOPT, True),
    (ECONNREFUSED, True),
    (EMSGSIZE, False),  # fragmentation needed, see _too_big()
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
    """Answers echo requests and hands received errors to the transports."""

    def __init__(self, stack):
        self._ip = stack.ip
        self._counters = stack.counters
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
            # Both zeros verify, except that a message of zeros needs the one which is not 0.
            check = adjust(buf[off + 2] << 8 | buf[off + 3], icmp.ECHO << 8, 0) or 0xFFFF
            n = end - off
            if n + 20 > path.mtu:
                self._long_echo(path, buf, off, end, check)
                return
            at = path.off
            copy(out, at, buf, off, n)
            out[at] = icmp.ECHO_REPLY
            out[at + 2] = check >> 8
            out[at + 3] = check & 0xFF
            path.send(1, n, -1)
        except OSError:
            counters.icmp_echo_no_route += 1
            return
        counters.icmp_echo += 1

    def _long_echo(self, path, buf, off, end, check):
        head = bytearray(buf[off : off + icmp.HEADER])
        head[0] = icmp.ECHO_REPLY
        head[2] = check >> 8
        head[3] = check & 0xFF
        if path.send_long(1, head, buf[off + icmp.HEADER : end]):
            self._counters.icmp_echo += 1
        else:
            self._counters.icmp_echo_no_buffer += 1

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
        if kind == icmp.UNREACHABLE and code == icmp.FRAG_NEEDED:
            self._too_big(handler, buf, off, off + header, end, dst)
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

    # A router had to fragment the datagram at `off` and must not. The transport says first if it
    # sent such a datagram at all; those that do not look into it send none that has DF set.
    def _too_big(self, handler, buf, off, data, end, dst):
        mtu = buf[off - 2] << 8 | buf[off - 1]
        peer = load(buf, off + 16)
        ours = getattr(handler, "mtu_ok", None)
        if (
            not buf[off + 6] & 0x40
            or not pmtu.valid(mtu)
            or ours is None
            or not ours(buf, data, end, dst, peer)
        ):
            self._counters.icmp_drop_mtu += 1
        elif self._ip.pmtu.learn(peer, mtu, buf[off + 2] << 8 | buf[off + 3]):
            handler.error(EMSGSIZE, False, buf, data, end, dst, peer)
        else:
            self._counters.icmp_drop_mtu += 1
