# Frostnet: ICMP errors that we send
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 792, under the conditions of RFC 1122 §3.2.2.

from micropython import const

from frostnet.ip.limiter import TokenBucket
from frostnet.wire import icmp
from frostnet.wire.addr import is_loopback, is_unicast
from frostnet.wire.ipv4 import OFFSET_MASK

# This many at once, then one per interval.
_BURST = const(10)
_INTERVAL = const(20_000)

# As much of the datagram is returned as fits into one of 576 bytes (RFC 1812 §4.3.2.3).
_QUOTE = const(548)


class Errors:
    """Tells senders what became of their datagrams."""

    def __init__(self, ip):
        self._ip = ip
        self._stack = ip.stack
        self._counters = ip.counters
        self._bucket = TokenBucket(ip.stack.rand, _BURST, _INTERVAL)

    def unreachable(self, code, buf, off, end, src, dst):
        """The datagram at `off`, from `src` to `dst` (ours, or 0 if it is not), did not arrive;
        `code` is icmp.PORT or the like.
        """
        self._report(icmp.UNREACHABLE, code, buf, off, end, src, dst, 0)

    def fragmentation_needed(self, mtu, buf, off, end, src):
        """The datagram does not fit the link ahead, which takes `mtu` bytes (RFC 1191 §4)."""
        self._report(icmp.UNREACHABLE, icmp.FRAG_NEEDED, buf, off, end, src, 0, mtu)

    def expired(self, buf, off, end, src):
        """The datagram's TTL ran out before it was forwarded."""
        self._report(icmp.TIME_EXCEEDED, icmp.TTL, buf, off, end, src, 0, 0)

    def reassembly_timeout(self, buf, src, dst):
        """Fragments are missing; `buf` is the beginning of the first one."""
        if dst in self._ip.owners:
            code = icmp.REASSEMBLY
            self._report(icmp.TIME_EXCEEDED, code, buf, 0, len(buf), src, dst, 0)

    def parameter_problem(self, pointer, buf, off, end, src, dst):
        """The byte `pointer` of the datagram's header makes no sense (RFC 1122 §3.2.2.5)."""
        word = pointer << 24
        self._report(icmp.PARAMETER_PROBLEM, 0, buf, off, end, src, dst, word)

    # Sends an error about the datagram at `off`, which was sent to us alone or is being forwarded.
    def _report(self, kind, code, buf, off, end, src, dst, word):
        counters = self._counters
        header = (buf[off] & 15) << 2
        if (
            not (is_unicast(src) or is_loopback(src))
            or (buf[off + 6] << 8 | buf[off + 7]) & OFFSET_MASK  # not the first fragment
            or buf[off + 9] == 1
            and (end - off <= header or icmp.is_error(buf[off + header]))
        ):
            counters.icmp_tx_withheld += 1
            return
        if not self._bucket.take(self._stack.now):
            counters.icmp_tx_limited += 1
            return
        n = min(end - off, _QUOTE)
        try:
            path = self._ip.shared_path(src, dst)
            out = path.begin()
        except OSError:
            counters.icmp_tx_withheld += 1  # no way back: nobody to tell
            return
        if out is None:
            counters.icmp_tx_no_buffer += 1
            return
        at = path.off
        n = min(n, path.mtu - 28)
        icmp.header(out, at, kind, code, word)
        out[at + 8 : at + 8 + n] = buf[off : off + n]
        icmp.seal(out, at, n + 8)
        path.send(1, n + 8, -1)
        counters.icmp_tx_error += 1
