# Frostnet: a UDP service
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

import services
from frostnet.wire import addr
from services import pump

_TURN = const(8)  # datagrams that are handled before others get their turn
_EADDRINUSE = const(98)


class Datagrams(pump.Task):
    """Receives what comes to the UDP port `port`.

    A subclass has `name` and `received(data, src, sport)`, and answers by `send()`. The queue is
    the endpoint's: what does not fit is dropped, and counted by the stack.
    """

    name = "datagrams"

    def __init__(self, port):
        self.port = port
        self.pump = pump.current()
        self.rt = self.pump.rt
        self.error = None  # the last exception of received(): a defect
        self.counters = {"received": 0, "sent": 0, "failed": 0}  # datagrams
        self._endpoint = None

    def __repr__(self):
        state = "at UDP port %d" % self.port if self._endpoint else "stopped"
        return "<%s %s>" % (self.name, state)

    def received(self, data, src, sport):
        """Take `data`, bytes, from the address `src`, an int, and its port."""
        raise NotImplementedError

    def start(self):
        """Open the port, and return self. OSError: EADDRINUSE if it is taken."""
        if self.name in services.running:
            raise OSError(_EADDRINUSE, "%s runs already: stop() it first" % self.name)
        rt = self.rt
        rt.lock()
        try:
            try:
                endpoint = rt.stack.udp.open(addr.ANY, self.port)
            except OSError as e:
                if e.errno != _EADDRINUSE:
                    raise
                text = "UDP port %d is taken: choose another, or close what listens there"
                raise OSError(_EADDRINUSE, text % self.port)
            self.port = endpoint.port
            self._endpoint = endpoint
            endpoint.handler = self._deliver
        finally:
            rt.unlock()
        services.running[self.name] = self
        return self

    def stop(self):
        """Close the port, and give everything back."""
        endpoint = self._endpoint
        if endpoint is None:
            return
        self._endpoint = None
        rt = self.rt
        rt.lock()
        try:
            endpoint.handler = None
            endpoint.close()
        finally:
            rt.unlock()
        if services.running.get(self.name) is self:
            del services.running[self.name]

    def send(self, data, dst, dport):
        """Send one datagram; False if it could not leave: as if it was lost on the way."""
        endpoint = self._endpoint
        if endpoint is None:
            return False
        rt = self.rt
        rt.lock()
        try:
            done = endpoint.send(data, dst, dport)
        except OSError:
            return False  # no route, or nobody there any more
        finally:
            rt.unlock()
        if done:
            self.counters["sent"] += 1
        return done

    def run(self):
        """Handle what waits: a task of the pump."""
        for _ in range(_TURN):
            endpoint = self._endpoint
            if endpoint is None:
                return
            rt = self.rt
            rt.enter()
            try:
                datagram = endpoint.recv()
            finally:
                rt.release()
            if datagram is None:
                return
            self.counters["received"] += 1
            self.received(*datagram)
        self.pump.post(self)

    def failed(self, error):
        """received() had an exception that nobody expected; it goes on with the next datagram."""
        self.counters["failed"] += 1
        self.error = error
        self.pump.post(self)

    # Inside a poll.
    def _deliver(self, iface, buf, off, end, src, sport):
        self._endpoint.deliver(self.rt.stack.counters, buf, off, end, src, sport)
        self.pump.post(self)
