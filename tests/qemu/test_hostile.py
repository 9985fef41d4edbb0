# Frostnet: hostile frames on the board, and what must hold after them
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The frames are those of tests/hostile; here they come through QEMU's network card."""

import contextlib
import random
import socket
import sys
import time

import pytest

from hostlib.board import ROOT

sys.path.append(str(ROOT / "tests" / "hostile"))

import frames as f
from corpus import corpus
from mutate import Mutator

pytestmark = pytest.mark.hostile

SETUP = """
import gc, network
from frostnet import runtime
network.LAN().ifconfig(("10.0.0.1", "255.255.255.0", "10.0.0.254", "10.0.0.254"))
stack = runtime.current().stack

def state():
    gc.collect()
    bugs = {k: v for k, v in stack.counters.as_dict().items() if "bug" in k and v}
    return gc.mem_alloc(), bugs, stack.tcp.count, len(stack.ifaces[0].arp)
"""


class Wire:
    """The network on the other side of QEMU's card; PEER and ROUTER answer ARP."""

    def __init__(self, folder):
        self.board = str(folder / "board.sock")
        ours = str(folder / "ours.sock")
        self.netdev = f"dgram,id=n0,local.type=unix,local.path={self.board}"
        self.netdev += f",remote.type=unix,remote.path={ours}"
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(ours)
        self.port = 30000

    def put(self, frame):
        self.sock.settimeout(10)
        self.sock.sendto(frame, self.board)

    def take(self, timeout):
        """The board's frames until it is silent for `timeout` seconds; ARP is answered, and what
        the board says to groups by itself (multicast DNS, IGMP) left out."""
        out = []
        while True:
            self.sock.settimeout(timeout)
            try:
                frame = self.sock.recv(2000)
            except TimeoutError:
                return out
            p = f.Packet(frame)
            if p.kind != f.ARP:
                if not frame[0] & 1:
                    out.append(p)
            elif p.op == 1 and p.tpa in (f.PEER, f.ROUTER) and p.spa != p.tpa:
                mac = f.PEER_MAC if p.tpa == f.PEER else f.ROUTER_MAC
                self.put(f.arp(2, f.ME_MAC, mac, sha=mac, spa=p.tpa, tha=f.ME_MAC, tpa=p.spa))

    def ask(self, frame, wanted, limit=5.0, again=9.0):
        """Send `frame`, and each `again` seconds once more; the first answer for which
        `wanted(packet)` is true."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            self.put(frame)
            until = time.monotonic() + min(again, limit)
            while time.monotonic() < until:
                for p in self.take(0.02):
                    if wanted(p):
                        return p
        raise AssertionError("the board does not answer")

    def ping(self, limit=5.0):
        self.port += 1
        data = b"ping %d" % self.port

        def mine(p):
            return p.proto == 1 and p.type == 0 and p.data == data

        self.ask(f.echo(data=data), mine, limit, 0.5)

    def echo(self):
        """The TCP echo service at port 7 takes a connection and works."""
        self.port += 1
        port = self.port

        def send(bits, seq, ack=0, data=b"", wanted=None):
            frame = f.tcp(port, 7, seq=seq, ack=ack, bits=bits, data=data)
            mine = lambda p: p.proto == 6 and p.dport == port and wanted(p)  # noqa: E731
            return self.ask(frame, mine) if wanted else self.put(frame)

        p = send(f.SYN, 100, wanted=lambda p: p.bits == f.SYN | f.ACK)
        ack = p.seq + 1
        send(f.ACK, 101, ack)
        p = send(f.ACK, 101, ack, b"still here", lambda p: p.data == b"still here")
        ack += 10
        p = send(f.ACK | f.FIN, 111, ack, wanted=lambda p: p.bits & f.FIN)
        send(f.ACK, 112, ack + 1)

    def close(self):
        self.sock.close()


@pytest.fixture
def attacked(tmp_path, boot):
    """(board, wire): the board has its address and serves TCP echo; afterwards it must be well."""
    wire = Wire(tmp_path)
    with contextlib.closing(wire):
        board = boot(netdev=wire.netdev)
        board.wait_prompt()
        board.exec(SETUP)
        board.load()
        wire.ping(20)  # the address is probed first
        with board.serving("tcp_echo(7)"):
            wire.echo()
        before = board.eval("state()")
        assert not before[1]
        with board.serving("tcp_echo(7)"):
            yield board, wire
            wire.take(0.1)
            wire.ping()
            wire.echo()
        # What waits for fragments or a handshake has a minute; the rest is gone by now.
        board.exec("stack.ip._paths.clear(); stack.tcp._paths.clear()")
        after = board.eval("state()")
        assert not after[1], after
        assert after[3] <= 81
        assert after[0] - before[0] < 600_000, "%d bytes more are in use" % (after[0] - before[0])


def test_every_line_in_turn(attacked):
    _, wire = attacked
    told = {}
    for line, frame, silent in corpus():
        wire.put(frame)
        told[line] = told.get(line, 0) + 1
        if silent:
            continue
        wire.take(0.005)
    assert len(told) >= 22
    wire.take(0.2)
    # Silence, one frame at a time, for a selection of those where it is asked for.
    quiet = [(line, frame) for line, frame, silent in corpus() if silent][::7]
    for line, frame in quiet:
        wire.put(frame)
        answers = wire.take(0.004)
        assert not answers, (line, answers)
        if line % 5 == 0:
            wire.ping()


@pytest.mark.timeout(120)
def test_5000_changed_frames(attacked):
    board, wire = attacked

    class Rng:
        def __init__(self, seed):
            self.getrandbits = random.Random(seed).getrandbits

        def bits(self):
            return self.getrandbits(32)

        def below(self, n):
            return self.bits() * n >> 32

    rng = Rng(1)
    mutator = Mutator(rng)
    seeds = [
        f.echo(data=bytes(100)),
        f.arp(),
        f.udp(5, 7, b"x" * 50),
        f.udp(53, 50_000, bytes(60)),
        f.udp(67, 68, b"\x02\x01\x06\x00" + bytes(300), dst=f.ALL, eth_dst=f.BROADCAST),
        f.icmp(3, 3, 0, f.ip_header(6, 20, src=f.ME, dst=f.PEER) + bytes(20)),
        f.tcp(4000, 7, seq=1, bits=f.SYN, tcp_options=f.mss(1460) + f.SACK_PERMITTED),
        f.tcp(4000, 7, seq=2, ack=1, data=b"data" * 100),
    ]
    mutator.others = seeds
    for i in range(5000):
        base = mutator.pick(seeds)
        for frame in mutator.several(base) if rng.below(20) == 0 else [mutator.one(base)]:
            wire.put(frame)
        if i % 50 == 0:
            wire.take(0.001)
        if i % 1000 == 0:
            wire.ping()
    wire.take(0.5)


def test_syn_flood(attacked):
    # 2,000 sources that do not exist; a client gets its connection within 3 s.
    board, wire = attacked
    for i in range(2000):
        src = 0xCB000000 + i * 7919
        wire.put(f.tcp(1024 + i, 7, seq=i, bits=f.SYN, src=src, eth_src=f.ROUTER_MAC))
        if i % 20 == 0:
            wire.take(0.001)
        if i % 500 == 499:
            begin = time.monotonic()
            wire.ping()
            wire.echo()
            assert time.monotonic() - begin < 3
