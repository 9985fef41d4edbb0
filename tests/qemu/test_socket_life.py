# Frostnet: sockets that programs forget, raw and packet sockets, awaited names: on the board
# MIT license; Copyright (c) 2026 The Frostnet authors

import time

import pytest

from hostlib import pattern, peers
from hostlib.lan import boot_on

HOST = "10.0.2.2"

# What a program may do, and what there is in the stack afterwards. The collector takes any word of
# the stack that may be a pointer for one: a few sockets may be kept by what earlier calls left.
CODE = """
import gc, socket, time
from frostnet import runtime
rt = runtime.current()
def udp(count):
    for _ in range(count):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("", 0))
def tcp(count, port):
    for _ in range(count):
        s = socket.socket()
        s.connect(("10.0.2.2", port))
        s.send(b"hello")
udps = rt.stack.udp.endpoints
def forgotten():
    return getattr(rt.stack.counters, "socket_forgotten", 0)
def settle():
    for _ in range(40):
        gc.collect()
        time.sleep_ms(50)
        if rt.stack.tcp.count <= before and len(rt.held) <= 2:
            break
before = rt.stack.tcp.count
"""


@pytest.mark.timeout(180)
def test_forgotten_sockets_leave_nothing(board):
    board.exec(CODE)
    with peers.TcpEcho() as echo:
        board.exec("udp(1000)", 60)
        board.exec(f"tcp(300, {echo.port})", 90)
        board.exec("settle()", 30)
        held, connections, count, endpoints = board.eval(
            "(len(rt.held), rt.stack.tcp.count - before, forgotten(), len(udps()))"
        )
    assert held <= 2 and connections <= 2, (held, connections)
    assert count >= 1298 and endpoints < 10, (count, endpoints)
    # All of it works on, and again after a soft reset, where the collector takes everything.
    board.exec("udp(10)\ntcp(0, 1)")
    board.soft_reset()
    board.wait_lease()
    board.exec(CODE)
    board.exec("udp(200)\nsettle()", 60)
    assert board.eval("len(rt.held) <= 2 and forgotten() >= 198")


@pytest.mark.timeout(120)
def test_what_was_sent_is_delivered_when_it_is_forgotten(board):
    """The peer reads late; the socket is gone by then, and its data come, and the end."""
    with peers.Sink() as sink:
        board.exec(
            CODE + "def leave(port):\n"
            "    s = socket.socket()\n"
            f"    s.connect(('{HOST}', port))\n"
            "    s.setblocking(False)\n"
            "    assert s.write((BLOCK * 4)[:60000]) == 60000\n"
            f"leave({sink.port})\nsettle()\nprint(forgotten())",
            60,
        )
        assert sink.done.acquire(timeout=30)
    assert sink.results[0][1:] == (60000, pattern.sha256(60000))
    assert board.eval("forgotten()") >= 1


@pytest.mark.timeout(90)
def test_ping_program_with_a_raw_socket(board):
    """The calls of the ping that goes round for MicroPython."""
    out = board.exec(
        f"""
import uctypes, urandom, uselect, usocket, ustruct, utime
def checksum(data):
    cs = 0
    for pos in range(0, len(data), 2):
        cs += (data[pos] << 8) + data[pos + 1]
    while cs >= 0x10000:
        cs = (cs & 0xffff) + (cs >> 16)
    return ~cs & 0xffff
pkt = bytearray(b"Q" * 64)
desc = {{"type": uctypes.UINT8 | 0, "code": uctypes.UINT8 | 1, "checksum": uctypes.UINT16 | 2,
    "id": uctypes.UINT16 | 4, "seq": uctypes.INT16 | 6, "timestamp": uctypes.UINT64 | 8}}
h = uctypes.struct(uctypes.addressof(pkt), desc, uctypes.BIG_ENDIAN)
h.type = 8
h.code = 0
h.id = urandom.getrandbits(16)
sock = usocket.socket(usocket.AF_INET, usocket.SOCK_RAW, 1)
sock.setblocking(0)
sock.settimeout(5)
addr = usocket.getaddrinfo("{HOST}", 1)[0][-1][0]
sock.connect((addr, 1))
got = 0
for seq in range(1, 5):
    h.checksum = 0
    h.seq = seq
    h.timestamp = utime.ticks_us()
    h.checksum = checksum(pkt)
    assert sock.send(pkt) == 64
    begin = utime.ticks_ms()
    while got < seq and utime.ticks_diff(utime.ticks_ms(), begin) < 5000:
        socks, _, _ = uselect.select([sock], [], [], 0)
        if socks:
            resp = socks[0].recv(4096)
            mv = memoryview(resp)
            h2 = uctypes.struct(uctypes.addressof(mv[20:]), desc, uctypes.BIG_ENDIAN)
            if h2.type == 0 and h2.id == h.id and h2.seq == seq:
                assert h2.timestamp <= utime.ticks_us() and len(resp) == 84
                assert ustruct.unpack("!B", mv[8:9])[0] > 0
                got += 1
        utime.sleep_ms(1)
sock.close()
print(got)
""",
        40,
    )
    assert out == "4\n"


@pytest.mark.timeout(90)
def test_packet_socket_sees_what_the_wire_carries(board):
    out = board.exec(
        f"""
import socket, net
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(socket.ETH_P_ALL))
s.bind(("eth0", 0))
s.settimeout(5)
net.ping("{HOST}", count=1, quiet=True)
seen = []
while len(seen) < 2:
    frame, address = s.recvfrom(2000)
    if frame[12:14] == b"\\x08\\x00" and frame[23] == 1:
        seen.append((address[2], bytes(frame)))
s.close()
for kind, frame in seen:
    print(kind, frame.hex())
from frostnet import runtime
print(hasattr(runtime.current().stack.ifaces[0].dev, "taps"))
""",
        40,
    )
    sent, came, tapped = out.split("\n")[:3]
    (out_kind, out_frame), (in_kind, in_frame) = sent.split(), came.split()
    assert (out_kind, in_kind) == ("4", "0")  # PACKET_OUTGOING, PACKET_HOST
    out_frame, in_frame = bytes.fromhex(out_frame), bytes.fromhex(in_frame)
    assert out_frame[34] == 8 and in_frame[34] == 0 and out_frame[38:42] == in_frame[38:42]
    assert tapped == "False", "the socket is closed"


@pytest.mark.timeout(120)
def test_others_go_on_while_asyncio_waits_for_a_name(wire, boot):
    """A name server that takes 3 s: the other task ticks on, and a task that gives up frees its
    question."""
    wire.start_dnsmasq()
    wire.ip("addr", "add", "192.168.77.2/24", "dev", "tap0")
    zone = {"slow.test": [("A", "192.168.77.1")], "slow2.test": [("A", "192.168.77.1")]}

    class Slow(peers.Dns):
        def _answer(self, request, handler):
            time.sleep(3)
            return super()._answer(request, handler)

    with wire.inside():
        server = Slow(zone, host="192.168.77.2", port=53)
        echo = peers.TcpEcho(host="192.168.77.1")
    with server, echo:
        board, _ = boot_on(wire, boot)
        board.exec("import network; network.ipconfig(dns='192.168.77.2')")
        out = board.exec(
            f"""
import asyncio, time
from frostnet import runtime
ticks = 0
async def tick():
    global ticks
    while True:
        await asyncio.sleep_ms(10)
        ticks += 1
async def main():
    task = asyncio.create_task(tick())
    begin = time.ticks_ms()
    reader, writer = await asyncio.open_connection("slow.test", {echo.port})
    took = time.ticks_diff(time.ticks_ms(), begin)
    counted = ticks
    writer.write(b"hello")
    await writer.drain()
    answer = await reader.read(5)
    await writer.wait_closed()
    try:
        await asyncio.wait_for(asyncio.open_connection("slow2.test", {echo.port}), 0.3)
        timely = False
    except asyncio.TimeoutError:
        timely = not runtime.current().resolver.exchanges
    task.cancel()
    return took, counted, answer, timely
print(asyncio.run(main()))
""",
            60,
        )
    took, counted, answer, timely = eval(out)
    assert took >= 2900 and counted > 50, (took, counted)
    assert answer == b"hello" and timely


@pytest.mark.timeout(120)
@pytest.mark.lossy
def test_looking_up_never_hangs(wire, boot):
    """A server that sends garbage, one that is not there, no link: an error in time, also for a
    program that awaits it."""
    wire.start_dnsmasq()
    wire.ip("addr", "add", "192.168.77.2/24", "dev", "tap0")

    class Garbage(peers.UdpEcho):
        def serve(self):
            while peers.readable(self.sock, self.closing):
                _, peer = self.sock.recvfrom(2000)
                self.sock.sendto(b"?" * 50, peer)

    board, _ = boot_on(wire, boot)
    board.exec(
        """
import asyncio, network, socket, time
def error_of(call):
    begin = time.ticks_ms()
    try:
        call()
        errno = 0
    except OSError as e:
        errno = e.errno
    return errno, time.ticks_diff(time.ticks_ms(), begin)
def look(server):
    network.ipconfig(dns=server)
    return error_of(lambda: socket.getaddrinfo("x.test", 80)), error_of(
        lambda: asyncio.run(socket.agetaddrinfo("y.test", 80))
    )
"""
    )
    with wire.inside():
        garbage = Garbage(host="192.168.77.2", port=53)
    with garbage:
        for errno, took in board.eval("look('192.168.77.2')", 60):
            assert errno == 110 and took < 15000
    for errno, took in board.eval("look('192.168.77.99')", 60):
        assert errno in (110, 113) and took < 15000
    board.qemu.set_link(False)
    board.exec("while network.LAN().status() > 0: time.sleep_ms(20)")
    for errno, took in board.eval("look('192.168.77.1')"):
        assert errno == 100 and took < 2000
