# Frostnet: tests of the web server: clients that are slow, silent, or gone
# MIT license; Copyright (c) 2026 The Frostnet authors

import asyncio
import gc
import socket

import services
from httpd import HTTPD
from service_bench import HOST, PORT, read_to_end
from simtools import pattern
from web_bench import GET, LAST, Chat, Web, connect, make, one, post


def test_slow_heads():
    # Slowloris: what counts is when the head is complete, not when the last byte came
    with Web() as web:
        clients = [web.client() for _ in range(20)]
        for i in range(9):
            for s in clients:
                s.send(b"GET / HTTP/1.1\r\nX: y"[i : i + 1])
            web.run(1)
        assert len(web.server.sessions) == 20
        web.run(2)
        for s in clients:
            assert one(s.recv(1000))[0] == 408
        web.run(3)
        assert not web.server.sessions and web.server.counters["late"] == 20
        assert web.get()[0] == 200


def test_slow_bodies_and_idle_connections():
    with Web() as web:
        web.server.add("/sink", lambda request: "", ("POST",))
        s = web.ask(post(b"Content-Length: 1000", b"x"), False)
        idle = web.client()
        web.run(29)
        assert len(web.server.sessions) == 2
        web.run(2)
        assert one(s.recv(1000))[0] == 408
        assert idle.recv(100) == b""
        s = web.ask(GET % b"/none", False)
        assert one(s.recv(1000))[0] == 200
        web.run(31)
        assert s.recv(100) == b""


def test_slowloris_keeps_nobody_out():
    with Web() as web:
        for _ in range(100):
            s = web.client()
            s.send(b"GET / HT")
            web.run(0.05)
        assert len(web.server.sessions) <= web.server.limit
        assert web.get()[0] == 200


# Slow writers, slow readers and silent clients: what they take is bounded, and whoever means it is
# served meanwhile.
def test_a_thousand_bad_clients():
    words = (b"", b"GET / HT", GET % b"/big.bin" * 9, post(b"Content-Length: 60000", b"x"))
    with Web() as web:
        web.server.add("/sink", lambda request: "", ("POST",))
        most = most_heap = 0
        crowd = []
        for i in range(1000):
            s = socket.socket()
            s.setblocking(False)
            try:
                s.connect((HOST, PORT))
            except OSError as e:
                assert e.errno == 115
            crowd.append((s, words[i % 4]))
            web.run(0.05)
            if len(crowd) == 100:
                talk(crowd)
                web.run(0.5)
                most = max(most, len(web.server.sessions))
                gc.collect()
                held = gc.mem_alloc()
                assert not most_heap or held < most_heap + 2000000, (i, held - most_heap)
                most_heap = most_heap or held
                assert web.get()[2] == b"hello world", i
                for s, _ in crowd:
                    s.setsockopt(1, 0x80, b"\1\0\0\0\0\0\0\0")  # a reset when it is closed
                    s.close()
                crowd.clear()
        assert most == web.server.limit
        assert web.server.counters["failed"] == 0
        web.run(40)
        assert len(web.server.sessions) == 0


def talk(crowd):
    for s, data in crowd:
        try:
            s.send(data)
        except OSError:
            pass  # it has had to give way


def test_half_close():
    with Web() as web:
        s = web.client()
        s.send(GET % b"/hello.txt" + GET % b"/big.bin")
        s.shutdown(1)
        data = read_to_end(s)
        status, fields, body, data = one(data)
        assert body == b"hello world" and one(data)[2] == pattern(300000)
        s = web.client()
        s.send(b"GET / HTT")
        s.shutdown(1)
        assert read_to_end(s) == b""


def test_who_never_reads():
    with Web() as web:
        s = web.ask(GET % b"/big.bin" * 20, False)
        web.run(30)
        assert not web.server.sessions and web.server.counters["late"] == 1
        assert web.get()[0] == 200
        s.close()


def test_stop_frees_everything():
    with Web() as web:
        chat = Chat(web)

        async def slow(request):
            await asyncio.sleep(1000)

        web.server.add("/slow", slow)
        connect(web)
        for data in (GET % b"/big.bin", GET % b"/slow", b"GET /"):
            web.ask(data, False)
        web.run(1)
        assert len(web.server.sessions) == 4
        web.server.stop()
        assert not web.server.sessions and chat.closed
        web.b.use()
        web.service = web.server = make(PORT).start()
        web.a.use()
        assert web.get()[0] == 200


def test_two_servers():
    with Web() as web:
        web.b.use()
        other = HTTPD(PORT + 1, None, dashboard=False)
        other.add("/hello.txt", lambda request: "other")
        other.start()
        assert sorted(services.running) == ["httpd", "httpd-%d" % (PORT + 1)]
        try:
            HTTPD(PORT, None).start()
        except OSError as e:
            assert e.errno == 98 and "port %d is taken" % PORT in str(e)
        else:
            raise AssertionError("a port twice")
        web.a.use()
        assert web.get()[2] == b"hello world"
        s = web.client(PORT + 1)
        s.sendall(LAST % b"/hello.txt")
        assert one(read_to_end(s))[2] == b"other"
        web.server.stop()
        assert sorted(services.running) == ["httpd-%d" % (PORT + 1)]
        s = web.client(PORT + 1)
        s.sendall(LAST % b"/hello.txt")
        assert one(read_to_end(s))[2] == b"other"
        other.stop()
