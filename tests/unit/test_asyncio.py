# Frostnet: asyncio over the sockets
# MIT license; Copyright (c) 2026 The Frostnet authors

import asyncio
import time

from sockbench import LOCAL, up

PORT = 8000


async def echo(reader, writer):
    while True:
        data = await reader.read(1000)
        if not data:
            break
        writer.write(data)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def ask(data):
    reader, writer = await asyncio.open_connection(LOCAL, PORT)
    writer.write(data)
    await writer.drain()
    answer = await reader.readexactly(len(data))
    writer.close()
    await writer.wait_closed()
    assert answer == data


def run(main):
    up()
    try:
        asyncio.run(asyncio.wait_for(main, 60))
    finally:
        asyncio.new_event_loop()


def test_echo():
    async def main():
        async with await asyncio.start_server(echo, "0.0.0.0", PORT):
            await ask(b"hello")
            await ask(bytes(range(256)) * 100)

    run(main())


def test_fifty_clients_at_once():
    async def main():
        async with await asyncio.start_server(echo, "0.0.0.0", PORT, backlog=50):
            await asyncio.gather(*[ask(b"%d," % n * 200) for n in range(50)])

    run(main())


def test_lines():
    async def serve(reader, writer):
        while True:
            line = await reader.readline()
            if not line:
                break
            writer.write(b"<" + line.strip() + b">\n")
            await writer.drain()
        await writer.wait_closed()

    async def main():
        async with await asyncio.start_server(serve, "0.0.0.0", PORT):
            reader, writer = await asyncio.open_connection(LOCAL, PORT)
            for n in range(5):
                writer.write(b"par")
                await writer.drain()
                await asyncio.sleep(0.005)
                writer.write(b"t%d\n" % n)
                await writer.drain()
                assert await reader.readline() == b"<part%d>\n" % n
            await writer.wait_closed()

    run(main())


def test_peer_that_sends_faster_than_it_is_read():
    total = 300000

    async def serve(reader, writer):
        writer.write(bytes(total))
        await writer.drain()
        await writer.wait_closed()

    async def main():
        async with await asyncio.start_server(serve, "0.0.0.0", PORT):
            reader, writer = await asyncio.open_connection(LOCAL, PORT)
            buf = bytearray(1000)
            got = 0
            while True:
                n = await reader.readinto(buf)
                if not n:
                    break
                got += n
            assert got == total, got
            await writer.wait_closed()

    run(main())


def test_refused():
    async def main():
        reader, writer = await asyncio.open_connection(LOCAL, PORT)
        try:
            await reader.read(1)
            assert False, "nobody listens"
        except OSError as e:
            assert e.errno == 111, e

    run(main())


def test_cancelled_read_and_server_restart():
    async def main():
        for _ in range(3):
            async with await asyncio.start_server(echo, "0.0.0.0", PORT):
                reader, writer = await asyncio.open_connection(LOCAL, PORT)
                try:
                    await asyncio.wait_for(reader.read(1), 0.02)
                    assert False
                except asyncio.TimeoutError:
                    pass
                writer.write(b"x")
                await writer.drain()
                assert await reader.read(1) == b"x"
                await writer.wait_closed()

    run(main())


def test_idle_connections_use_no_cpu():
    # Nobody spins: the processor's time passes only while there is something to do.
    async def main():
        async with await asyncio.start_server(echo, "0.0.0.0", PORT, backlog=20):
            streams = await asyncio.gather(
                *[asyncio.open_connection(LOCAL, PORT) for _ in range(20)]
            )
            await asyncio.sleep_ms(50)
            begin = time.clock()
            await asyncio.sleep_ms(1000)
            used = time.clock() - begin
            for _, writer in streams:
                writer.close()
                await writer.wait_closed()
            assert used < 0.3, used
            print("%.1f ms in a second" % (used * 1000))

    run(main())
