# Frostnet: an example: who is on this wire, over Ethernet
# MIT license; Copyright (c) 2026 The Frostnet authors

# Everybody says a name every few seconds, to all, and for how long that holds. A frame of type
# 0x88B5 (IEEE 802: for experiments) carries
#
#     version (1)   lifetime in s (1)   length of the name (1)   name
#
# `Hello` is the protocol: it is given bytes and the time, and returns bytes and a time. `run` is
# what it takes to have that on an interface: a packet socket and a clock.

import errno
import socket
import time

from micropython import const

TYPE = const(0x88B5)

_VERSION = const(1)
_HEADER = const(3)
_EVERY = const(5000000)  # µs between two hellos
_LIFETIME = const(15)  # s: two may be lost
_NAME = const(32)  # bytes
_TABLE = const(64)  # others; who comes then must wait until one is gone
_ALL = b"\xff\xff\xff\xff\xff\xff"


class Hello:
    """`name` is what we are called. `others` is {hardware address: (name, time when it ends)};
    `dropped` counts what could not be understood, `full` for whom there was no place.
    """

    def __init__(self, name):
        self._name = name.encode()
        if not 0 < len(self._name) <= _NAME:
            raise ValueError("a name has 1 to 32 bytes")
        self.others = {}
        self.dropped = 0
        self.full = 0
        self._next = 0

    def poll(self, now):
        """What is to be sent at time `now` (µs), or None, and when to ask again."""
        for mac in [mac for mac, (_, end) in self.others.items() if end <= now]:
            del self.others[mac]
        said = None
        if now >= self._next:
            self._next = now + _EVERY
            said = self._say(_LIFETIME)
        ends = [end for _, end in self.others.values()]
        return said, min(ends + [self._next])

    def goodbye(self):
        """What is to be sent last: a hello that holds for no time."""
        return self._say(0)

    def receive(self, data, mac, now):
        """Take what came from a hardware address."""
        n = len(data)
        if n < _HEADER or data[0] != _VERSION or not 0 < data[2] <= min(_NAME, n - _HEADER):
            self.dropped += 1  # behind the name there may be padding: a frame has 60 bytes
            return
        try:
            name = str(data[_HEADER : _HEADER + data[2]], "utf-8")
        except UnicodeError:
            self.dropped += 1
            return
        if not data[1]:
            self.others.pop(mac, None)
        elif mac in self.others or len(self.others) < _TABLE:
            self.others[mac] = (name, now + data[1] * 1000000)
        else:
            self.full += 1

    def _say(self, lifetime):
        return bytes((_VERSION, lifetime, len(self._name))) + self._name


def run(hello, iface="eth0", seconds=60, clock=time.ticks_us):
    """Say hello on an interface and listen, for some seconds or until Ctrl-C."""
    s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, TYPE)
    s.bind((iface, TYPE))
    everybody = (iface, TYPE, 0, 0, _ALL)
    now = clock()
    end = now + seconds * 1000000
    try:
        while now < end:
            said, when = hello.poll(now)
            if said:
                s.sendto(said, everybody)
            s.settimeout(max(min(when, end) - clock(), 1000) / 1000000)
            try:
                data, address = s.recvfrom(_HEADER + _NAME)
                hello.receive(data, address[4], clock())
            except OSError as e:
                if e.errno not in (errno.ETIMEDOUT, errno.EAGAIN):
                    raise
            now = clock()
    except KeyboardInterrupt:
        pass
    finally:
        s.sendto(hello.goodbye(), everybody)
        s.close()
