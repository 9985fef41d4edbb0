# Frostnet: offloads of the network card, each on and off, over TAP; and large MTUs
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib

import pytest

from hostlib import capture, pattern, peers
from hostlib.board import Board
from hostlib.lan import TAP
from hostlib.outside import Outside

SIZE = 1_500_000
ADDRESS = "192.168.77.9"
FEATURES = ("csum", "guest_csum", "host_tso4", "guest_tso4", "mrg_rxbuf")
# QEMU's name of a card, and whether virtio-mmio is to be version 2.
KINDS = {
    "legacy": ("virtio-net-device", False),
    "modern": ("virtio-net-device", True),
    "packed": ("virtio-net-device,packed=on", True),
    "pci": ("virtio-net-pci", False),
    "packed-pci": ("virtio-net-pci,packed=on", False),
}
# What QEMU does not offer (one that others need takes them along), and in which kind of card.
CASES = [
    ("legacy", ()),
    ("packed-pci", ()),
    ("packed", ("csum",)),
    ("legacy", ("guest_csum",)),
    ("pci", ("host_tso4",)),
    ("modern", ("guest_tso4",)),
    ("packed", ("mrg_rxbuf",)),
    ("pci", FEATURES),
]

_CARD = """
from frostnet import runtime as _r
_stack = _r.current().stack
_dev = _stack.ifaces[0].dev
"""


@contextlib.contextmanager
def board_on(wire, kind="legacy", options=(), **kw):
    """A board on the TAP device, whose card has all offloads, and `options` for QEMU."""
    wire.offloads = True
    name, modern = KINDS[kind]
    card = ",".join((name, *options))
    with Board(netdev=wire.netdev, prefix=wire.prefix, card=card, modern=modern, **kw) as board:
        board.wait_prompt()
        setting = (ADDRESS, "255.255.255.0", wire.host, wire.host)
        board.exec(f"import network\nnetwork.LAN().ifconfig({setting!r})\n{_CARD}")
        board.load()
        yield board


def counters(board):
    return board.eval(
        "(_dev.counters.rx_frames, _dev.counters.tx_frames,"
        " _stack.counters.tcp_drop_checksum + _stack.counters.udp_drop_checksum)"
    )


def receive(wire, board, size=SIZE):
    """The board receives, and hashes; how many frames that took."""
    before = counters(board)[0]
    with wire.inside():
        source = peers.Source(size, host=wire.host)
    with source:
        out = board.exec(f"recv({source.port}, True, {wire.host!r})", 60)
    assert out.strip() == pattern.sha256(size)
    return counters(board)[0] - before


def send(wire, board, size=SIZE):
    before = counters(board)[1]
    with wire.inside():
        sink = peers.Sink(host=wire.host)
    with sink:
        board.exec(f"send({sink.port}, {size}, {wire.host!r})", 60)
        assert sink.done.acquire(timeout=30)
    assert sink.results[0][1:] == (size, pattern.sha256(size))
    return counters(board)[1] - before


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "kind, off", CASES, ids=lambda x: x if isinstance(x, str) else "-".join(x)
)
def test_each_offload_on_and_off(wire, tmp_path, kind, off):
    """Virtio 1.2 §5.1.6: bytes are the same whoever cuts and sums, and so is what the network
    behind the kernel sees."""
    try:
        outside = Outside(wire)
    except RuntimeError as e:
        pytest.skip(f"needs bridge and veth devices ({e})")
    pcap = tmp_path / "outside.pcap"
    with board_on(wire, kind, [name + "=off" for name in off]) as board:
        assert board.eval("_dev._rxq.packed") == kind.startswith("packed")
        large = board.eval("(_dev.csum, bool(_dev.tso), bool(_dev.rx_max))")
        expected = (
            "csum" not in off,
            not {"csum", "host_tso4"} & set(off),
            not {"guest_csum", "guest_tso4"} & set(off),
        )
        assert large == expected
        with outside.capture(pcap):
            received = receive(wire, board)
            sent = send(wire, board)
        assert counters(board)[2] == 0, "checksums were wrong"
        segments = SIZE // 1460
        assert (received < segments // 2) == large[2], received
        assert (sent < segments // 2) == large[1], sent
        assert board.eval("repr(_stack.last_bug)") == "None"
    if capture.available():
        ours = f"ip.src == {ADDRESS}"
        assert capture.count(pcap, ours + " and tcp.len > 0") >= segments
        assert not capture.query(pcap, f"{ours} and ({capture.BAD} or frame.len > 1514)")


@pytest.mark.parametrize("mtu", [9000, 65535])
def test_large_mtu(wire, mtu):
    """Virtio 1.2 §5.1.4.1: the card says how large frames may be."""
    wire.ip("link", "set", TAP, "mtu", str(min(mtu, 65521)))  # Linux: 65535 - 14
    with board_on(wire, "modern", [f"host_mtu={mtu}"]) as board:
        assert board.eval("(_dev.mtu, _stack.ifaces[0].mtu)") == (mtu, mtu)
        receive(wire, board)
        send(wire, board)
        with wire.inside():
            echo = peers.UdpEcho(host=wire.host)
            silent = peers.Silent(host=wire.host)
        with echo, silent:
            board.exec(f"s = _connect({wire.host!r}, {silent.port})")
            mss = board.eval("[c.mss for c in _stack.tcp.connections() if c.state == 4]")
            assert mss == [min(mtu, 65521) - 40]
            board.exec("s.close()")
            size = min(mtu, 65000) - 28
            board.exec(
                "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                "s.settimeout(5)\n"
                "data = bytes(i & 255 for i in range(5000)) * 14\n"
                f"data = data[:{size}]\n"
                f"s.sendto(data, ({wire.host!r}, {echo.port}))\n"
                "assert s.recv(65535) == data\n"
                "s.close()"
            )


def test_little_memory(wire):
    """-m 64M: an eighth of it is for devices; the card takes what it can have of that."""
    with board_on(wire, memory="64M") as board:
        assert receive(wire, board) and send(wire, board)
        assert board.eval("__import__('_virtio').dma_free()") > 1 << 20
