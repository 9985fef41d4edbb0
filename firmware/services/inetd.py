# Frostnet: echo, discard, daytime and chargen, by TCP and UDP: a peer for tests
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 862, 863, 867, 864. By UDP anybody can ask in somebody else's name. So no answer is longer
# than what asked for it, but the time of day, and ports below 1024 are not answered: two such
# services would talk to each other for ever.

import time

from micropython import const

from chargen import characters
from daytime import daytime
from services.datagrams import Datagrams
from services.service import Service
from services.session import Session

NAMES = ("echo", "discard", "daytime", "chargen")

_PORTS = {"echo": 7, "discard": 9, "daytime": 13, "chargen": 19}
_IDLE = const(300000000)  # µs that a client may say nothing
_LONGEST = const(600000000)  # µs of characters for one client
_DATAGRAM = const(512)  # bytes at most (RFC 864)
_RESERVED = const(1024)

_SOME = characters()[:_DATAGRAM]


class Inetd:
    """The services that were started, by name: "echo" by TCP, "echo-udp" by UDP, and so on."""

    def __init__(self, names):
        self.services = {}
        try:
            for name in names:
                for made, kinds in ((_Tcp, _SESSIONS), (_Udp, _ANSWERS)):
                    service = made(name, _PORTS[name], kinds[name])
                    self.services[service.name] = service.start()
        except OSError:
            self.stop()
            raise

    def __repr__(self):
        return "<inetd: %s>" % (" ".join(self.services) or "stopped")

    def stop(self):
        """Stop all of them."""
        for service in self.services.values():
            service.stop()
        self.services = {}


class _Tcp(Service):
    limit = 8

    def __init__(self, name, port, session):
        super().__init__(port)
        self.name = name
        self._session = session

    def session(self, conn):
        return self._session(self, conn)


class _Udp(Datagrams):
    def __init__(self, name, port, answer):
        super().__init__(port)
        self.name = name + "-udp"
        self.counters["refused"] = 0
        self._answer = answer

    def received(self, data, src, sport):
        answer = self._answer(data)
        if answer is None:
            return
        if sport < _RESERVED:
            self.counters["refused"] += 1
            return
        self.send(answer, src, sport)


# TCP.


class _Echo(Session):
    def begin(self):
        self.wait_for(_IDLE)

    def received(self, data):
        self.wait_for(_IDLE)
        self.send(bytes(data))


class _Discard(Session):
    def begin(self):
        self.wait_for(_IDLE)

    def received(self, data):
        self.wait_for(_IDLE)


class _Daytime(Session):
    def begin(self):
        self.send(daytime(time.gmtime()))
        self.finish()


class _Chargen(Session):
    def begin(self):
        self.wait_for(_LONGEST)
        self.stream(_Characters())


class _Characters:
    """A source without an end."""

    def __init__(self):
        self._period = memoryview(characters())
        self._at = 0

    def next(self, room):
        piece = self._period[self._at : self._at + room]
        self._at = (self._at + len(piece)) % len(self._period)
        return piece

    def close(self):
        pass


# UDP: the answer to a datagram, None for none.


def _echo(data):
    return data


def _discard(data):
    return None


def _daytime(data):
    return daytime(time.gmtime())


def _chargen(data):
    return _SOME[: len(data)]


_SESSIONS = {"echo": _Echo, "discard": _Discard, "daytime": _Daytime, "chargen": _Chargen}
_ANSWERS = {"echo": _echo, "discard": _discard, "daytime": _daytime, "chargen": _chargen}
