# Frostnet: tests of TCP sockets: each call, each error
# MIT license; Copyright (c) 2026 The Frostnet authors

# What is expected here is what MicroPython's own ports do, and CPython where they differ.

import errno
import io
import json
import struct
import time

import micropython
import socket
from frostnet import runtime
from sockbench import LOCAL, connected, errno_of, up


def test_constructor_checks_its_arguments():
    up()
    for args in ((None,), (socket.AF_INET, None), (socket.AF_INET, socket.SOCK_STREAM, None)):
        try:
            socket.socket(*args)
            assert False, args
        except TypeError:
            pass
    assert errno_of(socket.socket, socket.AF_INET, 99) == errno.EINVAL
    assert errno_of(socket.socket, 77) == errno.EAFNOSUPPORT
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    assert errno_of(socket.socket, 2, 1, socket.IPPROTO_UDP) == errno.EPROTONOSUPPORT


def test_type_and_identity():
    up()
    a, b = socket.socket(), socket.socket(2, socket.SOCK_DGRAM)
    # MicroPython's own tests print it.
    assert str(type(a)) == str(type(b)) == "<class 'socket'>"
    assert isinstance(a, socket.socket) and isinstance(a, io.IOBase)
    assert a != b and len({a, b}) == 2
    assert hasattr(socket.socket, "settimeout") and not hasattr(a, "fileno")


def test_no_network():
    up()
    rt = runtime.set_current(None)
    assert errno_of(socket.socket) == 100  # ENETDOWN
    runtime.set_current(rt)


def test_fresh_socket():
    up()
    s = socket.socket()
    assert errno_of(s.recv, 1) == errno.ENOTCONN
    assert errno_of(s.read, 1) == errno.ENOTCONN
    assert errno_of(s.readline) == errno.ENOTCONN
    assert errno_of(s.recv_into, bytearray(1)) == errno.ENOTCONN
    assert errno_of(s.send, b"x") == errno.ENOTCONN
    assert errno_of(s.write, b"x") == errno.ENOTCONN
    assert errno_of(s.getpeername) == errno.ENOTCONN
    assert errno_of(s.accept) == errno.EINVAL
    assert errno_of(s.shutdown, 2) == errno.ENOTCONN


def test_listening_socket_has_nothing_to_receive():
    up()
    s = socket.socket()
    s.bind((LOCAL, 8000))
    s.listen(1)
    assert errno_of(s.recv, 1) == errno.ENOTCONN
    assert errno_of(s.send, b"x") == errno.ENOTCONN
    assert errno_of(s.connect, (LOCAL, 8000)) == errno.EISCONN


def test_closed_socket():
    up()
    for s in (socket.socket(), connected()[0]):
        s.close()
        s.close()
        for call in (s.recv, s.read, s.readline, s.accept, s.getsockname, s.getpeername):
            args = (1,) if call == s.recv else ()
            assert errno_of(call, *args) == errno.EBADF, call
        assert errno_of(s.send, b"x") == errno.EBADF
        assert errno_of(s.write, b"x") == errno.EBADF
        assert errno_of(s.bind, (LOCAL, 1)) == errno.EBADF
        assert errno_of(s.listen) == errno.EBADF
        assert errno_of(s.connect, (LOCAL, 1)) == errno.EBADF
        s.setsockopt(socket.SOL_SOCKET, 20, None)  # programs clean up in any order


def test_address_is_checked():
    up()
    s = socket.socket()
    for bad in (None, 5, "host", (LOCAL,), (), (LOCAL, "80"), (LOCAL, None)):
        try:
            s.connect(bad)
            assert False, bad
        except TypeError:
            pass
    assert errno_of(s.connect, (LOCAL, 65536)) == errno.EINVAL
    assert errno_of(s.connect, (LOCAL, -1)) == errno.EINVAL
    assert errno_of(s.bind, ("192.0.2.1", 80)) == 99  # EADDRNOTAVAIL


def test_address_may_have_more_parts():
    # IPv6 style: some programs pass what they were given on.
    up()
    s = socket.socket()
    s.bind((LOCAL, 8000, 0, 0))
    assert s.getsockname() == (LOCAL, 8000)


def test_connect_refused():
    up()
    s = socket.socket()
    assert errno_of(s.connect, (LOCAL, 9)) == errno.ECONNREFUSED
    # The socket can be used again.
    listener = socket.socket()
    listener.bind((LOCAL, 9))
    listener.listen(1)
    s.connect((LOCAL, 9))
    assert s.getpeername() == (LOCAL, 9)


def test_connect_twice():
    up()
    client, _ = connected()
    assert errno_of(client.connect, (LOCAL, 8000)) == errno.EISCONN
    assert errno_of(client.listen) == errno.EISCONN


def test_names_of_both_ends():
    up()
    listener = socket.socket()
    listener.bind(("", 0))
    listener.listen()
    host, port = listener.getsockname()
    assert host == "0.0.0.0" and port > 0
    client = socket.socket()
    client.connect((LOCAL, port))
    server, peer = listener.accept()
    assert peer == client.getsockname() == server.getpeername()
    assert server.getsockname() == client.getpeername() == (LOCAL, port)


def test_port_is_free_again_after_close():
    up()
    for _ in range(3):
        listener = socket.socket()
        listener.bind(("0.0.0.0", 8000))
        listener.listen(1)
        other = socket.socket()
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        assert errno_of(other.bind, ("0.0.0.0", 8000)) == errno.EADDRINUSE
        other.close()
        client = socket.socket()
        client.connect((LOCAL, 8000))
        server, _ = listener.accept()
        server.close()  # the server's side closes first: TIME_WAIT is there
        client.close()
        listener.close()


def test_bound_port_is_given_back():
    up()
    s = socket.socket()
    s.bind((LOCAL, 8000))
    s.close()
    s = socket.socket()
    s.bind((LOCAL, 8000))
    assert errno_of(s.bind, (LOCAL, 8001)) == errno.EINVAL


def test_port_of_a_failed_attempt_is_somebody_elses():
    up()
    first, second, third = socket.socket(), socket.socket(), socket.socket()
    first.bind((LOCAL, 7777))
    assert errno_of(first.connect, (LOCAL, 9)) == errno.ECONNREFUSED
    second.bind((LOCAL, 7777))
    first.close()
    assert errno_of(third.bind, (LOCAL, 7777)) == errno.EADDRINUSE, "the second one has it"


def test_client_may_be_bound():
    up()
    listener = socket.socket()
    listener.bind((LOCAL, 8000))
    listener.listen(1)
    s = socket.socket()
    s.bind((LOCAL, 7777))
    s.connect((LOCAL, 8000))
    assert listener.accept()[1] == (LOCAL, 7777)


def test_data_before_accept_is_kept():
    up()
    listener = socket.socket()
    listener.bind((LOCAL, 8000))
    listener.listen(0)  # 0 still takes one
    client = socket.socket()
    client.connect((LOCAL, 8000))
    client.sendall(b"early")
    client.close()
    server, _ = listener.accept()
    assert server.read() == b"early"


def test_accept_hands_the_time_limit_down():
    up()
    listener = socket.socket()
    listener.bind((LOCAL, 8000))
    listener.listen(1)
    listener.settimeout(0.05)
    client = socket.socket()
    client.connect((LOCAL, 8000))
    server, _ = listener.accept()
    assert server.gettimeout() == 0.05
    assert errno_of(server.recv, 1) == errno.ETIMEDOUT


def test_nothing_to_accept():
    up()
    listener = socket.socket()
    listener.bind((LOCAL, 8000))
    listener.listen(1)
    listener.setblocking(False)
    assert errno_of(listener.accept) == errno.EAGAIN
    listener.settimeout(0.03)
    begin = time.ticks_us()
    assert errno_of(listener.accept) == errno.ETIMEDOUT
    assert 25000 < time.ticks_diff(time.ticks_us(), begin) < 200000


def test_recv():
    up()
    client, server = connected()
    client.send(b"hello world")
    assert server.recv(5) == b"hello"
    assert server.recv(3, socket.MSG_PEEK) == b" wo"
    assert server.recv(100) == b" world"
    assert server.recv(0) == b""
    assert errno_of(server.recv, 1, socket.MSG_DONTWAIT) == errno.EAGAIN
    client.send(b"x")
    assert server.recvfrom(10) == (b"x", client.getsockname())


def test_recv_into():
    up()
    client, server = connected()
    client.send(b"0123456789")
    buf = bytearray(b"........")
    assert server.recv_into(buf, 3) == 3 and buf == b"012....."
    assert server.recv_into(memoryview(buf)[4:6]) == 2 and buf == b"012.34.."
    assert server.recv_into(buf, 0, socket.MSG_PEEK) == 5
    assert server.recv_into(buf) == 5 and buf[:5] == b"56789"
    assert server.recv_into(bytearray(0)) == 0
    client.send(b"ab")
    assert server.recvfrom_into(buf, 1) == (1, client.getsockname()) and buf[:1] == b"a"
    assert server.recvfrom_into(buf) == (1, client.getsockname())


def test_end_of_stream():
    up()
    client, server = connected()
    client.send(b"last\nline")
    client.close()
    assert server.recv(4) == b"last"
    assert server.read() == b"\nline"
    for _ in range(2):
        assert server.recv(1) == b""
        assert server.recv_into(bytearray(3)) == 0
        assert server.read(3) == server.read() == server.readline() == b""
        assert server.readinto(bytearray(3)) == 0


def test_reset():
    up()
    client, server = connected()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.send(b"data")
    client.close()
    # As CPython: the data, then the error, then the end.
    assert server.recv(10) == b"data"
    assert errno_of(server.recv, 10) == errno.ECONNRESET
    assert server.recv(10) == b""
    assert errno_of(server.send, b"x") == errno.EPIPE


def test_reset_does_not_look_like_the_end():
    up()
    # As MicroPython's streams: a reset while more is awaited is an error, not a short result.
    for blocking in (True, False):
        for read in ("read", "readline"):
            client, server = connected()
            client.sendall(b"part of it")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            server.setblocking(blocking)
            assert server.read(5) == b"part "
            assert errno_of(getattr(server, read), 100) == errno.ECONNRESET
            assert server.recv(100) == b"of it"
            assert server.recv(100) == server.read() == b""


def test_reset_while_sending():
    up()
    client, server = connected()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    assert errno_of(server.send, b"x") == errno.ECONNRESET
    assert errno_of(server.send, b"x") == errno.EPIPE


def test_unread_data_resets_the_peer():
    # RFC 9293 §3.6.1
    up()
    client, server = connected()
    client.send(b"never read")
    server.close()
    assert errno_of(client.recv, 1) == errno.ECONNRESET


def test_shutdown():
    up()
    client, server = connected()
    client.send(b"request")
    client.shutdown(1)
    assert server.read() == b"request"
    server.sendall(b"answer")
    server.close()
    assert client.read() == b"answer"
    assert errno_of(client.send, b"x") == errno.EPIPE


def test_without_waiting():
    up()
    client, server = connected()
    server.setblocking(False)
    buf = bytearray(4)
    assert errno_of(server.recv, 1) == errno.EAGAIN
    assert errno_of(server.recv_into, buf) == errno.EAGAIN
    assert server.read(1) is None and server.read() is None
    assert server.readinto(buf) is None and server.readline() is None
    client.send(b"ab")
    assert server.readinto(buf) == 2
    client.send(b"cd")
    assert server.read(10) == b"cd"
    client.send(b"ef")
    assert server.readline() == b"ef"
    client.send(b"gh")
    assert server.read() == b"gh"
    server.setblocking(True)
    client.send(b"ij")
    assert server.read(2) == b"ij"


def test_full_send_buffer_without_waiting():
    up()
    client, server = connected()
    client.setblocking(False)
    block = bytes(10000)
    total = 0
    while True:
        n = client.write(block)
        if n is None:
            break
        total += n
        assert total < 1000000, "never full"
    assert errno_of(client.send, b"x") == errno.EAGAIN
    assert errno_of(client.sendall, b"x") == errno.EAGAIN
    got = server.recv(50000)
    # All or nothing.
    assert errno_of(client.sendall, bytes(200000)) == errno.EAGAIN
    client.close()
    rest = len(got)
    buf = bytearray(5000)
    while True:
        n = server.readinto(buf)
        if not n:
            break
        rest += n
    assert rest == total, (rest, total)


def test_full_send_buffer_with_a_time_limit():
    up()
    client, server = connected()
    client.settimeout(0.03)
    assert errno_of(client.sendall, bytes(300000)) == errno.ETIMEDOUT
    assert errno_of(client.send, b"x") == errno.ETIMEDOUT
    assert errno_of(client.write, b"x") == errno.ETIMEDOUT


def test_time_limit_loses_nothing():
    up()
    client, server = connected()
    server.settimeout(0.02)
    client.send(b"part")
    assert errno_of(server.readline) == errno.ETIMEDOUT
    assert errno_of(server.read, 8) == errno.ETIMEDOUT
    client.send(b"ner\n")
    assert server.readline() == b"partner\n"


def test_time_limits():
    up()
    s = socket.socket()
    assert s.gettimeout() is None
    s.settimeout(1.5)
    assert s.gettimeout() == 1.5
    s.settimeout(0)
    assert s.gettimeout() == 0
    s.setblocking(True)
    assert s.gettimeout() is None
    s.settimeout(1e-9)
    assert s.gettimeout() > 0, "a tiny limit is not the absence of waiting"
    try:
        s.settimeout(-1)
        assert False
    except ValueError:
        pass


def test_readline():
    up()
    client, server = connected()
    long = b"x" * 1000
    client.sendall(b"one\n\ntwo\r\n" + long + b"\nfour")
    client.close()
    assert server.readline() == b"one\n"
    assert server.readline() == b"\n"
    assert server.readline(2) == b"tw"
    assert server.readline(100) == b"o\r\n"
    assert server.readline(0) == b""
    assert server.readline(300) == long[:300]
    assert server.readline() == long[300:] + b"\n"
    assert server.readline() == b"four"
    assert server.readline() == b""


def test_iteration_by_lines():
    up()
    client, server = connected()
    client.sendall(b"a\nb\nc")
    client.close()
    assert list(server) == [b"a\n", b"b\n", b"c"]


def test_read_waits_for_all():
    up()
    client, server = connected()
    got = []

    def feed(_):
        if client:
            client.send(b"56789")

    client.send(b"01234")
    micropython.schedule(feed, None)
    assert server.read(10) == b"0123456789"
    buf = bytearray(4)
    client.sendall(b"abcdefgh")
    assert server.readinto(buf) == 4 and buf == b"abcd"
    assert server.readinto(buf, 2) == 2 and buf == b"efcd"
    assert server.read(-3 + 5) == b"gh"
    assert got == []


def test_large_read():
    up()
    client, server = connected()
    data = bytes(range(256)) * 1200  # more than both buffers hold
    sent = [0]
    client.setblocking(False)

    def feed(_):
        n = client.write(memoryview(data)[sent[0] :])
        sent[0] += n or 0
        if sent[0] < len(data):
            rt.defer(feed)
        else:
            client.close()

    rt = runtime.current()
    rt.defer(feed)
    assert server.read() == data


def test_strings_and_buffers_can_be_sent():
    from array import array

    up()
    client, server = connected()
    client.send("é1")
    client.write("\r\n")
    client.sendall("abc")
    assert server.recv(100) == "é1\r\nabc".encode()
    client.send(bytearray(b"12"))
    client.send(memoryview(b"_34_")[1:3])
    client.write(array("H", (0x3635, 0x3837)))
    assert server.recv(100) == b"12345678"
    for bad in (5, None, ["x"]):
        try:
            client.send(bad)
            assert False, bad
        except TypeError:
            pass


def test_write_takes_offset_and_length():
    up()
    client, server = connected()
    assert client.write(b"0123456789", 3) == 3
    assert client.write(b"0123456789", 5, 2) == 2
    assert client.write(b"0123456789", 8, 100) == 2
    assert client.write(b"0123456789", 100, 100) == 0
    # As for streams in C, where lengths have no sign: umqtt.simple2 writes -1 for all.
    assert client.write(b"ab", -1) == 2
    assert client.write(b"_cd", 1, -1) == 2
    assert client.write(b"ef", -1, 1) == 0
    assert client.write(b"") == client.send(b"") == 0
    assert server.recv(100) == b"0125689abcd"


def test_sendall_and_sendto():
    up()
    client, server = connected()
    assert client.sendall(b"all") is None
    assert client.sendto(b"to", (LOCAL, 1)) == 2
    assert server.recv(10) == b"allto"


def test_c_code_reads_and_writes():
    # json.load() reads byte by byte, print() writes, through the stream protocol.
    up()
    client, server = connected()
    print("text", file=client)
    json.dump({"a": [1, 2, 3]}, client)
    client.close()
    assert server.readline() == b"text\n"
    assert json.load(server) == {"a": [1, 2, 3]}


def test_makefile_and_context_manager():
    up()
    client, server = connected()
    with server.makefile("rwb", 0) as f:
        f.write(b"line\n")
        assert client.makefile().readline() == b"line\n"
    assert errno_of(server.send, b"x") == errno.EBADF
    assert client.read() == b""


def test_create_connection():
    rt = up()
    listener = socket.socket()
    listener.bind((LOCAL, 8000))
    listener.listen(5)
    s = socket.create_connection((LOCAL, 8000))
    assert s.getpeername() == (LOCAL, 8000) and s.gettimeout() is None
    s = socket.create_connection(("localhost", 8000), 2.5, (LOCAL, 7777))
    assert s.gettimeout() == 2.5 and s.getsockname() == (LOCAL, 7777)
    s.close()
    before = len(rt.held)
    assert errno_of(socket.create_connection, (LOCAL, 9)) == errno.ECONNREFUSED
    assert errno_of(socket.create_connection, (LOCAL, 8000), None, ("192.0.2.1", 1)) == 99
    assert len(rt.held) == before, "what failed is closed"
    # Each address of a name is tried; the error is the last one's.
    rt.resolver.hosts.add("two.test", 0x7F000009)
    rt.resolver.hosts.add("two.test", 0x7F000001)
    other = socket.socket()
    other.bind((LOCAL, 81))
    other.listen(1)
    s = socket.create_connection(("two.test", 81), timeout=5)
    assert s.getpeername() == (LOCAL, 81)


def test_options():
    up()
    client, server = connected()
    for option in (socket.SO_REUSEADDR, socket.SO_KEEPALIVE, socket.TCP_NODELAY):
        for value in (1, 0, 1):
            client.setsockopt(socket.SOL_SOCKET, option, value)
            assert client.getsockopt(socket.SOL_SOCKET, option) == value
    assert client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    assert client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR, 4) == bytes(4)
    assert client.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) > 16384
    assert errno_of(client.getsockopt, socket.SOL_SOCKET, 0x7777) == errno.ENOPROTOOPT
    try:
        client.setsockopt(socket.SOL_SOCKET, 20, 5)
        assert False
    except TypeError:
        pass


def test_failed_connection_is_found_by_so_error():
    up()
    s = socket.socket()
    s.setblocking(False)
    assert errno_of(s.connect, (LOCAL, 9)) == errno.EINPROGRESS
    runtime.current().poll()
    assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED
    assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


def spin():
    for _ in range(200):
        pass  # the scheduler runs between two bytecodes


def test_callback_on_connection_data_and_end():
    up()
    seen = []
    listener = socket.socket()
    listener.bind((LOCAL, 8000))
    listener.listen(5)

    def on_data(sock):
        seen.append(sock.recv(100))

    def on_connection(sock):
        seen.append("connection")
        server, _ = sock.accept()
        server.setsockopt(socket.SOL_SOCKET, 20, on_data)

    listener.setsockopt(socket.SOL_SOCKET, 20, on_connection)
    client = socket.socket()
    client.connect((LOCAL, 8000))
    spin()
    assert seen == ["connection"]
    client.send(b"hello")
    spin()
    assert seen == ["connection", b"hello"]
    client.close()
    spin()
    assert seen == ["connection", b"hello", b""]


def test_callback_for_every_connection():
    # One accept() per call is what programs do: two connections at once need two calls.
    up()
    accepted = []
    listener = socket.socket()
    listener.bind((LOCAL, 8000))
    listener.listen(5)
    listener.setsockopt(socket.SOL_SOCKET, 20, lambda s: accepted.append(s.accept()))
    clients = [socket.socket() for _ in range(5)]

    def burst(_):
        for client in clients:
            client.connect((LOCAL, 8000))

    micropython.schedule(burst, None)
    spin()
    assert len(accepted) == 5, len(accepted)


def test_callback_set_when_data_wait_already():
    up()
    client, server = connected()
    client.send(b"x")
    seen = []
    server.setsockopt(socket.SOL_SOCKET, 20, lambda s: seen.append(s.recv(9)))
    spin()
    assert seen == [b"x"]
    server.setsockopt(socket.SOL_SOCKET, 20, None)
    client.send(b"y")
    spin()
    assert seen == [b"x"]


def test_blocking_calls_inside_a_scheduled_callback():
    # The scheduler is locked there: nobody but the call itself moves the stack.
    up()
    result = []

    def serve(_):
        client, server = connected()
        client.sendall(b"ping")
        server.sendall(server.read(4))
        server.close()
        result.append(client.read())
        server.settimeout(0.02)
        result.append(errno_of(server.recv, 1))
        client.close()

    micropython.schedule(serve, None)
    spin()
    assert result == [b"ping", errno.EBADF], result


def test_interrupt_in_a_blocking_call_leaves_everything_usable():
    rt = up()
    client, server = connected()
    wait = rt._port_wait

    def interrupt(until, callback):
        rt._port_wait = wait
        raise KeyboardInterrupt

    for call in (lambda: server.recv(1), lambda: server.read(1), lambda: server.readline()):
        rt._port_wait = interrupt
        try:
            call()
            assert False, "KeyboardInterrupt was swallowed"
        except KeyboardInterrupt:
            pass
    seen = []
    micropython.schedule(seen.append, 1)  # runs only if the scheduler is not locked
    spin()
    assert seen == [1]
    client.send(b"still here")
    assert server.recv(20) == b"still here"


def test_interrupt_in_connect_gives_the_attempt_up():
    rt = up()
    rt.stack.strict = False
    listener = socket.socket()
    listener.bind((LOCAL, 8000))
    listener.listen(1)
    wait = rt._port_wait

    def interrupt(until, callback):
        rt._port_wait = wait
        raise KeyboardInterrupt

    filler = [socket.socket() for _ in range(2)]
    filler[0].connect((LOCAL, 8000))  # the queue is full now: the next one gets no answer
    rt._port_wait = interrupt
    try:
        filler[1].connect((LOCAL, 8000))
        assert False, "KeyboardInterrupt was swallowed"
    except KeyboardInterrupt:
        pass
    listener.accept()
    filler[1].connect((LOCAL, 8000))
    listener.accept()


def test_memory_is_given_back():
    import gc

    from frostnet import ring

    rt = up()
    listener = socket.socket()
    listener.bind((LOCAL, 8000))
    listener.listen(1)

    def once():
        client = socket.socket()
        client.connect((LOCAL, 8000))
        server, _ = listener.accept()
        client.send(b"x" * 26)
        client.close()
        assert server.read() == b"x" * 26
        server.close()

    def free():
        most = 0
        for _ in range(4):
            for _ in range(100):
                once()
            # The timers of dead connections stay in the heap for a while, a bounded number.
            rt.stack.timers._sweep()
            gc.collect()
            # How many chunks the pool has depends on what overlapped.
            most = max(most, gc.mem_free() + len(ring._pool) * ring.CHUNK)
        return most

    free()  # fills TIME_WAIT's table
    before = free()
    after = free()
    assert before - after < 2048, before - after
    assert rt.stack.tcp.count == 0
