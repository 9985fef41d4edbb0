# Frostnet: what the board runs to have very many connections, for hostlib/crowd.py
# MIT license; Copyright (c) 2026 The Frostnet authors
import gc
import socket
import time

from frostnet import runtime
from frostnet.sockets import held

crowd = []  # sockets


def welcome(port, n):
    """Accept `n` connections, answer one echo on each, and keep all."""
    listener = socket.socket()
    try:
        listener.bind(("0.0.0.0", port))
        listener.listen(32)
        listener.settimeout(20)
        print("ready")
        while len(crowd) < n:
            s, _ = listener.accept()
            s.settimeout(20)
            crowd.append(s)
            s.sendall(s.recv(64))
    finally:
        listener.close()


def answer():
    """One more echo on each, in the order in which they came."""
    for s in crowd:
        s.sendall(s.recv(64))


def meet_ourselves(n):
    """Have `n` connections more: both ends of half as many to ourselves."""
    listener = socket.socket()
    try:
        listener.bind(("127.0.0.1", 0))
        listener.listen(4)
        where = listener.getsockname()
        for i in range(n >> 1):
            s = socket.socket()
            crowd.append(s)
            s.connect(where)
            crowd.append(listener.accept()[0])
    finally:
        listener.close()


def part():
    """Close all."""
    while crowd:
        crowd.pop().close()
    gc.collect()


def count():
    """How many connections there are."""
    return runtime.current().stack.tcp.count


def heap():
    """Bytes of the heap that are in use."""
    gc.collect()
    return gc.mem_alloc()


# The connection of a socket, which is not to be closed when the socket is collected.
def _connection_of(s):
    held.release(s._rt, s._token)
    return s._conn


def without_sockets():
    """heap() without the socket objects of the crowd, which are made anew."""
    global crowd
    connections = [_connection_of(s) for s in crowd]
    s = crowd = None
    used = heap()
    crowd = []
    for c in connections:
        s = socket.socket()
        s._conn = c
        s._hold()
        crowd.append(s)
    return used


def echoes(n):
    """µs that `n` echoes take over the first connection to ourselves."""
    a, b = crowd[:2]
    buf = bytearray(64)
    gc.collect()
    begin = time.ticks_us()
    for _ in range(n):
        a.send(buf)
        b.send(b.recv(64))
        a.recv(64)
    return time.ticks_diff(time.ticks_us(), begin)
