# Frostnet: a stack that talks to itself, in real time, for the tests of sockets
# MIT license; Copyright (c) 2026 The Frostnet authors

import os

import _port

from frostnet import runtime
from frostnet.dns import Resolver
from frostnet.runtime import Runtime
from frostnet.stack import Stack

LOCAL = "127.0.0.1"


def rand(bits):
    return int.from_bytes(os.urandom((bits + 7) >> 3), "big") & ((1 << bits) - 1)


def up():
    """A new network of one host; every test has its own. Returns its Runtime."""
    before = runtime.set_current(None)
    if before:
        before.stop()
    stack = Stack(rand, _port.ticks_us())
    stack.strict = True
    rt = Runtime(stack, _port)
    rt.resolver = Resolver(stack)
    runtime.set_current(rt)
    return rt


def errno_of(fn, *args):
    """The errno that fn(*args) raises as OSError, 0 if it raises nothing."""
    try:
        fn(*args)
    except OSError as e:
        assert e.errno == e.args[0]
        return e.errno
    return 0


def connected(backlog=1, port=8000):
    """(client, server side) of a connection."""
    import socket

    listener = socket.socket()
    listener.bind((LOCAL, port))
    listener.listen(backlog)
    client = socket.socket()
    client.connect((LOCAL, port))
    server, _ = listener.accept()
    listener.close()
    return client, server
