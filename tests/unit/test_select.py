# Frostnet: tests of select on sockets, state by state
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno
import select
import struct
import time

import micropython
import socket
from frostnet import runtime
from sockbench import LOCAL, connected, errno_of, up

IN, OUT, ERR, HUP, NVAL = 1, 4, 8, 16, 32


def poll(s, want=IN | OUT, timeout=0):
    """Flags of one socket, 0 if poll() returns nothing."""
    poller = select.poll()
    poller.register(s, want)
    ready = poller.poll(timeout)
    return ready[0][1] if ready else 0


def test_new():
    up()
    s = socket.socket()
    assert poll(s) == OUT | HUP
    assert poll(s, IN) == HUP
    s.bind((LOCAL, 8000))
    assert poll(s) == OUT | HUP


def test_closed():
    up()
    for s in (socket.socket(), connected()[0], socket.socket(2, socket.SOCK_DGRAM)):
        s.close()
        assert poll(s) == poll(s, IN) == NVAL


def test_listening():
    up()
    s = socket.socket()
    s.bind((LOCAL, 8000))
    s.listen(2)
    assert poll(s) == 0
    client = socket.socket()
    client.connect((LOCAL, 8000))
    assert poll(s) == IN
    s.accept()
    assert poll(s) == 0


def test_connecting():
    rt = up()
    listener = socket.socket()
    listener.bind((LOCAL, 8000))
    listener.listen(1)
    inner = rt.stack.poll
    rt.stack.poll = lambda now: None  # nothing arrives
    s = socket.socket()
    s.setblocking(False)
    assert errno_of(s.connect, (LOCAL, 8000)) == errno.EINPROGRESS
    assert poll(s) == 0
    assert errno_of(s.connect, (LOCAL, 8000)) == errno.EALREADY
    assert errno_of(s.send, b"x") == errno_of(s.recv, 1) == errno.EAGAIN
    assert s.write(b"x") is None and s.read(1) is None
    assert errno_of(s.sendall, b"x") == errno.EAGAIN
    rt.stack.poll = inner
    rt.lock()
    rt.unlock()
    assert poll(s) == OUT
    assert errno_of(s.connect, (LOCAL, 8000)) == errno.EISCONN
    assert s.write(b"x") == 1


def test_connected_idle_then_data():
    up()
    client, server = connected()
    assert poll(server) == OUT and poll(server, IN) == 0
    client.send(b"x")
    assert poll(server) == IN | OUT and poll(server, IN) == IN
    server.recv(1)
    assert poll(server, IN) == 0


def test_send_buffer_full():
    up()
    client, server = connected()
    client.setblocking(False)
    while client.write(bytes(10000)):
        pass
    assert poll(client) == 0
    server.setblocking(False)
    while server.recv(65536) and not poll(client):
        pass
    assert poll(client) == OUT


def test_peer_finished():
    up()
    client, server = connected()
    client.send(b"x")
    client.shutdown(1)
    assert poll(server) == IN | OUT
    server.recv(1)
    assert poll(server) == IN | OUT, "the end can be read"
    assert poll(client) == OUT
    server.close()
    runtime.current().poll()
    assert poll(client) & (IN | HUP) == IN | HUP


def test_reset():
    # What CPython's poll() says in tests/multi_net/tcp_client_rst.py
    up()
    client, server = connected()
    server.setblocking(False)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.send(b"GET /")
    client.close()
    assert poll(server, IN) == IN | ERR | HUP
    assert server.recv(10) == b"GET /"
    assert poll(server, IN) == IN | ERR | HUP
    assert errno_of(server.recv, 10) == errno.ECONNRESET
    assert poll(server, IN) == IN | HUP
    assert server.recv(10) == b""
    assert poll(server, IN) == IN | HUP
    assert poll(server) == IN | OUT | HUP


def test_refused():
    up()
    s = socket.socket()
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 0, 0))
    assert errno_of(s.connect, (LOCAL, 9)) == errno.EINPROGRESS
    assert poll(s) == IN | OUT | ERR | HUP
    assert errno_of(s.write, b"x") == errno.ECONNREFUSED


def test_datagrams():
    up()
    a = socket.socket(2, socket.SOCK_DGRAM)
    assert poll(a) == OUT
    a.bind((LOCAL, 1000))
    assert poll(a) == OUT and poll(a, IN) == 0
    a.sendto(b"x", (LOCAL, 1000))
    assert poll(a) == IN | OUT
    a.recv(1)
    a.connect((LOCAL, 9))
    a.send(b"x")
    assert poll(a, IN) == IN | ERR
    assert errno_of(a.recv, 1) == errno.ECONNREFUSED
    assert poll(a, IN) == 0


def test_waits_for_an_event_and_for_its_time():
    up()
    client, server = connected()
    begin = time.ticks_ms()
    assert poll(server, IN, 30) == 0
    assert 28 <= time.ticks_diff(time.ticks_ms(), begin) < 300
    micropython.schedule(lambda _: client.send(b"x"), None)
    assert poll(server, IN, 3000) == IN
    assert time.ticks_diff(time.ticks_ms(), begin) < 1000


def test_select():
    up()
    client, server = connected()
    assert select.select([server], [client], [], 0) == ([], [client], [])
    client.send(b"x")
    assert select.select([server], [], [], 1) == ([server], [], [])


def test_other_requests():
    # 0 would be taken for a file descriptor.
    up()
    s = socket.socket()
    for request in (1, 2, 6, 10, 11, 99):
        assert s.ioctl(request, 0) == -errno.EINVAL
    assert s.ioctl(4, 0) == 0
    assert poll(s) == NVAL


def test_asking_alone_makes_progress():
    # A program that asks in a loop inside a scheduled callback: nobody else polls the stack.
    rt = up()
    polls = []
    inner = rt.stack.poll

    def counting(now):
        polls.append(now)
        return inner(now)

    rt.stack.poll = counting
    client, server = connected()
    polls.clear()

    took = []

    def ask(_):
        begin = time.ticks_ms()
        while len(polls) < 20 and time.ticks_diff(time.ticks_ms(), begin) < 10000:
            rt._due = 0  # as if a timer were due
            server.ioctl(3, IN)
        took.append(time.ticks_diff(time.ticks_ms(), begin))

    micropython.schedule(ask, None)
    for _ in range(100):
        pass
    # It polls, but not each time that it is asked.
    assert len(polls) == 20, len(polls)
    assert took[0] >= 10, took
