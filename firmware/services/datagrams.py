# Frostnet: a UDP service
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import addr
from services.background import Background

_TURN = const(8)  # datagrams that are handled before others get their turn


class Datagrams(Background):
    """Receives what comes to the UDP port `port`.

    A subclass has `name` and `received(data, src, sport)`, and answers by `send()`. The queue is
    the endpoint's: what does not fit is dropped, and counted by the stack.
    """

    name = "datagrams"
    port_name = "UDP port"
    iface = None  # receive from this interface only, and send through it

    def __init__(self, port):
        super().__init__(port)
        self.counters = {"received": 0, "sent": 0, "failed": 0}  # datagrams
        self._endpoint = None

    def __repr__(self):
        state = "at UDP port %d" % self.port if self._endpoint else "stopped"
        return "<%s %s>" % (self.name, state)

    def received(self, data, src, sport):
        """Take `data`, bytes, from the address `src`, an int, and its port."""
        raise NotImplementedError

    def open_ports(self):
        endpoint = self.rt.stack.udp.open(addr.ANY, self.port, self.iface)
        self.port = endpoint.port
        self._endpoint = endpoint
        endpoint.handler = self._deliver

    def close_ports(self):
        self._endpoint.handler = None
        self._endpoint.close()
        self._endpoint = None

    def send(self, data, dst, dport, path=None):
        """Send one datagram, by the Path `path` to `dst` if there is one; False if it could not
        leave: as if it was lost on the way.
        """
        endpoint = self._endpoint
        if endpoint is None:
            return False
        rt = self.rt
        rt.lock()
        try:
            if path is not None:
                endpoint.use(path)
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
        super().failed(error)
        self.pump.post(self)

    # Inside a poll.
    def _deliver(self, iface, buf, off, end, src, sport):
        self._endpoint.deliver(self.rt.stack.counters, buf, off, end, src, sport)
        self.pump.post(self)
