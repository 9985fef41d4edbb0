# Frostnet: several network cards on one board
# MIT license; Copyright (c) 2026 The Frostnet authors

import time

import pytest

from hostlib import peers
from hostlib.lan import ping

FAR = "10.9.1.1"  # behind both default gateways

# What the board runs: each echo() says on which interface it asked, and what came back.
CODE = """
import net, network, socket

def open(host, port):
    s = socket.socket()
    s.settimeout(20)
    s.connect((host, port))
    return s

def echo(s):
    s.sendall(b"hello, world")
    return s.recv(12) == b"hello, world"

def routes():
    return [tuple(row) for row in net.route()]
"""


def cards(*netdevs):
    """QEMU's arguments for cards n1, n2 … beside that of the fixture `boot`, which is n0."""
    args = []
    for i, (netdev, *device) in enumerate(netdevs, 1):
        device = [*(device or ["virtio-net-device"]), f"netdev=n{i}", f"id=net{i}"]
        args += ["-netdev", f"{netdev},id=n{i}", "-device", ",".join(device)]
    return args


def wait_for(board, expression, timeout=20.0):
    """Wait until an expression is true on the board; returns its value."""
    deadline = time.monotonic() + timeout
    while not (value := board.eval(expression)):
        assert time.monotonic() < deadline, expression
        time.sleep(0.2)
    return value


def address(board, n):
    return wait_for(board, f"network.LAN({n}).isconnected() and network.LAN({n}).ifconfig()[0]")


class Who(peers.TcpEcho):
    """An echo that remembers who came."""

    def __init__(self, **kw):
        self.seen = []
        super().__init__(**kw)

    def handle(self, conn):
        self.seen.append(conn.getpeername()[0])
        super().handle(conn)


@pytest.mark.lossy
def test_user_networking_and_tap_at_once(wire, boot):
    wire.start_dnsmasq()
    wire.ip("addr", "add", FAR + "/32", "dev", "lo")
    tap = wire.netdev.replace(",id=n0", "")
    board = boot(args=cards((tap,)), prefix=wire.prefix)
    board.wait_prompt()
    board.exec(CODE)
    assert address(board, 0) == "10.0.2.15"
    eth1 = address(board, 1)
    assert eth1.startswith("192.168.77.")
    out = board.exec("r = routes()\nprint('=', r)")
    assert eval(out.rpartition("= ")[2]) == [  # a literal
        ("10.0.2.0/24", "", "eth0", 0),
        ("192.168.77.0/24", "", "eth1", 100),
        ("default", "10.0.2.2", "eth0", 0),
        ("default", wire.host, "eth1", 100),
    ]
    with wire.inside():
        servers = peers.TcpEcho(), peers.TcpEcho(host=wire.host), Who(host=FAR)
    local, near, far = servers
    with local, near, far:
        # Each network by its own card, and the first card is the way to all others.
        board.exec(f"a = open('10.0.2.2', {local.port})\nb = open('{wire.host}', {near.port})")
        far_echo = f"echo(open('{FAR}', {far.port}))"
        assert board.eval("echo(a) and echo(b)") and board.eval(far_echo)
        assert ping(wire, eth1)

        # The first card loses its link: the second goes on, and is the way out now.
        board.qemu.set_link(False, "net0")
        wait_for(board, "network.LAN(0).status() == 0")
        assert board.eval("echo(b)") and ping(wire, eth1)
        assert board.eval("network.LAN(1).isconnected()") and board.eval(far_echo)

        # It returns, and what was connected through it is still there.
        board.qemu.set_link(True, "net0")
        wait_for(board, "network.LAN(0).isconnected()")
        assert board.eval("echo(a)") and board.eval(far_echo)
        assert far.seen[1] == eth1 and eth1 not in (far.seen[0], far.seen[2])

        # And the other way round.
        board.qemu.set_link(False, "net1")
        wait_for(board, "network.LAN(1).status() == 0")
        assert board.eval("echo(a)") and board.eval(far_echo)
        board.qemu.set_link(True, "net1")
        wait_for(board, "network.LAN(1).isconnected()")
        assert board.eval("echo(b)")
        board.exec("a.close()\nb.close()")


def test_a_card_that_fails_and_two_that_are_configured(boot):
    # Without ANY_LAYOUT a legacy card wants what the driver does not do.
    settings = "eth2.ip=10.0.4.99/24 eth2.gw=10.0.4.2 eth2.metric=5 eth7.ip=off"
    broken = "user,net=10.0.3.0/24", "virtio-net-device", "any_layout=off"
    good = "user,net=10.0.4.0/24", "virtio-net-pci"
    args = [*cards(broken, good), "-append", settings]
    board = boot(args=args)
    board.wait_prompt()
    assert "network: eth1 does not work: virtio-mmio slot at 0x0a003c00: " in board.log()
    assert "network: there is no eth7 to configure" in board.log()
    board.exec(CODE)
    assert address(board, 0) == "10.0.2.15"
    assert board.eval("network.LAN(2).ifconfig()[:3]") == (
        "10.0.4.99",
        "255.255.255.0",
        "10.0.4.2",
    )
    assert "NetError: no interface eth1: there are eth0, eth2, lo" in board.type(
        "net.ifconfig('eth1')"
    )
    with peers.TcpEcho() as server:
        for host in ("10.0.2.2", "10.0.4.2"):
            assert board.eval(f"echo(open('{host}', {server.port}))")
    # Stopped and started, everything is as before.
    board.soft_reset()
    board.exec(CODE)
    assert address(board, 0) == "10.0.2.15" and address(board, 2) == "10.0.4.99"
