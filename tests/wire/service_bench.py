# Frostnet: a service on one host, its clients on another, in virtual time
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket

import services
from frostnet import runtime
from simtools import SECOND, scheduler, two_hosts

HOST = "10.0.0.2"
PORT = 7


class Bench:
    """A service on host b, and clients on host a, which the foreground is."""

    def __init__(self, make, **options):
        self.sim, self.a, self.b = two_hosts(**options)
        self.before = self.b.use()
        scheduler(self.sim, self.b.rt)
        self.service = self.start(make)
        self.a.use()
        self.clients = []

    def start(self, make):
        """Return what is tested, and has begun to serve; it has stop()."""
        return make(PORT).start()

    def client(self, port=PORT):
        """A socket that is connected to the service."""
        s = socket.socket()
        s.settimeout(5)
        s.connect((HOST, port))
        self.clients.append(s)
        return s

    def run(self, seconds):
        self.sim.run(int(seconds * SECOND))

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, tb):
        self.service.stop()
        for s in self.clients:
            s.close()
        if exc is None:
            self.run(70)
            assert not self.b.stack.tcp.count and not self.b.stack.tcp.listeners
            assert not self.b.stack.udp.endpoints() and not services.running
        runtime.set_current(self.before)


def read_to_end(s):
    data = b""
    while True:
        piece = s.recv(65536)
        if not piece:
            return data
        data += piece


def read_to_end_or_reset(s):
    try:
        return read_to_end(s)
    except OSError as e:
        return e.errno
