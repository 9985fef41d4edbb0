# Frostnet: asking DNS servers a question
# MIT license; Copyright (c) 2026 The Frostnet authors

# Every try has a port and an id of its own, both random, and only its own answer counts: what a
# forger must guess changes all the time (RFC 5452 §9).

from micropython import const

from frostnet.dns.answer import Answer, LameServer, follow
from frostnet.dns.codes import EAI_AGAIN, EAI_FAIL
from frostnet.dns.pending import Pending
from frostnet.dns.stream import Stream
from frostnet.timers import Timer
from frostnet.wire import dns

_FIRST_WAIT = const(1000000)  # µs; doubles each time that all servers were asked
_STREAM_WAIT = const(4000000)  # µs for an answer by TCP
_MAX_KEPT = const(4096)  # bytes of an answer that is worth its place in the cache


class Exchange(Pending):
    """Asks `servers`, one after the other, until one answers or nobody waits any more."""

    def __init__(self, resolver, key, servers):
        super().__init__(resolver, key)
        self._servers = servers  # those that may still know
        self._at = 0  # whose turn it is
        self._wait = _FIRST_WAIT
        self._rounds = 0
        self._tries = 0
        self._error = EAI_AGAIN  # the last failure's
        self._edns = False  # this try has it
        self._endpoint = None
        self._stream = None
        self._ident = 0
        self._timer = Timer(self._begin)
        # The first try leaves with the next poll, which knows the time
        self.stack.timers.set(self._timer, self.stack.now)

    def close(self):
        super().close()
        self._hang_up()
        self._timer.due = None

    def _hang_up(self):
        if self._endpoint:
            self._endpoint.close()
            self._endpoint = None
        if self._stream:
            self._stream.close()
            self._stream = None

    # Asking

    def _begin(self, now):
        self._timer.fn = self._silent
        self._next(now)

    def link_lost(self):
        errors = [self.resolver.unreachable(server) for server in self._servers]
        if all(errors):
            self.finish(Answer((), errors[0]))

    # The server did not answer in time.
    def _silent(self, now):
        self.resolver.quality.failed(self._servers[self._at], now)
        self._at += 1
        self._next(now)

    # This server is no use for this question: never mind it.
    def _fail(self, error):
        self._error = error
        del self._servers[self._at]
        self._next(self.stack.now)

    def _next(self, now):
        while self._servers:
            if self._at >= len(self._servers):
                self._at = 0
                self._rounds += 1
                self._wait *= 2
            server = self._servers[self._at]
            if self._tries:
                self.stack.counters.dns_retry += 1
            self._tries += 1
            # What lies between may lose the larger answers that EDNS0 allows, or EDNS0 itself.
            edns = self._rounds < 2 and self.resolver.quality.edns(server, now)
            error = self.resolver.unreachable(server) or self._send(server, edns)
            if not error:
                self.stack.timers.set(self._timer, now + self._wait)
                return
            self._error = error
            del self._servers[self._at]
        self.finish(Answer((), self._error))

    def _send(self, server, edns):
        self._hang_up()
        stack = self.stack
        self._edns = edns
        try:
            self._endpoint = endpoint = stack.udp.open()
            endpoint.handler = self._input
            endpoint.on_error = self._on_error
            endpoint.connect(server, dns.PORT)
            if endpoint.send(self._question(edns)):
                stack.counters.dns_tx += 1
            else:
                stack.counters.dns_tx_no_buffer += 1  # as if it got lost
        except OSError as e:
            return e.errno
        return 0

    def _question(self, edns):
        self._ident = self.stack.rand(16)
        buf = self.resolver.buf
        n = dns.build_query(buf, self._ident, self.key[0], self.key[1], edns)
        return memoryview(buf)[:n]

    # RFC 7766 §5: the same server, by TCP.
    def _by_stream(self, server):
        self._hang_up()
        stack = self.stack
        stack.counters.dns_tcp += 1
        question = bytes(self._question(self._edns))
        try:
            self._stream = Stream(stack, server, question, self._stream_input, self._broken)
        except OSError as e:
            self._fail(e.errno)
            return
        stack.counters.dns_tx += 1
        stack.timers.set(self._timer, stack.now + _STREAM_WAIT)

    def _on_error(self, errno, dst, dport):
        if dst == self._servers[self._at] and dport == dns.PORT:
            self._broken(errno)

    def _broken(self, errno):
        self._hang_up()
        self.resolver.quality.failed(self._servers[self._at], self.stack.now)
        self._fail(errno)

    # Answers

    def _input(self, iface, buf, off, end, src, sport):
        counters = self.stack.counters
        counters.dns_rx += 1
        if src != self._servers[self._at] or sport != dns.PORT:
            counters.dns_drop_mismatch += 1
            return
        message = self._parse(buf, off, end)
        if message is None:
            return
        if message.truncated:
            self._by_stream(src)
        else:
            self._answer(buf, off, end, message)

    def _stream_input(self, buf, n):
        self.stack.counters.dns_rx += 1
        message = self._parse(buf, 0, n)
        if message is None or message.truncated:
            self._hang_up()
            self._fail(EAI_FAIL)  # a connection has nobody else's messages
        else:
            self._answer(buf, 0, n, message)

    # The message if it answers this question, or None.
    def _parse(self, buf, off, end):
        counters = self.stack.counters
        try:
            message = dns.parse(buf, off, end)
        except ValueError:
            counters.dns_drop_malformed += 1
            return None
        if message.ident == self._ident:
            if message.name == self.key[0] and message.qtype == self.key[1]:
                return message
            if message.name is None and self._edns:
                return message
        counters.dns_drop_mismatch += 1
        return None

    def _answer(self, buf, off, end, message):
        stack = self.stack
        server = self._servers[self._at]
        quality = self.resolver.quality
        quality.answered(server)
        rcode = message.rcode
        if self._edns and rcode in (dns.FORMERR, dns.NOTIMP, dns.BADVERS):
            # RFC 6891 §7: it knows no EDNS0
            stack.counters.dns_no_edns += 1
            quality.no_edns(server, stack.now)
            error = self._send(server, False)
            if error:
                self._fail(error)
            else:
                stack.timers.set(self._timer, stack.now + self._wait)
            return
        if rcode not in (dns.NOERROR, dns.NXDOMAIN):
            self._fail(EAI_AGAIN)
            return
        try:
            answer = follow(buf, off, message, self.key[0], self.key[1])
        except LameServer:
            self._fail(EAI_AGAIN)
            return
        except ValueError:
            stack.counters.dns_drop_malformed += 1
            self._fail(EAI_FAIL)
            return
        if end - off > _MAX_KEPT:
            answer.ttl = 0
        self.finish(answer)
