# Frostnet: tests of getaddrinfo() to be awaited, and of asyncio's use of it
# MIT license; Copyright (c) 2026 The Frostnet authors

import asyncio
import errno
import time

import socket
from frostnet.wire import dns
from frostnet.wire.addr import LOCALHOST
from frostnet.wire.dns_name import encode_name, read_name
from sockbench import LOCAL, errno_of, up

ADDRESS = b"\x7f\0\0\x05"  # of every name


class Server:
    """A DNS server on port 53, a task; it answers `delay` ms after it was asked, None: never."""

    def __init__(self, delay=0, rcode=0):
        self.delay = delay
        self.rcode = rcode
        self.asked = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((LOCAL, 53))
        self.socket.setblocking(False)

    async def run(self):
        while True:
            await asyncio.sleep_ms(2)
            try:
                question, peer = self.socket.recvfrom(512)
            except OSError:
                continue
            self.asked += 1
            if b"garbage" in question:
                self.socket.sendto(b"?" * 40, peer)
            elif self.delay is not None:
                asyncio.create_task(self.reply(question, peer))

    async def reply(self, question, peer):
        await asyncio.sleep_ms(self.delay)
        _, end = read_name(question, 0, 12, len(question))
        end += 4
        count = 0 if self.rcode else 1
        head = question[:2] + bytes((0x81, 0x80 | self.rcode, 0, 1, 0, count, 0, 0, 0, 0))
        record = b"\xc0\x0c\0\1\0\1\0\0\1\0\0\4" + ADDRESS if count else b""
        self.socket.sendto(head + question[12:end] + record, peer)


class Ticks:
    """A task that counts, and how long it ever had to wait (ms)."""

    def __init__(self):
        self.count = 0
        self.longest = 0

    async def run(self):
        last = time.ticks_ms()
        while True:
            await asyncio.sleep_ms(5)
            now = time.ticks_ms()
            self.longest = max(self.longest, time.ticks_diff(now, last))
            last = now
            self.count += 1


def run(main, **options):
    """Run `main(rt, server)` with a server, which may be slow."""
    rt = up()
    rt.resolver.servers = [LOCALHOST]

    async def all_of_it():
        server = Server(**options)
        task = asyncio.create_task(server.run())
        await asyncio.wait_for(main(rt, server), 30)
        task.cancel()

    try:
        asyncio.run(all_of_it())
    finally:
        asyncio.new_event_loop()
    return rt


def idle(rt):
    return not rt.resolver.exchanges and len(rt.stack.udp.endpoints()) == 1


def test_result_is_that_of_getaddrinfo():
    async def main(rt, server):
        got = await socket.agetaddrinfo("example.com", "80", 0, socket.SOCK_DGRAM, 17)
        assert got == [(2, 2, 17, "", ("127.0.0.5", 80))]
        # From the cache now, by the one that waits too.
        assert socket.getaddrinfo("example.com", 80, 0, socket.SOCK_DGRAM, 17) == got
        assert await socket.agetaddrinfo("10.0.0.1", 7) == [(2, 1, 0, "", ("10.0.0.1", 7))]
        assert (await socket.agetaddrinfo(b"localhost", 7))[0][4] == (LOCAL, 7)
        assert server.asked == 1 and idle(rt)

    run(main)


def test_others_go_on_while_a_server_is_slow():
    """Three seconds: one retry on the way, and never a pause for the others."""

    async def main(rt, server):
        ticks = Ticks()
        task = asyncio.create_task(ticks.run())
        begin = time.ticks_ms()
        got = await socket.agetaddrinfo("slow.example", 80)
        took = time.ticks_diff(time.ticks_ms(), begin)
        task.cancel()
        assert got[0][4] == ("127.0.0.5", 80)
        assert took >= 2900 and ticks.count > 50, (took, ticks.count)
        assert ticks.longest < 1000, ticks.longest
        assert idle(rt)

    run(main, delay=3000)


def test_several_at_once():
    async def main(rt, server):
        begin = time.ticks_ms()
        names = ["n%d.example" % n for n in range(8)] + ["n0.example"]
        found = await asyncio.gather(*[socket.agetaddrinfo(n, 80) for n in names])
        assert all(f[0][4][0] == "127.0.0.5" for f in found)
        assert server.asked == 8 and idle(rt)
        assert time.ticks_diff(time.ticks_ms(), begin) < 2000, "one after the other"

    run(main, delay=300)


def test_open_connection_does_not_stop_the_others():
    async def echo(reader, writer):
        writer.write(await reader.read(10))
        await writer.drain()
        await writer.wait_closed()

    async def main(rt, server):
        listener = await asyncio.start_server(echo, "0.0.0.0", 8000)
        ticks = Ticks()
        task = asyncio.create_task(ticks.run())
        reader, writer = await asyncio.open_connection("slow.example", 8000)
        task.cancel()
        assert ticks.count > 20 and ticks.longest < 800, (ticks.count, ticks.longest)
        writer.write(b"hello")
        await writer.drain()
        assert await reader.read(10) == b"hello"
        await writer.wait_closed()
        listener.close()
        await listener.wait_closed()

    run(main, delay=900)


def test_cancelled():
    async def main(rt, server):
        for call in (
            lambda: socket.agetaddrinfo("never.example", 80),
            lambda: asyncio.open_connection("never2.example", 80),
        ):
            task = asyncio.create_task(call())
            await asyncio.sleep_ms(50)
            assert rt.resolver.exchanges
            task.cancel()
            try:
                await task
                assert False, "not cancelled"
            except asyncio.CancelledError:
                pass
            assert idle(rt), "the query is still there"

    run(main, delay=None)


def test_out_of_time():
    async def main(rt, server):
        begin = time.ticks_ms()
        try:
            await asyncio.wait_for(asyncio.open_connection("never.example", 80), 0.2)
            assert False
        except asyncio.TimeoutError:
            pass
        assert 150 < time.ticks_diff(time.ticks_ms(), begin) < 2000
        assert idle(rt)

    run(main, delay=None)


async def error_of(coroutine):
    try:
        await coroutine
    except OSError as e:
        return e.errno
    return 0


def test_errors():
    async def main(rt, server):
        assert await error_of(socket.agetaddrinfo("no.example", 80)) == -2
        assert await error_of(asyncio.open_connection("no.example", 80)) == -2
        assert await error_of(socket.agetaddrinfo("no such name!", 80)) == -2
        assert await error_of(socket.agetaddrinfo("x", 80, socket.AF_INET6)) == -2
        assert await error_of(socket.agetaddrinfo("x", "http")) == -8
        server.socket.close()
        assert await error_of(socket.agetaddrinfo("other.example", 80)) == errno.ECONNREFUSED
        rt.resolver.servers = []
        assert await error_of(socket.agetaddrinfo("other.example", 80)) == errno.ENETDOWN
        assert not rt.resolver.exchanges

    run(main, rcode=3)


def test_nobody_answers():
    """Ten seconds; garbage is no answer."""

    async def main(rt, server):
        ticks = Ticks()
        task = asyncio.create_task(ticks.run())
        begin = time.ticks_ms()
        names = "never.example", "garbage.example"
        got = await asyncio.gather(*[error_of(socket.agetaddrinfo(n, 80)) for n in names])
        assert got == [errno.ETIMEDOUT] * 2
        assert 9900 <= time.ticks_diff(time.ticks_ms(), begin) < 14000
        assert ticks.count > 200 and idle(rt)
        task.cancel()
        assert rt.stack.counters.dns_drop_malformed > 1

    run(main, delay=None)


def test_arguments():
    """Both check them alike, before anything is asked."""
    up()
    for port in ("http", "", -1, 65536, "70000"):
        assert errno_of(socket.getaddrinfo, LOCAL, port) == -8, port
    try:
        socket.getaddrinfo(LOCAL, "http")
    except OSError as e:
        assert "number" in str(e)
    assert socket.getaddrinfo(LOCAL, "8080")[0][4] == (LOCAL, 8080)
    assert socket.getaddrinfo(LOCAL, None)[0][4] == (LOCAL, 0)
    assert errno_of(socket.getaddrinfo, LOCAL, 80, 0, 9) == -7
    assert errno_of(socket.getaddrinfo, LOCAL, 80, 99) == -2
    for kind in (0, 1, 2, 3):
        assert socket.getaddrinfo(LOCAL, 80, 2, kind)[0][:3] == (2, kind or 1, 0)
    for bad in (5, [], 1.5):
        try:
            socket.getaddrinfo(bad, 80)
            assert False, bad
        except TypeError:
            pass
    assert encode_name("a") and dns.A == 1
