# Frostnet: tests of select with many sockets: the same answers as from the poller in C, which asks
# each, without asking each
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc
import io
import random
import time

import micropython
import select
import socket
import uselect
from frostnet import runtime
from sockbench import LOCAL, connected, errno_of, up

IN, OUT, ERR, HUP, NVAL = 1, 4, 8, 16, 32


class Stream(io.IOBase):
    ready = asked = 0

    def ioctl(self, request, arg):
        if request != 3:
            return -22
        self.asked += 1
        return self.ready & arg


def crowd(n=8):
    """(poller that asks `n` idle streams already, these)."""
    poller = select.poll()
    streams = [Stream() for _ in range(n)]
    for stream in streams:
        poller.register(stream, IN)
    return poller, streams


def answers(poller, *args):
    """{id: events}."""
    got = poller.poll(*args)
    assert len({id(s) for s, _ in got}) == len(got)
    return {id(s): events for s, events in got}


def pairs(n):
    """`n` connections to ourselves, (client, server)."""
    listener = socket.socket()
    listener.bind((LOCAL, 0))
    listener.listen(4)
    made = []
    for _ in range(n):
        client = socket.socket()
        client.connect(listener.getsockname())
        made.append((client, listener.accept()[0]))
    listener.close()
    return made


def test_idle_sockets_are_not_asked():
    up()
    poller, _ = crowd()
    counts = []
    for client, server in pairs(50):
        poller.register(server, IN)
        server._poll_ = server._poll
        server._poll = lambda want, server=server: counts.append(server) or server._poll_(want)
        last = client, server
    assert poller.poll(0) == [] and len(counts) == 50, "each once"
    counts.clear()
    for _ in range(20):
        assert poller.poll(0) == []
    assert counts == []
    client, server = last
    client.send(b"x")
    assert poller.poll(1000) == [(server, IN)] and counts == [server]
    assert poller.poll(0) == [(server, IN)], "as long as it is ready"
    server.recv(1)
    assert poller.poll(0) == []
    counts.clear()
    assert poller.poll(0) == [] and counts == []


def test_same_answers_as_the_poller_in_c():
    up()
    random.seed(5)
    poller, _ = crowd()
    plain = uselect.poll()
    made = pairs(12)
    for client, server in made:
        server.setblocking(False)
        client.setblocking(False)
        poller.register(server, IN)
        plain.register(server, IN)
    listener = socket.socket()
    listener.bind((LOCAL, 8000))
    listener.listen(4)
    listener.setblocking(False)
    fresh = socket.socket()
    for s in (listener, fresh):
        poller.register(s, IN)
        plain.register(s, IN)
    dialled = []
    for step in range(600):
        client, server = random.choice(made)
        what = random.getrandbits(4)
        try:
            if what < 5:
                client.write(b"x" * random.randint(1, 3000))
            elif what < 10:
                server.read(random.randint(1, 2000))
            elif what == 10 and step > 100:
                client.shutdown(1)
            elif what == 11 and step > 200:
                client.setsockopt(1, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                client.close()
            elif what == 12 and step > 300:
                server.close()
            elif what == 13:
                server.setsockopt(1, 20, random.choice((None, lambda s: None)))
            elif what == 14 and len(dialled) < 20:
                s = socket.socket()
                dialled.append(s)
                s.setblocking(False)
                s.connect((LOCAL, 8000))
            elif what == 15:
                dialled.append(listener.accept()[0])
        except OSError:
            pass
        runtime.current().poll()
        got = answers(poller, 0)
        assert got == answers(plain, 0), (step, what, got)


def test_wakes_for_notes_streams_and_time():
    up()
    poller, streams = crowd()
    client, server = connected()
    poller.register(server, IN)
    poller.poll(0)
    begin = time.ticks_ms()
    micropython.schedule(lambda _: client.send(b"x"), None)
    assert poller.poll(5000) == [(server, IN)]
    server.recv(1)
    streams[3].ready = IN
    assert poller.poll(5000) == [(streams[3], IN)]
    client.send(b"x")
    assert answers(poller, 0) == {id(server): IN, id(streams[3]): IN}, "both at once"
    server.recv(1)
    streams[3].ready = 0
    assert time.ticks_diff(time.ticks_ms(), begin) < 4000
    begin = time.ticks_ms()
    assert poller.poll(30) == []
    assert 28 <= time.ticks_diff(time.ticks_ms(), begin) < 1000


def test_modify_and_unregister():
    up()
    poller, _ = crowd()
    client, server = connected()
    assert errno_of(poller.modify, server, IN) == 2
    poller.unregister(server)
    poller.register(server, IN)
    assert poller.poll(0) == []
    poller.modify(server, IN | OUT)
    assert poller.poll(0) == [(server, OUT)]
    poller.modify(server, IN)
    assert poller.poll(0) == []
    client.send(b"x")
    poller.register(server, OUT)
    assert poller.poll(0) == [(server, OUT)]
    poller.register(server, IN)
    assert poller.poll(100) == [(server, IN)]
    poller.unregister(server)
    poller.unregister(server)
    assert poller.poll(0) == []
    poller.register(server, IN)
    assert poller.poll(0) == [(server, IN)], "what is there already is seen"
    poller.unregister(server)
    assert server._conn.notify is None


def test_broken_off_in_the_middle():
    # Ctrl-C comes while one of them is asked: what is there is seen the next time.
    up()
    poller, _ = crowd()
    made = pairs(3)
    for client, server in made:
        poller.register(server, IN)
        client.send(b"x")

    def broken(want):
        raise KeyboardInterrupt

    for _, server in made:
        inner = server._poll
        server._poll = broken
        try:
            poller.poll(0)
            assert False
        except KeyboardInterrupt:
            pass
        server._poll = inner
    assert answers(poller, 0) == {id(server): IN for _, server in made}


def test_oneshot():
    up()
    poller, _ = crowd()
    client, server = connected()
    poller.register(server, IN)
    client.send(b"x")
    assert list(poller.ipoll(1000, 1)) == [(server, IN)]
    assert list(poller.ipoll(0, 1)) == []
    poller.modify(server, IN)
    assert list(poller.ipoll(0, 1)) == [(server, IN)]
    client.send(b"y")
    assert list(poller.ipoll(0)) == []


def test_two_pollers():
    up()
    first, _ = crowd()
    second, _ = crowd()
    client, server = connected()
    first.register(server, IN)
    second.register(server, IN)
    assert first.poll(0) == second.poll(0) == []
    client.send(b"x")
    assert first.poll(100) == second.poll(100) == [(server, IN)]


def test_callback_as_well():
    up()
    poller, _ = crowd()
    client, server = connected()
    poller.register(server, IN)
    assert poller.poll(0) == []
    called = []
    server.setsockopt(1, 20, called.append)
    client.send(b"x")
    assert poller.poll(1000) == [(server, IN)]
    for _ in range(10):
        pass
    assert called == [server]


def test_closed_while_it_is_registered():
    up()
    poller, _ = crowd()
    client, server = connected()
    poller.register(server, IN)
    assert poller.poll(0) == []
    server.close()
    assert poller.poll(0) == [(server, NVAL)]
    poller.unregister(server)
    assert poller.poll(0) == []


def test_forgotten_while_it_is_registered():
    # Neither poller nor socket are held by what the poller left with the connection.
    up()
    gc.collect()
    before = runtime.current().stack.tcp.count

    def forget():
        poller, _ = crowd()
        for client, server in pairs(20):
            poller.register(server, IN)
        poller.poll(0)

    forget()
    [bytes(200) for _ in range(20)]  # what is left on the stack
    for _ in range(5):
        gc.collect()
        for _ in range(20):
            runtime.current().poll()
    assert runtime.current().stack.tcp.count <= before + 6


def test_connecting_and_failing():
    up()
    poller, _ = crowd()
    s = socket.socket()
    s.setblocking(False)
    assert errno_of(s.connect, (LOCAL, 9)) == 115
    poller.register(s, IN)
    assert poller.poll(1000) == [(s, IN | ERR | HUP)]
    assert errno_of(s.connect, (LOCAL, 9)) == 111
    assert poller.poll(0) == [(s, HUP)], "it is fresh again"
    listener = socket.socket()
    listener.bind((LOCAL, 8000))
    listener.listen(1)
    assert errno_of(s.connect, (LOCAL, 8000)) in (0, 115)
    for _ in range(5):
        runtime.current().poll()
    assert poller.poll(0) == []
    listener.accept()[0].send(b"x")
    assert poller.poll(1000) == [(s, IN)]


def test_without_a_network():
    before = runtime.set_current(None)
    poller, streams = crowd(20)
    streams[4].ready = IN
    assert poller.poll(10) == [(streams[4], IN)]
    runtime.set_current(before)
