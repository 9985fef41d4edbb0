# Frostnet: an NTP query over the stack's UDP
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.errnos import ECONNREFUSED, EHOSTUNREACH
from frostnet.timers import Timer
from ntp.packet import PORT
from ntp.query import COUNTERS, Query


class Client:
    """Runs a Query to its end, or to `close()`. `notify()`, if set, is called inside the poll.

    OSError of the stack's UDP if there is no port to be had.
    """

    def __init__(self, stack, servers, timeout):
        self.query = Query(servers, stack.rand, stack.now, timeout)
        self.notify = None
        self._stack = stack
        self._timer = Timer(self._go_on)
        stack.counters.register(COUNTERS)
        self._endpoint = stack.udp.open()
        self._endpoint.handler = self._input
        self._endpoint.on_error = self._on_error
        self._go_on(stack.now)

    def close(self):
        """Wait for no answer any more."""
        if self._endpoint:
            self._timer.due = None
            self._endpoint.close()
            self._endpoint = None

    def _go_on(self, now):
        query = self.query
        request = query.next(now)
        while request:
            server, data = request
            try:
                self._endpoint.send(data, server, PORT)  # without room it is as good as lost
            except OSError as e:
                query.refuse(server, _why(e.errno), now)
            request = query.next(now)
        if query.done:
            self.close()
            if self.notify:
                self.notify()
        else:
            self._stack.timers.set(self._timer, query.due)

    def _input(self, iface, buf, off, end, src, sport):
        counter = "ntp_drop_stray"
        if sport == PORT:
            counter = self.query.input(src, buf, off, end, self._stack.now)
        if counter:
            self._stack.counters.count(counter)
        else:
            self._go_on(self._stack.now)

    def _on_error(self, errno, dst, dport):
        if self._endpoint and dport == PORT:
            self.query.refuse(dst, _why(errno), self._stack.now)
            self._go_on(self._stack.now)


def _why(errno):
    if errno == ECONNREFUSED:
        return "has no time server"
    return "cannot be reached" if errno == EHOSTUNREACH else "is on no network that we know"
