# Frostnet: finding the routers on the way to a host
# MIT license; Copyright (c) 2026 The Frostnet authors

# Datagrams whose TTL runs out on the way: the router that drops one says so (RFC 792, RFC 1812
# §5.2.7.3). They go to UDP ports where nobody listens, or are echo requests, so that the host
# itself answers too. Answers are seen by a raw endpoint, since handlers of transports are not told
# who sent an error. Each UDP probe comes from a port of its own: a NAT that is a program with
# sockets, such as QEMU's, tells what became of a datagram to the next one of the same port.

from micropython import const

from frostnet.errnos import EHOSTUNREACH
from frostnet.ip import raw
from frostnet.udp_options import Options
from frostnet.wire import icmp, ipv4
from frostnet.wire.addr import load
from frostnet.wire.fast import checksum

PORT = const(33434)  # of the first probe, as ever; the next go to the ones above
_OUTSTANDING = const(16)  # probes whose answers are awaited
_UDP = const(8)  # bytes of a header

# What became of a probe. Less than 256: unreachable, an ICMP code.
EXPIRED = const(-1)  # a router on the way dropped it
REACHED = const(-2)  # the host has it


class Answer:
    """Of probe `number`: what became of it (`what`), who said so, `rtt` in µs."""

    def __init__(self, number, what, addr, rtt):
        self.number = number
        self.what = what
        self.addr = addr
        self.rtt = rtt


class Trace:
    """Sends probes to `dst`, with `size` bytes after the IP header, and collects the answers.

    `echo`: by echo requests, not UDP. OSError: no route, or ENOBUFS. `answers` is for the user to
    empty; each probe has one answer at most, whatever comes in.
    """

    def __init__(self, stack, dst, size=40, echo=False):
        self.dst = dst
        self.answers = []
        self._stack = stack
        self._payload = bytes([0x40 + (i & 0x3F) for i in range(size - _UDP)])
        self._sent = {}  # number of a probe: (when, UDP endpoint or None)
        self._ping = None
        self._src = stack.ip.path(dst).src
        self._told = -1  # time of the poll in which an ICMP message came last
        self._icmp = raw.of(stack).open(ipv4.PROTO_ICMP)
        self._icmp.handler = self._input
        if echo:
            try:
                self._ping = stack.icmp.pings.open()
            except OSError:
                self._icmp.close()
                raise

    def close(self):
        """Give back what it has in the stack."""
        self._icmp.close()
        if self._ping:
            self._ping.close()
        for number in list(self._sent):
            self.forget(number)

    def waiting(self, number):
        """Return whether the answer to a probe has yet to come."""
        return number in self._sent

    def forget(self, number):
        """Take no answer to this probe any more; return when it was sent, None if that is over."""
        sent = self._sent.pop(number, None)
        if sent is None:
            return None
        when, udp = sent
        if udp:
            udp.close()
        return when

    def send(self, number, ttl, now):
        """Send probe `number`, 0 to 30000, with this TTL.

        Returns False if the device had no room. OSError: as Path.begin(), EMSGSIZE, ENOBUFS if
        no port is free; but if the first hop does not answer, that is an answer from ourselves.
        """
        while len(self._sent) >= _OUTSTANDING:
            self.forget(min(self._sent))
        udp = None if self._ping else self._stack.udp.open()
        self._sent[number] = now, udp
        try:
            if udp:
                done = self._send_udp(udp, number, ttl)
            else:
                done = self._ping.send(self.dst, number, self._payload, now, ttl)
        except OSError as e:
            if e.errno != EHOSTUNREACH:
                self.forget(number)
                raise
            self._settle(number, icmp.HOST, self._src)
            return True
        if not done:
            self.forget(number)
        return done

    def _send_udp(self, udp, number, ttl):
        udp.handler = self._replied
        udp.on_error = self._failed
        options = Options()
        options.ttl = ttl
        udp.set_options(options)
        udp.connect(self.dst, PORT + number)
        return udp.send(self._payload)

    # The handler of the raw endpoint: an ICMP message to us, with its IP header at `head`, which
    # is sound. RFC 1122 §3.2.2 has the rest.
    def _input(self, iface, buf, head, end, src, sport):
        self._told = self._stack.now
        if load(buf, head + ipv4.DST) != self._src:
            return
        off = head + ((buf[head] & 15) << 2)
        n = end - off
        if n < icmp.HEADER or checksum(buf, off, n, 0):
            return
        kind = buf[off]
        if kind == icmp.ECHO_REPLY:
            if self._ping and src == self.dst and _word(buf, off + icmp.ID) == self._ping.ident:
                self._settle(_word(buf, off + icmp.SEQ), REACHED, src)
            return
        code = buf[off + 1]
        if kind == icmp.UNREACHABLE:
            what = REACHED if code == icmp.PORT and not self._ping else code
        elif kind == icmp.TIME_EXCEEDED and code == icmp.TTL:
            what = EXPIRED
        else:
            return
        number = self._quoted(buf, off + icmp.HEADER, end)
        if number is not None:
            self._settle(number, what, src)

    # Returns the number of the probe that an ICMP error quotes, None if that is none of ours. The
    # first eight bytes after the IP header are sure to be there (RFC 792); the port or identifier
    # in them was drawn at random, so that others cannot answer blindly (RFC 5927 §4).
    def _quoted(self, buf, off, end):
        if end - off < ipv4.HEADER or buf[off] >> 4 != 4:
            return None
        at = off + ((buf[off] & 15) << 2)
        if (
            at < off + ipv4.HEADER
            or end - at < _UDP
            or load(buf, off + ipv4.SRC) != self._src
            or load(buf, off + ipv4.DST) != self.dst
            or _word(buf, off + ipv4.FRAGMENT) & ipv4.OFFSET_MASK
        ):
            return None
        proto = buf[off + ipv4.PROTO]
        if self._ping:
            ours = (
                proto == ipv4.PROTO_ICMP
                and buf[at] == icmp.ECHO
                and _word(buf, at + icmp.ID) == self._ping.ident
            )
            return _word(buf, at + icmp.SEQ) if ours else None
        number = _word(buf, at + 2) - PORT
        sent = self._sent.get(number)
        if (
            sent is None
            or proto != ipv4.PROTO_UDP
            or _word(buf, at) != sent[1].port
            or _word(buf, at + 4) != _UDP + len(self._payload)
        ):
            return None
        return number

    # Somebody listens at that port, and has answered.
    def _replied(self, iface, buf, off, end, src, sport):
        self._settle(sport - PORT, REACHED, src)

    # Called for ICMP errors too, after _input() has had its say; else our own link is to blame.
    def _failed(self, errno, dst, dport):
        if self._told != self._stack.now:
            self._settle(dport - PORT, icmp.HOST, self._src)

    def _settle(self, number, what, addr):
        sent = self.forget(number)
        if sent is not None:
            # A probe to ourselves may be answered in a poll that began before it was sent
            rtt = max(self._stack.now - sent, 0)
            self.answers.append(Answer(number, what, addr, rtt))


def _word(buf, off):
    return buf[off] << 8 | buf[off + 1]
