# Frostnet: net.ping
# MIT license; Copyright (c) 2026 The Frostnet authors

from math import sqrt

from micropython import const

from frostnet.wire import addr
from net._check import check_seconds, check_whole
from net._error import EHOSTUNREACH, explain
from net._host import network, resolve

_MAX_SIZE = const(65507)
_ENDLESS = const(1000000000)
_HEADER = const(8)
_FLOOD = const(10000)  # µs without a reply until the next request of a flood


class PingResult:
    """`transmitted`, `received`, `duplicates`, `errors`; `rtts` in ms; `loss` in percent."""

    def __init__(self, host, address):
        self.host = host
        self.address = address
        self.transmitted = 0
        self.received = 0
        self.duplicates = 0
        self.errors = 0
        self.rtts = []

    def __bool__(self):
        return self.received > 0

    def __repr__(self):
        return "<ping %s: %d of %d>" % (self.address, self.received, self.transmitted)

    @property
    def loss(self):
        n = self.transmitted
        return (n - self.received) * 100 // n if n else 0

    @property
    def min(self):
        return min(self.rtts) if self.rtts else None

    @property
    def avg(self):
        return sum(self.rtts) / len(self.rtts) if self.rtts else None

    @property
    def max(self):
        return max(self.rtts) if self.rtts else None

    @property
    def mdev(self):
        if not self.rtts:
            return None
        avg = self.avg
        return sqrt(sum((rtt - avg) ** 2 for rtt in self.rtts) / len(self.rtts))

    def summary(self):
        """Return the lines that follow the replies."""
        text = "%d packets transmitted, %d received, " % (self.transmitted, self.received)
        if self.duplicates:
            text += "+%d duplicates, " % self.duplicates
        if self.errors:
            text += "+%d errors, " % self.errors
        text += "%d%% packet loss" % self.loss
        if self.rtts:
            numbers = (self.min, self.avg, self.max, self.mdev)
            text += "\nrtt min/avg/max/mdev = %.2f/%.2f/%.2f/%.2f ms" % numbers
        return text


def ping(
    host,
    count=4,
    interval=1,
    size=56,
    timeout=2,
    ttl=64,
    quiet=False,
    deadline=None,
    flood=False,
):
    """See net.ping; NetError if the host is unknown or there is no network at all."""
    check_whole("count", count, 0, _ENDLESS)
    check_whole("size", size, 0, _MAX_SIZE)
    check_whole("ttl", ttl, 1, 255)
    check_seconds("interval", interval)
    check_seconds("timeout", timeout)
    check_seconds("deadline", deadline, 0.001, True)
    rt = network()
    dst = resolve(rt, host)
    result = PingResult(host, addr.text(dst))
    payload = bytes([i & 0xFF for i in range(size)])
    session = _Session(rt, dst, result, payload, ttl, quiet, flood)
    gap = 0 if flood else int(interval * 1000000)
    patience = int(timeout * 1000000)
    end = None if deadline is None else rt.clock() + int(deadline * 1000000)
    try:
        session.say("PING %s (%s): %d data bytes" % (host, result.address, size))
        while not count or result.transmitted < count:
            # Nothing follows a fixed time after the last one, or without an interval
            final = result.transmitted + 1 == count
            wait = patience if final or not gap else gap
            if flood and not final:
                wait = _FLOOD
            if end is not None:
                left = end - rt.clock()
                if left <= 0:
                    break
                wait = min(wait, left)
            session.one(wait, final or not gap)
    except KeyboardInterrupt:
        session.say("^C")
    finally:
        session.close()
    session.say("\n--- %s ping statistics ---" % host)
    session.say(result.summary())
    return result


class _Session:
    """One run of ping."""

    def __init__(self, rt, dst, result, payload, ttl, quiet, flood):
        self.rt = rt
        self.dst = dst
        self.result = result
        self.payload = payload
        self.ttl = ttl
        self.quiet = quiet
        self.flood = flood
        try:
            self.echo = rt.stack.icmp.pings.open()
        except OSError as e:
            raise explain(e, "ping")

    def say(self, text):
        if not self.quiet:
            print(text)

    # What a flood has no lines for: a dot for each request, which its reply takes away.
    def tell(self, text, dot=""):
        if not self.flood:
            self.say(text)
        elif dot and not self.quiet:
            print(dot, end="")

    def close(self):
        self.rt.lock()
        self.result.duplicates = self.echo.duplicates
        self.echo.close()
        self.rt.unlock()

    def one(self, patience, last):
        # Send a request; wait `patience` µs, or if it is the last only until its reply is here.
        result = self.result
        seq = result.transmitted
        rt = self.rt
        until = rt.clock() + patience
        result.transmitted += 1
        if self.flood and not self.quiet:
            print(".", end="")
        if not self._send(seq & 0xFFFF):
            self._sleep(min(until, rt.clock() + _FLOOD) if last else until)
            return
        done = False
        while not (done and last):
            reply, error = self._wait(until)
            if error:
                result.errors += 1
                done = True
                self.tell(self._unreachable(seq, error), "E")
            elif reply:
                done = self._reply(reply, seq & 0xFFFF) or done
            else:
                break
        if not done:
            self.tell("Request timeout for icmp_seq %d" % seq)

    def _send(self, seq):
        rt = self.rt
        rt.lock()
        try:
            # Without a transmit buffer the request is as good as lost
            self.echo.send(self.dst, seq, self.payload, rt.clock(), self.ttl)
            return True
        except OSError as e:
            error = e
        finally:
            rt.unlock()
        if error.errno != EHOSTUNREACH:
            raise explain(error, self.result.address)
        self.result.errors += 1
        self.tell(self._unreachable(seq, EHOSTUNREACH), "E")
        return False

    def _wait(self, until):
        # The next (reply, error): one of them, or none at time `until`.
        rt = self.rt
        echo = self.echo
        rt.lock()
        try:
            while True:
                reply = echo.recv()
                if reply:
                    return reply, 0
                error = echo.take_error()
                if error or rt.clock() >= until:
                    return None, error
                rt.wait(until)
        finally:
            rt.unlock()

    # Nothing was sent, but there may be replies to what was sent before.
    def _sleep(self, until):
        while True:
            reply, error = self._wait(until)
            if reply:
                self._reply(reply, -1)
            elif not error:
                return

    def _reply(self, reply, expected):
        seq, src, size, ttl, us = reply
        result = self.result
        result.received += 1
        rtt = us / 1000
        result.rtts.append(rtt)
        text = "%d bytes from %s: icmp_seq=%d ttl=%d time=%.2f ms"
        self.tell(text % (size + _HEADER, addr.text(src), seq, ttl, rtt), "\b \b")
        return seq == expected

    def _unreachable(self, seq, error):
        what = "Host" if error == EHOSTUNREACH else "Net"
        return "From %s icmp_seq=%d Destination %s Unreachable" % (
            addr.text(self._source()),
            seq,
            what,
        )

    def _source(self):
        for iface in self.rt.stack.ifaces:
            if iface.addr:
                return iface.addr
        return 0
