# Frostnet: tests of TCP sockets' options
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno
import struct
import time

import socket
from frostnet import runtime
from sockbench import LOCAL, connected, errno_of, up

SOL = socket.SOL_SOCKET
TCP = socket.IPPROTO_TCP


def conn(sock):
    return sock._conn


def pair_with(client_options=(), listener_options=()):
    """A connected pair whose options were set before."""
    listener = socket.socket()
    for option, value in listener_options:
        listener.setsockopt(SOL, option, value)
    listener.bind((LOCAL, 8000))
    listener.listen(1)
    client = socket.socket()
    for option, value in client_options:
        client.setsockopt(SOL, option, value)
    client.connect((LOCAL, 8000))
    server = listener.accept()[0]
    listener.close()
    return client, server


def test_defaults():
    up()
    fresh = socket.socket()
    client, server = connected()
    for s in (fresh, client, server):
        for option, value in (
            (socket.SO_KEEPALIVE, 0),
            (socket.TCP_NODELAY, 0),
            (socket.TCP_KEEPIDLE, 7200),
            (socket.TCP_KEEPINTVL, 75),
            (socket.TCP_KEEPCNT, 9),
            (socket.TCP_USER_TIMEOUT, 300000),
            (socket.SO_RCVBUF, 65535),
            (socket.SO_SNDBUF, 65535),
            (socket.SO_LINGER, struct.pack("ii", 0, 0)),
        ):
            assert s.getsockopt(SOL, option) == value, option


def test_set_and_get():
    """On a fresh socket and on a connected one; packed values as well."""
    up()
    for s in (socket.socket(), connected()[0]):
        for option, value in (
            (socket.SO_KEEPALIVE, 1),
            (socket.TCP_NODELAY, 1),
            (socket.TCP_KEEPIDLE, 30),
            (socket.TCP_KEEPINTVL, 5),
            (socket.TCP_KEEPCNT, 2),
            (socket.TCP_USER_TIMEOUT, 5000),
            (socket.SO_RCVBUF, 100000),
            (socket.SO_SNDBUF, 200000),
        ):
            s.setsockopt(TCP, option, value)
            assert s.getsockopt(TCP, option) == value
            s.setsockopt(TCP, option, struct.pack("i", value))
            assert s.getsockopt(TCP, option, 4) == struct.pack("i", value)
        s.setsockopt(SOL, socket.SO_KEEPALIVE, struct.pack("i", 0))
        assert s.getsockopt(SOL, socket.SO_KEEPALIVE) == 0
        s.setsockopt(SOL, socket.SO_LINGER, struct.pack("ii", 1, 3))
        assert s.getsockopt(SOL, socket.SO_LINGER) == struct.pack("ii", 1, 3)


def test_values_that_cannot_be():
    up()
    s = socket.socket()
    for option, value in (
        (socket.TCP_KEEPIDLE, 0),
        (socket.TCP_KEEPINTVL, 32768),
        (socket.TCP_KEEPCNT, 0),
        (socket.TCP_KEEPCNT, 128),
        (socket.TCP_USER_TIMEOUT, -1),
        (socket.TCP_KEEPIDLE, b"abc"),
    ):
        assert errno_of(s.setsockopt, TCP, option, value) == errno.EINVAL, (option, value)
    for value, size in ((0, 1024), (1 << 30, 1 << 20), (-5, 1024)):
        s.setsockopt(SOL, socket.SO_RCVBUF, value)
        assert s.getsockopt(SOL, socket.SO_RCVBUF) == size


def test_options_reach_the_connection():
    up()
    options = (
        (socket.SO_KEEPALIVE, 1),
        (socket.TCP_KEEPIDLE, 30),
        (socket.TCP_NODELAY, 1),
        (socket.SO_RCVBUF, 300000),
        (socket.SO_SNDBUF, 250000),
        (socket.TCP_USER_TIMEOUT, 7000),
    )
    for client, server in (pair_with(options), pair_with((), options)):
        s = client if conn(client).nodelay else server
        c = conn(s)
        assert c.keepalive and c.keep_idle == 30000000 and c.nodelay
        assert c.rx.limit == 300000 and c.tx.limit == 250000 and c.user_timeout == 7000000
        assert c.keep_at < 1 << 60, "it is watched"
        assert s.getsockopt(SOL, socket.SO_KEEPALIVE) == 1
        client.close()
        server.close()


def test_window_of_a_large_buffer():
    """RFC 7323 §2: SO_RCVBUF before connect() or listen() decides on the scale; 300,000 bytes
    then wait in the receiver's buffer, where there were 65,535."""
    up()
    client, server = pair_with(((socket.SO_SNDBUF, 400000),), ((socket.SO_RCVBUF, 300000),))
    data = bytes(range(256)) * 1600
    client.setblocking(False)
    sent = 0
    for _ in range(1000):
        try:
            sent += client.send(memoryview(data)[sent:])
        except OSError as e:
            assert e.errno == errno.EAGAIN
        runtime.current().poll()
        if conn(server).available() > 295000:
            break
    assert 295000 < conn(server).available() <= 300032
    server.settimeout(5)
    got = 0
    while got < sent:
        n = len(server.recv(100000))
        assert n
        got += n


def test_linger_waits_for_the_peer():
    """close() returns when the peer has acknowledged everything, here at once."""
    up()
    client, server = connected()
    client.setsockopt(SOL, socket.SO_LINGER, struct.pack("ii", 1, 5))
    c = conn(client)
    client.send(b"last words")
    begin = time.ticks_ms()
    client.close()
    assert time.ticks_diff(time.ticks_ms(), begin) < 2000
    assert not c.unfinished() and c.tx.len == 0
    assert server.read() == b"last words"


def test_linger_has_an_end():
    """A peer that reads nothing: close() waits as long as it was told; the rest goes on."""
    up()
    client, server = connected()
    client.setsockopt(SOL, socket.SO_LINGER, struct.pack("ii", 1, 1))
    client.setblocking(False)
    sent = 0
    for _ in range(200):
        try:
            sent += client.send(bytes(10000))
        except OSError:
            runtime.current().poll()
    assert sent > 100000
    client.settimeout(3)
    c = conn(client)
    begin = time.ticks_ms()
    client.close()
    assert 900 < time.ticks_diff(time.ticks_ms(), begin) < 2500
    assert c.unfinished()
    got = 0
    while got < sent:
        n = len(server.recv(65536))
        assert n
        got += n
    assert server.recv(1) == b""


def test_a_socket_that_does_not_wait_does_not_linger():
    up()
    client, server = connected()
    client.setsockopt(SOL, socket.SO_LINGER, struct.pack("ii", 1, 5))
    client.setblocking(False)
    try:
        while True:
            client.send(bytes(10000))
            runtime.current().poll()
    except OSError:
        pass
    begin = time.ticks_ms()
    client.close()
    assert time.ticks_diff(time.ticks_ms(), begin) < 500
    server.close()


def test_connection_to_itself():
    """RFC 9293 §3.5: simultaneous open with oneself; what is sent comes back."""
    up()
    s = socket.socket()
    s.bind((LOCAL, 9999))
    s.settimeout(5)
    s.connect((LOCAL, 9999))
    assert s.getsockname() == s.getpeername() == (LOCAL, 9999)
    s.send(b"echo")
    assert s.recv(10) == b"echo"
    s.shutdown(1)
    assert s.recv(10) == b""
    s.close()
