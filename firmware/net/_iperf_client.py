# Frostnet: net.iperf: the client
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.tcp.states import CLOSED, ESTABLISHED
from frostnet.wire import addr
from iperf import datagrams, states
from iperf.errors import BAD_MESSAGE, BUSY, CLOSED as HUNG_UP, SILENT, IperfError
from iperf.framing import cookie
from iperf.pace import Budget
from iperf.parameters import UDP_LENGTH_MAX, UDP_LENGTH_MIN
from iperf.session import Client
from net._error import ECONNABORTED, EPROTO, ETIMEDOUT, NetError, explain
from net._iperf_link import NEVER, Control
from net._iperf_result import IperfResult
from net._iperf_streams import Port
from net._iperf_test import CONNECTED, Test, name

_CONNECT = const(10000000)  # µs that a connection may take
_HELLO = const(1000000)  # µs until a hello by UDP is said again
_HELLOS = const(5)
_PARTING = const(1000000)  # µs for the server to close its end, after which it takes the next test

_BUSY = const(16)  # EBUSY


def measure(rt, host, dst, port, asked, interval, say):
    """Run a test with the server at address `dst`, called `host`: a generator, see drive().
    Returns an IperfResult; NetError."""
    peer = "%s:%d" % (host, port)
    say("Connecting to host %s, port %d" % (host, port))
    if asked.reverse:
        say("Reverse mode, remote host %s is sending" % host)
    client = _Client(rt, (dst, port), peer, asked, say)
    try:
        yield from client.run(interval)
    except IperfError as e:
        raise _explained(e, client.test.session.state, peer)
    finally:
        client.close()
    test = client.test
    result = IperfResult(test, peer, "interrupted" if test.interrupted else None)
    for line in result.lines():
        say(line)
    say("" if result.error else "\niperf Done.")
    return result


class _Client:
    """One test with the server at `dst`, (address, port)."""

    def __init__(self, rt, dst, peer, asked, say):
        self.test = None
        self._rt = rt
        self._dst = dst
        self._peer = peer
        self._asked = asked
        self._say = say
        self._conn = None
        self._end = NEVER

    def run(self, interval):
        """Measure; IperfError, NetError."""
        rt = self._rt
        asked = self._asked
        self._conn = conn = yield from self._connect()
        if not asked.length:
            # As long as fits into a packet, as far as TCP knows
            asked.length = min(max(conn.smss, UDP_LENGTH_MIN), UDP_LENGTH_MAX)
        session = Client(rt.clock(), self._measured, asked, cookie(rt.stack.rand))
        test = Test(rt, Control(conn, session), not asked.reverse, interval, self._say)
        self.test = test
        try:
            yield from test.reach(states.CREATE_STREAMS)
            try:
                yield from self._open()
            finally:
                session.opened(rt.clock())
            yield from test.reach(states.TEST_RUNNING)
        except NetError:
            test.control.pump(rt.clock())
            if session.error:
                raise session.error  # the server has said why
            raise
        except KeyboardInterrupt:
            session.terminate()
            raise
        now = rt.clock()
        if not asked.bytes:
            self._end = now + int((asked.omit + asked.seconds) * 1000000)
        test.start(now)
        yield from test.run(self._check)
        yield from self._finish()

    def close(self):
        """Give everything back."""
        if self.test:
            self.test.control.pump(self._rt.clock())  # a last word
            self.test.close()
        if self._conn:
            self._conn.close()

    # Exchanges the results, after Ctrl-C too; the next Ctrl-C ends that.
    def _finish(self):
        test = self.test
        session = test.session
        if not session.over and session.state == states.TEST_RUNNING:
            session.end(self._rt.clock())
        try:
            yield from test.finish()
        except KeyboardInterrupt:
            test.interrupted = True
            session.terminate()
        if session.error:
            if not test.interrupted:
                raise session.error
            if not test.totals:
                test.measured()
        else:
            yield from self._part()

    # Waits until the server is through with us: it would tell the next client that it is busy.
    def _part(self):
        conn = self._conn
        now = self._rt.clock()
        until = now + _PARTING
        self.test.control.pump(now)
        while not (conn.eof or conn.error) and self._rt.clock() < until:
            yield until

    def _measured(self):
        return self.test.measured()

    # Ends the test when it is time.
    def _check(self, now):
        test = self.test
        done = now >= self._end
        if self._asked.bytes:
            if not test.sending:
                done = test.bytes() >= self._asked.bytes
            elif test.budget.left <= 0:
                done = not any(stream.unfinished() for stream in test.streams)
        if done and not test.session.over:
            test.session.end(now)
        return self._end

    def _connect(self):
        rt = self._rt
        try:
            conn = rt.stack.tcp.connect(*self._dst)
            until = rt.clock() + _CONNECT
            try:
                while CLOSED < conn.state < ESTABLISHED:
                    if rt.clock() >= until:
                        raise OSError(ETIMEDOUT)
                    yield until
                if conn.error:
                    raise OSError(conn.take_error())
            except:  # Ctrl-C, too
                conn.abort()
                raise
        except OSError as e:
            if e.errno == ETIMEDOUT:
                raise _silent(self._peer)
            raise explain(e, self._peer)
        return conn

    def _open(self):
        asked = self._asked
        test = self.test
        test.budget = Budget(asked.bytes)
        for index in range(asked.parallel):
            lport = yield from (self._open_udp() if asked.udp else self._open_tcp())
            ends = (name(index), addr.text(self._conn.laddr), lport, addr.text(self._dst[0]))
            self._say(CONNECTED % (ends + (self._dst[1],)))

    # Returns our port.
    def _open_tcp(self):
        conn = yield from self._connect()
        self.test.add_tcp(conn)
        word = self.test.session.cookie
        try:
            conn.send(memoryview(word), 0, len(word))
        except OSError as e:
            raise explain(e, self._peer)
        return conn.ports >> 16

    def _open_udp(self):
        try:
            port = Port(self._rt)
            try:
                yield from self._greet(port)
            except:  # Ctrl-C, too
                port.close()
                raise
        except OSError as e:
            raise explain(e, self._peer)
        self.test.add_udp(port, self._dst)
        return port.endpoint.port

    # Says hello until the server answers.
    def _greet(self, port):
        rt = self._rt
        control = self.test.control.conn
        for _ in range(_HELLOS):
            port.endpoint.send(datagrams.HELLO, *self._dst)
            until = rt.clock() + _HELLO
            while rt.clock() < until:
                yield until
                while port.hellos:
                    src, sport, word = port.hellos.pop()
                    if (src, sport) == self._dst and word in datagrams.REPLIES:
                        return
                if control.error or control.eof:
                    raise IperfError(HUNG_UP, told=True)
        text = "%s does not answer by UDP: look for a firewall that lets only TCP through"
        raise NetError(ETIMEDOUT, text % self._peer)


def _explained(error, state, peer):
    code = error.code
    if code == BUSY:
        return NetError(_BUSY, "%s: %s: try again when that is over" % (peer, error))
    if code == BAD_MESSAGE or state == states.IPERF_START and code in (HUNG_UP, SILENT):
        text = "%s does not speak iperf3's protocol: check that it is iperf3, not iperf 2 (%s)"
        return NetError(EPROTO, text % (peer, error))
    if code == SILENT:
        return _silent(peer)
    if error.told:
        return NetError(ECONNABORTED, "%s ended the test: %s" % (peer, error))
    return NetError(EPROTO, "the test with %s failed: %s" % (peer, error))


def _silent(peer):
    return NetError(ETIMEDOUT, "%s does not answer: check the address and firewalls" % peer)
