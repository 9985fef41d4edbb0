# Frostnet: tests of UDP sockets, and of names and addresses
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno
import time
from array import array

import micropython
import socket
from frostnet import runtime
from sockbench import LOCAL, errno_of, up


def udp(port=None):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if port is not None:
        s.bind((LOCAL, port))
    return s


def spin():
    for _ in range(200):
        pass  # the scheduler runs between two bytecodes


def test_send_and_receive():
    up()
    a, b = udp(1000), udp(2000)
    assert a.sendto(b"hello", (LOCAL, 2000)) == 5
    assert b.recvfrom(100) == (b"hello", (LOCAL, 1000))
    assert a.sendto("text", (LOCAL, 2000)) == 4
    assert b.recv(100) == b"text"
    a.sendto(b"", (LOCAL, 2000))
    assert b.recvfrom(100) == (b"", (LOCAL, 1000))


def test_datagrams_keep_their_bounds():
    up()
    a, b = udp(1000), udp(2000)
    for data in (b"one", b"two", b"three", b"four", b"five"):
        a.sendto(data, (LOCAL, 2000))
    assert b.recv(2) == b"on", "what does not fit is lost"
    assert b.recv(100, socket.MSG_PEEK) == b"two"
    buf = bytearray(10)
    assert b.recv_into(buf) == 3 and buf[:4] == b"two\0"
    assert b.recvfrom_into(buf, 3) == (3, (LOCAL, 1000)) and buf[:4] == b"thr\0"
    assert b.readinto(buf) == 4 and buf[:4] == b"four"
    assert b.read(100) == b"five"


def test_unbound_socket_gets_a_port():
    up()
    a, b = udp(), udp(2000)
    assert a.getsockname() == ("0.0.0.0", 0)
    a.sendto(b"x", (LOCAL, 2000))
    _, peer = b.recvfrom(10)
    assert peer[1] == a.getsockname()[1] > 0
    b.sendto(b"y", peer)
    assert a.recv(10) == b"y"


def test_connected():
    up()
    a, b, c = udp(1000), udp(2000), udp(3000)
    assert errno_of(a.send, b"x") == 89  # EDESTADDRREQ
    assert errno_of(a.getpeername) == errno.ENOTCONN
    a.connect((LOCAL, 2000))
    assert a.getpeername() == (LOCAL, 2000)
    assert a.send(b"1") == 1 and a.write(b"_2_", 1, 1) == 1 and a.write(b"3_", 1) == 1
    assert a.write(b"45", -1) == 2 and a.write(b"_67", 1, -1) == 2
    assert [b.recv(9) for _ in range(5)] == [b"1", b"2", b"3", b"45", b"67"]
    c.sendto(b"stranger", (LOCAL, 1000))
    b.sendto(b"friend", (LOCAL, 1000))
    assert a.recv(100) == b"friend"


def test_port_unreachable_is_reported_to_connected_sockets():
    # RFC 1122 §4.1.3.3
    up()
    a = udp(1000)
    a.connect((LOCAL, 9))
    a.send(b"x")
    runtime.current().poll()
    assert errno_of(a.recv, 1) == errno.ECONNREFUSED
    a.setblocking(False)
    assert errno_of(a.recv, 1) == errno.EAGAIN


def test_without_waiting_and_with_a_time_limit():
    up()
    a = udp(1000)
    a.setblocking(False)
    assert errno_of(a.recv, 1) == errno_of(a.recvfrom, 1) == errno.EAGAIN
    assert a.read() is None and a.readinto(bytearray(1)) is None
    a.settimeout(0.03)
    begin = time.ticks_us()
    assert errno_of(a.recv, 1) == errno.ETIMEDOUT
    assert 25000 < time.ticks_diff(time.ticks_us(), begin) < 200000
    a.setblocking(True)
    assert errno_of(a.recv, 1, socket.MSG_DONTWAIT) == errno.EAGAIN


def test_what_datagram_sockets_cannot_do():
    up()
    a = udp(1000)
    assert errno_of(a.listen) == errno_of(a.accept) == errno_of(a.shutdown, 2) == 95  # EOPNOTSUPP
    try:
        a.sendall(b"x")
        assert False
    except NotImplementedError:
        pass
    assert errno_of(a.bind, (LOCAL, 1001)) == errno.EINVAL
    assert errno_of(udp().bind, (LOCAL, 1000)) == errno.EADDRINUSE
    assert errno_of(a.sendto, bytes(65508), (LOCAL, 2000)) == 90  # EMSGSIZE


def test_closed():
    up()
    a = udp(1000)
    a.close()
    a.close()
    for call in (a.recv, a.recvfrom, a.read):
        assert errno_of(call, 1) == errno.EBADF
    assert errno_of(a.sendto, b"x", (LOCAL, 2000)) == errno.EBADF
    assert errno_of(a.getsockname) == errno.EBADF
    udp(1000)


def test_callback_for_every_datagram():
    # Programs take one per call, however many came at once.
    up()
    a, b = udp(1000), udp(2000)
    seen = []
    b.setsockopt(socket.SOL_SOCKET, 20, lambda s: seen.append(s.recv(10)))

    def burst(_):
        for data in (b"1", b"2", b"3"):
            a.sendto(data, (LOCAL, 2000))

    micropython.schedule(burst, None)
    spin()
    assert seen == [b"1", b"2", b"3"], seen
    b.setsockopt(socket.SOL_SOCKET, 20, None)
    a.sendto(b"4", (LOCAL, 2000))
    spin()
    assert len(seen) == 3 and b.recv(10) == b"4"


def test_callback_that_the_scheduler_has_no_room_for_comes_later():
    """64 calls wait at most (frostnet/runtime.py): none is lost for that."""
    rt = up()
    rt.poll()  # from here on timers run by themselves
    a, b = udp(1000), udp(2000)
    seen = []
    b.setsockopt(socket.SOL_SOCKET, 20, lambda s: seen.append(s.recv(10)))
    defer, rt.defer = rt.defer, lambda fn: False
    a.sendto(b"1", (LOCAL, 2000))
    a.sendto(b"2", (LOCAL, 2000))
    time.sleep_ms(10)
    assert not seen
    rt.defer = defer
    for _ in range(200):
        time.sleep_ms(10)
        if len(seen) == 2:
            break
    assert seen == [b"1", b"2"], seen


def test_interrupt_while_receiving():
    rt = up()
    a = udp(1000)
    wait = rt._port_wait

    def interrupt(until, callback):
        rt._port_wait = wait
        raise KeyboardInterrupt

    rt._port_wait = interrupt
    try:
        a.recv(1)
        assert False, "KeyboardInterrupt was swallowed"
    except KeyboardInterrupt:
        pass
    seen = []
    micropython.schedule(seen.append, 1)
    spin()
    assert seen == [1], "the scheduler is locked"
    udp(2000).sendto(b"x", (LOCAL, 1000))
    assert a.recv(1) == b"x"


def test_getaddrinfo_of_numbers():
    up()
    rt = runtime.set_current(None)  # needs no network
    assert socket.getaddrinfo("10.0.2.2", 80) == [(2, 1, 0, "", ("10.0.2.2", 80))]
    assert socket.getaddrinfo("", 80)[0][-1] == ("0.0.0.0", 80)
    assert socket.getaddrinfo("localhost", 80)[0][-1] == (LOCAL, 80)
    assert socket.getaddrinfo("127.0.0.1", "80", 0, socket.SOCK_DGRAM)[0][1] == 2
    assert socket.getaddrinfo("10.0.2.2", 80, socket.AF_INET, 1, 6)[0][2] == 6
    assert errno_of(socket.getaddrinfo, "10.0.2.2", 80, socket.AF_INET6) == -2
    runtime.set_current(rt)


def test_names_without_servers_fail_at_once():
    up()
    begin = time.ticks_us()
    assert errno_of(socket.getaddrinfo, "example.com", 80) != 0
    assert errno_of(udp().sendto, b"x", ("example.com", 80)) != 0
    assert errno_of(socket.getaddrinfo, "no such name!", 80) != 0
    assert time.ticks_diff(time.ticks_us(), begin) < 200000


def test_text_and_network_form():
    assert socket.inet_pton(socket.AF_INET, "10.0.2.15") == b"\x0a\0\x02\x0f"
    assert socket.inet_ntop(socket.AF_INET, b"\x0a\0\x02\x0f") == "10.0.2.15"
    for bad in ("10.0.2", "10.0.2.256", "", "10.0.2.1.5"):
        assert errno_of(socket.inet_pton, socket.AF_INET, bad) == errno.EINVAL, bad
    assert errno_of(socket.inet_pton, socket.AF_INET6, "::1") == errno.EAFNOSUPPORT
    try:
        socket.inet_ntop(socket.AF_INET, b"\x0a\0\x02")
        assert False
    except ValueError:
        pass


def test_answers_to_many():
    # The address of the last sender is kept: every other must not be taken for it.
    up()
    server, one, two = udp(2000), udp(1001), udp(1002)
    for i in range(4):
        one.sendto(b"1%d" % i, (LOCAL, 2000))
        two.sendto(b"2%d" % i, (LOCAL, 2000))
    got = [server.recvfrom(10) for _ in range(8)]
    assert got == [(b"%d%d" % (k, i), (LOCAL, 1000 + k)) for i in range(4) for k in (1, 2)]
    for data, sender in got:
        server.sendto(data, sender)
    server.sendto(b"last", got[-1][1])
    assert [one.recv(10) for _ in range(4)] == [b"1%d" % i for i in range(4)]
    assert [two.recv(10) for _ in range(5)] == [b"2%d" % i for i in range(4)] + [b"last"]


def test_every_bytes_like_object_is_sent_whole():
    up()
    a, b = udp(1000), udp(2000)
    words = array("H", [1, 2, 3])
    raw = bytes(words)
    for data, want in (
        (bytearray(b"abc"), b"abc"),
        (memoryview(b"abcd")[1:], b"bcd"),
        ("text", b"text"),
        (words, raw),
        (memoryview(words), raw),
    ):
        assert a.sendto(data, (LOCAL, 2000)) == len(want)
        assert b.recv(100) == want
