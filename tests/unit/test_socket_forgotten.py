# Frostnet: tests of sockets that programs forget: the collector finds them, and they are closed
# MIT license; Copyright (c) 2026 The Frostnet authors

# docs.micropython.org, socket: "sockets are closed when they are collected".

import asyncio
import errno
import gc
import select
import time

import _port
import micropython
import socket
from frostnet import runtime
from frostnet.sockets import held
from sockbench import LOCAL, connected, errno_of, rand, up

STREAM, DGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM


def collect():
    """Collect; the collector takes any word of the C stack that may be a pointer for one, so that
    the words which earlier calls left there must be overwritten.
    """
    for _ in range(3):
        for n in range(8):
            bury(n)
        gc.collect()
        time.sleep_ms(1)
        runtime.current().poll()


def bury(n):
    _port.Token(n).take()
    socket.socket(socket.AF_INET, DGRAM).close()
    return bury(n - 1) if n else sorted([3, 1, 2], key=lambda k: [None] * k)


def forgotten():
    return getattr(runtime.current().stack.counters, "socket_forgotten", 0)


def test_tokens():
    """The mark, taken before, is none; numbers come back in order."""
    up()
    collect()
    called = []
    _port.collected(called.append)

    def make():
        tokens = [_port.Token(n * 40) for n in range(100)]
        assert tokens[2].take() == 80 and tokens[2].take() == -1

    make()
    for n in range(8):
        bury(n)
    gc.collect()
    time.sleep_ms(1)
    _port.collected(held.reap)
    got = [_port.collected() for _ in range(100)]
    marked = [n for n in got if n >= 0]
    assert 97 <= len(marked) <= 99 and marked == sorted(marked) and 80 not in marked, got
    assert all(n % 40 == 0 for n in marked) and got[99] == -1
    assert called == [None], "scheduled once for all"
    for bad in (-1, 4096):
        try:
            _port.Token(bad)
            assert False
        except ValueError:
            pass
    assert not _port.collecting()


def test_fresh_sockets_hold_nothing():
    rt = up()

    def make():
        for _ in range(1000):
            socket.socket()

    make()
    assert not rt.held


def test_1000_udp_sockets():
    """The table has room for 64: what programs forgot makes room, without their doing."""
    rt = up()

    def make():
        for _ in range(1000):
            s = socket.socket(socket.AF_INET, DGRAM)
            s.bind(("", 0))

    make()
    collect()
    assert rt.stack.udp.endpoints() == [] and not rt.held
    assert forgotten() == 1000


def test_1000_connections():
    rt = up()
    tcp = rt.stack.tcp

    def make():
        listener = socket.socket()
        listener.bind((LOCAL, 8000))
        listener.listen(4)
        for _ in range(500):
            client = socket.socket()
            client.connect((LOCAL, 8000))
            listener.accept()

    make()
    collect()
    rt.poll()
    assert tcp.count == 0 and not tcp.listeners, tcp.count
    assert not rt.held and not rt.stack.counters.drops()
    assert forgotten() == 1001
    # Its port, and all else, can be used again.
    client, server = connected()
    client.send(b"x")
    assert server.recv(1) == b"x"


def test_1000_bound_ports():
    rt = up()

    def make():
        for n in range(1000):
            socket.socket().bind(("", 0))
            if n == 900:
                socket.socket().bind(("", 8000))

    make()
    collect()
    assert not rt.held and not rt.stack.tcp.ports._bound
    s = socket.socket()
    s.bind(("", 8000))


def test_what_was_sent_is_delivered_and_then_the_end():
    up()
    data = bytes(range(256)) * 400

    def forget():
        client, server = connected()
        client.setblocking(False)
        sent = 0
        for _ in range(20):
            sent += client.write(data[sent:]) or 0
        assert client._conn.tx.len > 10000, "there is something that was not delivered"
        return server, sent

    server, sent = forget()
    assert sent > 70000
    collect()
    assert forgotten() == 1
    server.settimeout(5)
    assert server.read() == data[:sent]
    server.close()
    collect()
    assert runtime.current().stack.tcp.count == 0


def test_a_listener_takes_its_queue_along():
    """The clients that nobody accepted are reset, as by close()."""
    up()

    def forget():
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 50000)
        listener.bind((LOCAL, 8000))
        listener.listen(5)
        clients = [socket.socket() for _ in range(3)]
        for client in clients:
            client.connect((LOCAL, 8000))
        return clients

    clients = forget()
    collect()
    for client in clients:
        assert errno_of(client.recv, 1) == errno.ECONNRESET
    assert errno_of(socket.socket().connect, (LOCAL, 8000)) == errno.ECONNREFUSED


def test_groups_are_left():
    from simwire import Port

    rt = up()
    iface = rt.stack.add(Port(b"\2\0\0\0\0\1"), "eth0")
    iface.set_address(0x0A000001, 24)
    group = socket.inet_pton(2, "224.1.2.3") + bytes(4)

    def forget(bound):
        s = socket.socket(socket.AF_INET, DGRAM)
        if bound:
            s.bind(("", 5000))
        s.setsockopt(0, socket.IP_ADD_MEMBERSHIP, group)
        assert 0xE0010203 in iface.groups

    for bound in (False, True):
        forget(bound)
        collect()
        assert 0xE0010203 not in iface.groups
    assert rt.stack.udp.endpoints() == []


def test_raw_and_packet_sockets():
    rt = up()

    def forget():
        for _ in range(100):
            socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
            socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ETH_P_ALL)

    forget()
    collect()
    assert rt.stack.raw.endpoints() == [] and not rt.held
    assert rt.stack.lo.dev is rt.stack._lo_dev


def test_who_closes_is_not_closed_again():
    rt = up()
    client, server = connected()
    client.close()
    server.close()
    assert not rt.held
    del client, server
    collect()
    assert forgotten() == 0


def test_names_that_are_held_elsewhere_keep_it():
    up()

    def make():
        client, server = connected()
        poller = select.poll()
        poller.register(server, select.POLLIN)
        return [poller, client.recv, asyncio.StreamReader(client)]

    def use(kept):
        collect()
        assert forgotten() == 0
        kept[2].s.send(b"x")
        assert kept[0].poll(1000)[0][1] == 1
        kept.pop()
        collect()
        assert forgotten() == 0, "a method of it is known"
        kept.clear()

    use(make())
    collect()
    assert 1 <= forgotten() <= 2, "a stale word may keep one"


def test_a_blocked_call_keeps_it():
    up()
    client, server = connected()

    def later(_):
        collect()
        client.send(b"here")

    def take(sock):
        return sock.recv(10)

    micropython.schedule(later, None)
    assert take(connected_end(server)) == b"here"


def connected_end(server):
    return server


def test_one_with_a_callback_lives_as_long_as_its_connection():
    """The stack calls the program with the socket: it is not forgotten."""
    up()
    seen = []

    def make():
        client, server = connected()
        server.setsockopt(socket.SOL_SOCKET, 20, lambda s: seen.append(s.recv(10)))
        return client

    client = make()
    collect()
    client.send(b"first")
    collect()
    client.send(b"second")
    collect()
    assert seen == [b"first", b"second"] and forgotten() == 0
    client.close()
    collect()
    assert seen[2:] == [b""]


def test_callback_taken_back():
    rt = up()

    def make():
        client, server = connected()
        server.setsockopt(socket.SOL_SOCKET, 20, print)
        server.setsockopt(socket.SOL_SOCKET, 20, None)
        u = socket.socket(socket.AF_INET, DGRAM)
        u.setsockopt(socket.SOL_SOCKET, 20, print)
        u.bind(("", 7))
        u.setsockopt(socket.SOL_SOCKET, 20, None)
        return client

    client = make()
    collect()
    assert forgotten() == 2 and client.recv(1) == b""
    assert not rt.stack.udp.endpoints()


def test_connection_with_a_callback_that_ended_is_no_leak():
    rt = up()

    def make():
        for port in range(8000, 8020):
            client, server = connected(1, port)
            server.setsockopt(socket.SOL_SOCKET, 20, lambda s: None)
            server.shutdown(1)
            client.close()

    make()
    collect()
    assert rt.stack.tcp.count == 0 and not rt.held


def test_a_pending_callback_keeps_it():
    rt = up()
    seen = []

    def make():
        a = socket.socket(socket.AF_INET, DGRAM)
        a.bind((LOCAL, 1000))
        a.setsockopt(socket.SOL_SOCKET, 20, lambda s: seen.append(s.recv(10)))
        rt.lock()  # the callback waits
        a.sendto(b"x", (LOCAL, 1000))
        rt.poll()

    make()
    gc.collect()
    rt.unlock()
    time.sleep_ms(1)
    assert seen == [b"x"]


def test_connecting():
    rt = up()

    def make():
        s = socket.socket()
        s.setblocking(False)
        rt.stack.poll = lambda now: None  # nothing arrives
        assert errno_of(s.connect, (LOCAL, 9)) == errno.EINPROGRESS

    inner = rt.stack.poll
    make()
    bury(8)
    gc.collect()
    rt.stack.poll = inner
    collect()
    assert forgotten() == 1 and rt.stack.tcp.count == 0


def test_asyncio_streams():
    rt = up()

    async def serve(reader, writer):
        while await reader.read(100):
            pass

    async def visit():
        reader, writer = await asyncio.open_connection(LOCAL, 8000)
        writer.write(b"hello")
        await writer.drain()

    async def main():
        server = await asyncio.start_server(serve, LOCAL, 8000)
        for _ in range(50):
            await visit()
            await asyncio.sleep_ms(0)
        for _ in range(5):
            collect()
            await asyncio.sleep_ms(5)
        server.close()
        await server.wait_closed()

    asyncio.run(main())
    asyncio.new_event_loop()
    collect()
    # A stale word may keep one of the hundred, and with it the other end.
    assert rt.stack.tcp.count <= 2 and len(rt.held) <= 2 and forgotten() >= 98


def test_tls_socket():
    """The collector finds the TLS socket and the one below at once, and runs nothing of ours."""
    try:
        import tls
    except ImportError:
        raise SystemExit("SKIP: no tls")
    rt = up()
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_NONE
    kind = socket.socket.kinds[socket.AF_INET][STREAM]
    closes = []

    def make():
        client, server = connected()
        client.setblocking(False)
        wrapped = context.wrap_socket(client, do_handshake_on_connect=False)
        assert wrapped.write(b"x") is None
        return server

    server = make()
    kind.close = lambda self: closes.append(_port.collecting())
    try:
        gc.collect()
    finally:
        del kind.close
    collect()
    assert forgotten() == 1 and not any(closes), closes
    server.settimeout(5)
    assert server.read()[:1] == b"\x16", "the beginning of a handshake, and the end"
    server.close()
    collect()
    assert not rt.held and rt.stack.tcp.count == 0


def test_many_at_once_do_not_stop_the_network():
    """A peer that sends all the time is heard while 400 sockets are closed."""
    rt = up()

    def make():
        for _ in range(200):
            client, server = connected(1, 9000)

    make()
    polls = []
    inner = rt.stack.poll

    def counting(now):
        polls.append(now)
        return inner(now)

    rt.stack.poll = counting
    rt._due = 0
    collect()
    assert forgotten() >= 399 and len(polls) > 10


def test_a_runtime_that_was_stopped():
    rt = up()

    def make():
        socket.socket(socket.AF_INET, DGRAM).bind(("", 7))
        connected()

    make()
    up()
    collect()
    assert forgotten() == 0 and len(rt.stack.udp.endpoints()) == 1, "it is its owner's"
    assert rand(8) < 256
