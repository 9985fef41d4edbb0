# Frostnet: net.iperf: the server
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.tcp.states import CLOSED
from frostnet.wire import addr
from iperf import report, states
from iperf.errors import BAD_DURATION, NO_STREAM, SILENT, IperfError
from iperf.framing import COOKIE_SIZE
from iperf.pace import Budget
from iperf.parameters import SECONDS_MAX
from iperf.session import Server
from net._error import NetError, explain
from net._iperf_link import Control, Farewells
from net._iperf_result import IperfResult
from net._iperf_streams import Port
from net._iperf_test import CONNECTED, Test, name

_BACKLOG = const(8)
_CANDIDATES = const(32)  # connections that have not said their cookie yet; as many as streams
_COOKIE_TIME = const(5000000)  # µs that they may take
_GRACE = const(30000000)  # µs that a test may take longer than it was to
_IDLE = const(120000000)  # µs in which a test that is to receive must receive something

_DENIED = b"\xff"

_EADDRINUSE = const(98)


def serve(rt, port, count, interval, say):
    """Serve `count` tests, or until Ctrl-C: a generator, see drive(). Returns a list of
    IperfResults; NetError."""
    server = _Server(rt, port, interval, say)
    try:
        return (yield from server.run(count))
    finally:
        server.close()


class Results(list):
    """A list that the prompt does not print once more."""

    def __repr__(self):
        return "<%d tests>" % len(self)


class _Server:
    """Has one client at a time; to others it says that it is busy."""

    def __init__(self, rt, port, interval, say):
        self._rt = rt
        self._port = port
        self._interval = interval
        self._say = say
        self._farewells = Farewells()
        self._candidates = []  # [connection, what it has said, time]
        self._test = None
        self._udp = None  # Port
        try:
            self._listener = rt.stack.tcp.listen(addr.ANY, port, _BACKLOG)
        except OSError as e:
            if e.errno == _EADDRINUSE:
                text = "somebody listens at port %d already: say another one with port="
                raise NetError(_EADDRINUSE, text % port)
            raise explain(e, "port %d" % port)

    def run(self, count):
        results = Results()
        say = self._say
        say(report.BANNER)
        number = 0
        try:
            while not count or len(results) < count:
                number += 1
                say("Server listening on %d (test #%d)" % (self._port, number))
                say(report.BANNER)
                conn = yield from self._client()
                result = yield from self._serve(conn)
                if result:
                    results.append(result)
                    if result.error == "interrupted":
                        break
                say(report.BANNER)
        except KeyboardInterrupt:
            say("^C")
        return results

    def close(self):
        """Give everything back."""
        self._drop_candidates()
        self._farewells.close()
        self._listener.close()

    # The connection of the next client.
    def _client(self):
        while True:
            conn = self._listener.accept()
            if conn is not None:
                return conn
            yield self._farewells.attend(self._rt.clock())

    # One test; its result, or None if it did not come to one.
    def _serve(self, conn):
        rt = self._rt
        peer = addr.text(conn.raddr)
        self._say("Accepted connection from %s, port %d" % (peer, conn.ports & 0xFFFF))
        session = Server(rt.clock(), self._measured)
        test = self._test = Test(rt, Control(conn, session), False, self._interval, self._say)
        result = None
        try:
            yield from test.reach(states.CREATE_STREAMS, self._attend)
            yield from self._gather(conn)
            self._start(conn)
            yield from test.run(self._check)
            if test.interrupted:
                session.terminate()
            if not session.over:
                yield from test.catch_up(self._attend)
            if not session.over:
                session.exchange(rt.clock())
            yield from test.finish(self._attend)
            if not test.totals:
                test.measured()
            error = "interrupted" if test.interrupted else session.error and str(session.error)
            result = IperfResult(test, peer, error)
            for line in result.lines():
                self._say(line)
        except IperfError:
            pass  # session.error
        except KeyboardInterrupt:
            session.terminate()
            raise
        finally:
            self._end(conn)
        if session.error and not test.interrupted:
            self._say("iperf: error - %s" % session.error)
        return result

    # The client of iperf3 reads what is sent to it to the end before it talks on.
    def _measured(self):
        test = self._test
        results = test.measured()
        if test.sending:
            for stream in test.streams:
                stream.shutdown()
        return results

    # Gives back what a test had.
    def _end(self, conn):
        test = self._test
        now = self._rt.clock()
        test.control.pump(now)  # a last word
        test.close()
        self._drop_candidates()
        if self._udp:
            self._udp.close()
            self._udp = None
        if test.session.error:
            self._farewells.add(conn, b"", now)
        else:
            conn.close()

    # Waits until all streams are there.
    def _gather(self, conn):
        rt = self._rt
        test = self._test
        session = test.session
        asked = session.parameters
        test.sending = asked.reverse
        test.budget = Budget(0)
        if asked.udp:
            try:
                self._udp = Port(rt, self._port)
            except OSError as e:
                session.fail(IperfError(NO_STREAM, errno=e.errno))
        self._peers = []
        while len(test.streams) < asked.parallel:
            now = rt.clock()
            due = self._attend(now, not asked.udp)
            if self._udp:
                self._greet(conn.raddr)
            test.control.pump(now)
            if session.over:
                raise session.error
            if len(test.streams) < asked.parallel:
                yield min(session.deadline, due)

    # Answers the hellos of the client, each of which begins a stream.
    def _greet(self, client):
        test = self._test
        peers = self._peers
        for src, sport, _ in self._udp.hellos:
            full = len(peers) == test.session.parameters.parallel
            if src == client and (src, sport) not in peers and not full:
                peers.append((src, sport))
                test.add_udp(self._udp, (src, sport))
        self._udp.answer(peers)

    def _start(self, conn):
        test = self._test
        for index, stream in enumerate(test.streams):
            if self._udp:
                rport = self._peers[index][1]
            else:
                rport = stream.conn.ports & 0xFFFF
            ends = (name(index), addr.text(conn.laddr), self._port, addr.text(conn.raddr), rport)
            self._say(CONNECTED % ends)
        asked = test.session.parameters
        now = self._rt.clock()
        seconds = asked.seconds if asked.seconds and not asked.bytes else SECONDS_MAX
        self._limit = now + (asked.omit + seconds) * 1000000 + _GRACE
        self._moved = 0
        self._idle_at = now + _IDLE
        test.session.start(now)
        test.start(now)

    # While the test runs: others are told to wait, and who never ends is ended.
    def _check(self, now):
        test = self._test
        due = self._attend(now)
        if self._udp and self._udp.hellos:
            self._udp.answer(self._peers)
        if now >= self._limit:
            test.session.fail(IperfError(BAD_DURATION))
        if now >= self._idle_at:
            moved = test.bytes()
            if moved == self._moved and not test.sending:
                test.session.fail(IperfError(SILENT))
            self._moved = moved
            self._idle_at = now + _IDLE
        return min(due, self._limit, self._idle_at)

    # Looks at who else has come; `open`: it may be a stream. Returns when to look again.
    def _attend(self, now, open=False):
        while self._listener.pending():
            conn = self._listener.accept()
            if not open:
                self._farewells.add(conn, _DENIED, now)
            else:
                # Who is silent does not keep others out
                if len(self._candidates) == _CANDIDATES:
                    self._candidates.pop(0)[0].abort()
                self._candidates.append([conn, b"", now + _COOKIE_TIME])
        due = self._farewells.attend(now)
        for candidate in list(self._candidates):
            conn, said, until = candidate
            if conn.rx.len:
                buf = bytearray(COOKIE_SIZE - len(said))
                said += buf[: conn.recv_into(buf, 0, len(buf))]
                candidate[1] = said
            if len(said) == COOKIE_SIZE:
                self._candidates.remove(candidate)
                self._admit(conn, bytes(said), now)
            elif conn.eof or conn.error or conn.state == CLOSED or now >= until:
                self._candidates.remove(candidate)
                conn.abort()
            elif until < due:
                due = until
        return due

    # A stream of the test has the test's cookie.
    def _admit(self, conn, said, now):
        test = self._test
        asked = test.session.parameters
        if said == test.session.cookie and len(test.streams) < asked.parallel:
            test.add_tcp(conn)
        else:
            self._farewells.add(conn, _DENIED, now)

    def _drop_candidates(self):
        for conn, _, _ in self._candidates:
            conn.abort()
        self._candidates = []
