# Frostnet: one iperf3 test as its control connection sees it: the client's side, and the server's
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from iperf import framing, parameters, results, states
from iperf.errors import (
    BAD_MESSAGE,
    BAD_PARAMETERS,
    BAD_RESULTS,
    BUSY,
    CLIENT_TERMINATED,
    CLOSED,
    SERVER_TERMINATED,
    SILENT,
    IperfError,
)

_PATIENCE = const(10000000)  # µs that each state may take, but for the test itself
_PARAMETERS_MAX = const(8192)  # bytes of JSON
_RESULTS_MAX = const(65536)


class Session:
    """Either side. `input(data, now)` takes what the peer says: `wanted` bytes at most; `output`
    has what there is to be said to it. It is `over` with an `error`, or without one; before that,
    `deadline` is when `expire(now)` is to be called, or None.

    `measured()` returns the Results of all streams when the test ends; the peer's are `theirs`.
    """

    table = None
    limit = 0  # bytes of JSON that the peer may send
    nonsense = 0  # what is wrong with JSON that is none
    stop = 0  # what is said to end it early

    def __init__(self, now, measured):
        self.state = states.IPERF_START
        self.parameters = None
        self.cookie = b""
        self.theirs = None
        self.error = None
        self.over = False
        self.output = bytearray()
        self._measured = measured
        self._held = bytearray()
        self._enter(states.IPERF_START, now)

    def input(self, data, now):
        """Take bytes from the peer: any number of them, but no more than `wanted`."""
        self._held.extend(data)
        self.wanted -= len(data)
        if self.wanted <= 0 and not self.over:
            item = bytes(self._held)
            self._held = bytearray()
            try:
                self._take(item, now)
            except IperfError as e:
                self.fail(e)

    def expire(self, now):
        """End it if the peer was silent for too long."""
        if self.deadline is not None and now >= self.deadline and not self.over:
            self.fail(IperfError(SILENT))

    def lost(self):
        """The control connection is gone."""
        if not self.over:
            self.error = IperfError(CLOSED, told=True)
            self.over = True

    def fail(self, error):
        """End it with an IperfError; the peer is told unless it was the one who told us."""
        if not self.over:
            if not error.told:
                self._tell(error)
            self.error = error
            self.over = True

    def terminate(self):
        """End it because somebody here wants to."""
        self.fail(IperfError(CLIENT_TERMINATED))

    def _tell(self, error):
        self._say(self.stop)

    def _say(self, state):
        self.output.append(state)

    # Read what the table says is next.
    def _enter(self, state, now):
        self.state = state
        kind = self.table.get(state, (states.BYTE, None))[0]
        self._expect(kind)
        self.deadline = None if state == states.TEST_RUNNING else now + _PATIENCE

    def _expect(self, kind):
        self._kind = kind
        self._length = -1  # of the JSON, once it is known
        if kind == states.BYTE:
            self.wanted = 1
        elif kind == states.JSON:
            self.wanted = framing.LENGTH_SIZE
        elif kind == states.COOKIE:
            self.wanted = framing.COOKIE_SIZE
        else:
            self.wanted = framing.ERROR_SIZE

    # All that was wanted is here.
    def _take(self, item, now):
        kind = self._kind
        if kind == states.BYTE:
            self._byte(item[0], now)
        elif kind == states.COOKIE:
            self.cookie = item
            self._next(None, now)
        elif kind == states.ERROR:
            code, errno = framing.unpack_error(item)
            raise IperfError(code, told=True, errno=errno)
        elif self._length < 0:
            self._length = self.wanted = framing.length(item)
            if not 0 < self._length <= self.limit:
                raise IperfError(self.nonsense)
        else:
            try:
                value = framing.unpack(item)
            except ValueError:
                raise IperfError(self.nonsense)
            self._next(value, now)

    def _next(self, value, now):
        self._enter(self.table[self.state][1], now)
        self._entered(value, now)

    def _byte(self, byte, now):
        if byte == self.table[self.state][1]:
            self._next(None, now)
        else:
            self._surprise(byte)

    def _surprise(self, byte):
        name = states.NAMES.get(byte, byte)
        raise IperfError(BAD_MESSAGE, "%s came in %s" % (name, states.NAMES[self.state]))


class Client(Session):
    """The side that says what is to be measured: `parameters`.

    In CREATE_STREAMS it is to open its streams and to say so with `opened()`, in TEST_RUNNING it
    measures until `end()`.
    """

    table = states.CLIENT
    limit = _RESULTS_MAX
    nonsense = BAD_RESULTS
    stop = states.CLIENT_TERMINATE

    def __init__(self, now, measured, asked, cookie):
        super().__init__(now, measured)
        self.parameters = asked
        self.cookie = cookie
        self.output.extend(cookie)
        self._mine = None

    def opened(self, now):
        """All streams are there: hear what the server says to that."""
        self._enter(states.CREATE_STREAMS, now)

    def end(self, now):
        """The test is done: exchange results."""
        self._mine = self._measured()
        self._say(states.TEST_END)
        self._enter(states.TEST_END, now)

    def _entered(self, value, now):
        state = self.state
        if state == states.PARAM_EXCHANGE:
            self.output.extend(framing.pack(self.parameters.pack()))
        elif state == states.CREATE_STREAMS:
            self.wanted = 0
        elif state == states.EXCHANGE_RESULTS:
            self.output.extend(framing.pack(results.pack(self._mine, not self.parameters.reverse)))
        elif state == states.RESULTS_READ:
            self.theirs = results.read(value, self.parameters.parallel)
        elif state == states.DISPLAY_RESULTS:
            self._say(states.IPERF_DONE)
            self.over = True

    def _surprise(self, byte):
        if byte == states.ACCESS_DENIED:
            raise IperfError(BUSY, told=True)
        if byte == states.SERVER_TERMINATE:
            raise IperfError(SERVER_TERMINATED, told=True)
        if byte == states.SERVER_ERROR:
            self._expect(states.ERROR)
        else:
            super()._surprise(byte)


class Server(Session):
    """The side that is asked. In CREATE_STREAMS it waits for the streams that `parameters` ask
    for; `start()` begins the test, which the client ends: in TEST_END what is still on its way may
    be waited for, until `exchange()`.
    """

    table = states.SERVER
    limit = _PARAMETERS_MAX
    nonsense = BAD_PARAMETERS
    stop = states.SERVER_TERMINATE

    def start(self, now):
        """All streams are there."""
        self._say(states.TEST_START)
        self._say(states.TEST_RUNNING)
        self._enter(states.TEST_RUNNING, now)

    def exchange(self, now):
        """All has come: exchange results."""
        self._mine = self._measured()
        self._say(states.EXCHANGE_RESULTS)
        self._enter(states.EXCHANGE_RESULTS, now)

    def terminate(self):
        self.fail(IperfError(SERVER_TERMINATED))

    def _tell(self, error):
        if error.code in (SERVER_TERMINATED, SILENT):
            self._say(self.stop)
        else:
            self._say(states.SERVER_ERROR)
            self.output.extend(framing.pack_error(error.code, error.errno))

    def _entered(self, value, now):
        state = self.state
        if state == states.PARAM_EXCHANGE:
            self._say(state)
        elif state == states.CREATE_STREAMS:
            self.parameters = parameters.read(value)
            self._say(state)
            self.limit = _RESULTS_MAX
            self.nonsense = BAD_RESULTS
        elif state == states.TEST_END:
            self.wanted = 0
        elif state == states.DISPLAY_RESULTS:
            asked = self.parameters
            self.theirs = results.read(value, asked.parallel)
            self.output.extend(framing.pack(results.pack(self._mine, asked.reverse)))
            self._say(state)
        elif state == states.IPERF_DONE:
            self.over = True

    def _surprise(self, byte):
        if byte == states.CLIENT_TERMINATE:
            raise IperfError(CLIENT_TERMINATED, told=True)
        super()._surprise(byte)
