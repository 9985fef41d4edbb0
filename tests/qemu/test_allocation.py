# Frostnet: packets in steady state take nothing from the heap, from the ring to the program
# MIT license; Copyright (c) 2026 The Frostnet authors

import pytest

from hostlib import peers

HOST = "10.0.2.2"

# What is allocated once, like buffers, is there after the first turn; timers (of ARP, DHCP, mDNS,
# and of a peer that closes its window) may take something now and then, more on a slow machine,
# so the least of several turns counts. It may be a sixteenth of the smallest object, of 128 bytes,
# per packet.
PACKETS = 1000
MOST = 8 * PACKETS

LEAST = """
def least(turn, *args):
    used = []
    for _ in range(4):
        gc.collect()
        before = gc.mem_alloc()
        turn(*args)
        used.append(gc.mem_alloc() - before)
    return min(used)
"""

UDP = """
import gc, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("%s", %d))
s.settimeout(10)
data = bytes(64)
buf = bytearray(64)
def turn(n):
    for i in range(n):
        s.send(data)
        assert s.recv_into(buf) == 64
turn(20)
print(least(turn, %d))
s.close()
"""

TCP_IN = """
import gc, socket
s = socket.socket()
s.connect(("%s", %d))
buf = bytearray(16384)
def turn(size):
    got = 0
    while got < size:
        got += s.readinto(buf)
turn(60 * 16384)
print(least(turn, 100 * 16384))
s.close()
"""

TCP_OUT = """
import gc, socket
s = socket.socket()
s.connect(("%s", %d))
data = memoryview(bytes(200000))
def turn(n):
    for i in range(n):
        s.sendall(data)
turn(1)
print(least(turn, 8))
s.close()
"""


@pytest.mark.timeout(60)
def test_datagrams_each_way(board):
    with peers.UdpEcho() as echo:
        used = int(board.exec(LEAST + UDP % (HOST, echo.port, PACKETS), 40))
    assert used < MOST, f"{used} bytes for {PACKETS} datagrams each way"


@pytest.mark.timeout(60)
def test_segments_in(board):
    # 100 * 16384 bytes are more than 1000 segments.
    with peers.Source((60 + 4 * 100) * 16384) as source:
        used = int(board.exec(LEAST + TCP_IN % (HOST, source.port), 40))
    assert used < MOST, f"{used} bytes for {PACKETS} segments received"


@pytest.mark.timeout(60)
def test_segments_out(board):
    with peers.Sink() as sink:
        used = int(board.exec(LEAST + TCP_OUT % (HOST, sink.port), 40))
    assert used < MOST, f"{used} bytes for {PACKETS} segments sent"
