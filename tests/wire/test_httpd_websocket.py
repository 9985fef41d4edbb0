# Frostnet: tests of the web server: WebSockets
# MIT license; Copyright (c) 2026 The Frostnet authors

from http.websocket import build as server_frame
from service_bench import read_to_end, read_to_end_or_reset
from web_bench import HANDSHAKE, Chat, Web, connect, frame, one


def test_websocket():
    with Web() as web:
        chat = Chat(web)
        s = connect(web)
        s.send(frame(1, b"hello") + frame(2, b"\0\xff"))
        assert s.recv(100) == server_frame(1, "hello") + server_frame(2, b"\0\xff")
        s.send(frame(9, b"ping"))
        assert s.recv(100) == server_frame(10, b"ping")
        s.sendall(frame(2, bytes(60000)))
        got = b""
        while len(got) < 60004:
            got += s.recv(65536)
        assert got == server_frame(2, bytes(60000))
        assert chat.open[0].send("unasked") and s.recv(100) == server_frame(1, "unasked")
        s.send(frame(8, b"\x03\xe8"))
        assert read_to_end(s) == b"\x88\x02\x03\xe8"
        s.close()
        web.run(1)
        assert chat.closed == chat.open and not chat.open[0].send("x") and not web.server.sockets


def test_websocket_closed_by_the_server():
    with Web() as web:
        chat = Chat(web)
        s = connect(web)
        s.send(frame(1, b"bye"))
        assert s.recv(100) == b"\x88\x07\x03\xe9later"
        assert not chat.open[0].open
        s.send(frame(8, b"\x03\xe9"))
        assert read_to_end(s) == b""


def test_websocket_garbage():
    with Web() as web:
        chat = Chat(web)
        for data, code in (
            (b"\xff\xff\xff\xff", 1002),
            (b"GET / HTTP/1.1\r\n\r\n", 1002),
            (frame(1, b"\xff"), 1007),
            (b"\x82\xff" + b"\x00\x00\x00\x01" + bytes(4), 1009),
            (frame(1, b"a", 0) + frame(1, b"b"), 1002),
        ):
            s = connect(web)
            s.send(data)
            got = read_to_end_or_reset(s)
            assert got[0] == 0x88 and got[2] << 8 | got[3] == code, (data, got)
        s = connect(web)
        s.send(frame(1, b"!"))
        web.run(0.1)
        assert read_to_end_or_reset(s) == 104 and web.server.counters["failed"] == 1
        web.run(5)
        assert set(chat.open) == set(chat.closed) and not web.server.sockets


def test_websocket_that_is_silent():
    with Web() as web:
        Chat(web)
        good, bad = connect(web), connect(web)
        web.run(31)
        for s in (good, bad):
            assert s.recv(10) == b"\x89\x00"
        good.send(frame(10))
        web.run(11)
        assert len(web.server.sessions) == 1
        good.send(frame(1, b"x"))
        assert good.recv(10) == b"\x81\x01x"


def test_websocket_that_does_not_read():
    with Web() as web:
        chat = Chat(web)
        connect(web)
        sent = 0
        while chat.open[0].send(bytes(10000)):
            sent += 1
            web.run(0.01)
            assert sent < 100
        web.run(35)
        assert not web.server.sessions and len(chat.closed) == 1


def test_no_handshake():
    with Web() as web:
        Chat(web)
        status, fields, _ = web.get("/ws")
        assert status == 426 and fields["upgrade"] == "websocket"
        assert fields["sec-websocket-version"] == "13"
        evil = HANDSHAKE.replace(b"\r\n\r\n", b"\r\nOrigin: http://evil\r\n\r\n")
        assert one(web.ask(evil, False).recv(999))[0] == 403
        old = HANDSHAKE.replace(b"Version: 13", b"Version: 8")
        assert one(web.ask(old, False).recv(999))[0] == 426
