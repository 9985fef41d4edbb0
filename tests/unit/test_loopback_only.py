# Frostnet: tests of a network without any device
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket

import net
import netup
from frostnet import runtime

# RFC 1122 §3.2.1.3 (g): 127/8 is inside the host, so it needs no card.


def test_start_without_a_link():
    netup.boot()
    rt = runtime.current()
    assert rt.stack.ifaces == []
    server, client = socket.socket(), socket.socket()
    server.bind(("127.0.0.1", 8080))
    server.listen(1)
    client.connect(("localhost", 8080))
    peer, address = server.accept()
    assert address[0] == "127.0.0.1"
    client.send(b"x" * 5000)
    client.close()
    got = b""
    while True:
        data = peer.recv(4096)
        if not data:
            break
        got += data
    assert got == b"x" * 5000
    netup.stop()


def test_datagrams_and_ping_of_every_address():
    netup.start()
    a = socket.socket(type=socket.SOCK_DGRAM)
    a.bind(("", 7))
    b = socket.socket(type=socket.SOCK_DGRAM)
    for host in ("127.0.0.1", "127.9.9.9", "localhost"):
        for n in (1, 1472, 1473, 65507):
            b.sendto(bytes(n), (host, 7))
            assert len(a.recv(70000)) == n
            assert net.ping(host, count=1, size=n, quiet=True).received == 1
    try:
        b.sendto(b"x", ("10.0.0.1", 7))
    except OSError as e:
        assert e.errno == 101  # ENETUNREACH
    else:
        assert False, "sent to nowhere"
    netup.stop()
