# Frostnet: the round trip to the gateway, while somebody looks at it
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.timers import Timer

_INTERVAL = const(500000)  # µs between two requests, at least
_GIVE_UP = const(5000000)  # µs after which nobody looks any more
_PAYLOAD = bytes(32)


class Gateway:
    """`rtt()` is the last round trip in ms. Being asked is what makes it ask."""

    def __init__(self, rt):
        self._rt = rt
        self._ping = None
        self._seq = 0
        self._last = None
        self._asked = 0
        self._timer = Timer(self._look)

    def rtt(self):
        """Return ms, or None while nothing has come."""
        rt = self._rt
        rt.lock()
        try:
            now = rt.stack.now
            if self._ping is None:
                try:
                    self._ping = rt.stack.icmp.pings.open()
                except OSError:
                    return None
                self._last = None
            self._take()
            if now - self._asked >= _INTERVAL:
                self._ask(now)
            rt.stack.timers.set(self._timer, now + _GIVE_UP)
            return self._last
        finally:
            rt.unlock()

    def stop(self):
        """Give the identifier back."""
        ping = self._ping
        if ping is not None:
            self._ping = None
            self._rt.stack.timers.cancel(self._timer)
            ping.close()

    def _take(self):
        while True:
            reply = self._ping.recv()
            if reply is None:
                return
            self._last = reply[4] / 1000

    def _ask(self, now):
        route = self._rt.stack.ip.routes.default()
        self._asked = now
        if route is None or not route.gateway:
            return
        self._seq += 1
        try:
            self._ping.send(route.gateway, self._seq, _PAYLOAD, now)
        except OSError:
            self._last = None  # it cannot be reached now

    def _look(self, now):
        self.stop()
