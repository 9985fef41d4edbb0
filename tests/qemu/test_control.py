# Frostnet: what a network card is asked for: groups, everything, announcements; and link changes
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket
import time

import pytest

from hostlib import capture
from hostlib.lan import boot_on

GROUP = "239.129.2.3"
GROUP_MAC = bytes.fromhex("01005e010203")
ALL_HOSTS = bytes.fromhex("01005e000001")
MDNS = bytes.fromhex("01005e0000fb")
STRANGER = bytes.fromhex("020000000077")
HELD = 3  # frostnet/link/claim.py
EXPERIMENT = b"\x88\xb5"  # IEEE 802.1: no station knows it

CODE = """
import net, network, socket
from frostnet import runtime

stack = runtime.current().stack
eth0 = stack.ifaces[0]

def experiments():
    counts = stack.counters.as_dict()
    return counts["eth_drop_type"] + counts["eth_drop_other_host"]

def card():
    return eth0.dev.counters.as_dict()

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 5000))
s.settimeout(10)

def member(option):
    s.setsockopt(socket.IPPROTO_IP, option, bytes((239, 129, 2, 3, 0, 0, 0, 0)))
"""

# Every transport, split and packed rings, and one card that cannot be asked what to receive.
CARDS = {
    "mmio legacy": {"card": "virtio-net-device"},
    "mmio modern": {"card": "virtio-net-device,packed=on", "modern": True},
    "pci legacy": {"card": "virtio-net-pci,disable-modern=on,ctrl_rx=off"},
    "pci modern": {"card": "virtio-net-pci"},
}


def wait_for(check, timeout=20.0):
    deadline = time.monotonic() + timeout
    while not check():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


class Frames:
    """Sends frames by hand, of a kind that the stack counts and drops."""

    def __init__(self, wire, board):
        with wire.inside():
            self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self._sock.bind(("tap0", 0))
        self._board = board
        self._own = bytes.fromhex(board.eval("eth0.mac.hex()"))

    def pass_(self, mac, n=20):
        """Whether the card lets frames to `mac` through."""
        before = self._board.eval("experiments()")
        for to in (mac, self._own):
            for _ in range(n):
                self._sock.send(to + STRANGER + EXPERIMENT + bytes(46))
        # Those to the board come last, and always arrive.
        wait_for(lambda: self._board.eval("experiments()") >= before + n)
        time.sleep(0.1)
        return self._board.eval("experiments()") > before + n

    def close(self):
        self._sock.close()


@pytest.mark.lossy
@pytest.mark.parametrize("kind", CARDS)
def test_card_is_told_what_to_receive(wire, boot, captured, kind):
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot, **CARDS[kind])
    board.exec(CODE)
    chooses = "ctrl_rx=off" not in CARDS[kind]["card"]
    frames = Frames(wire, board)
    assert frames.pass_(b"\xff" * 6) and frames.pass_(ALL_HOSTS) and frames.pass_(MDNS)
    assert frames.pass_(STRANGER) != chooses and frames.pass_(GROUP_MAC) != chooses

    # The filter follows the groups that programs are in.
    board.exec("member(socket.IP_ADD_MEMBERSHIP)")
    assert frames.pass_(GROUP_MAC) and frames.pass_(STRANGER) != chooses
    with wire.inside():
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sender:
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(wire.host))
        sender.sendto(b"to the group", (GROUP, 5000))
        assert board.eval("s.recv(20)") == b"to the group"
    board.exec("member(socket.IP_DROP_MEMBERSHIP)")
    assert frames.pass_(GROUP_MAC) != chooses

    board.exec("net.ifconfig('eth0', promisc=True)")
    assert frames.pass_(STRANGER) and frames.pass_(GROUP_MAC)
    board.exec("net.ifconfig('eth0', promisc=False)")
    assert frames.pass_(STRANGER) != chooses
    frames.close()

    # Link changes come by interrupt: the program does not look.
    for up in (False, True):
        changes = board.eval("card()['link_changes']")
        board.qemu.set_link(up)
        wait_for(lambda: board.eval("eth0.dev.counters.link_changes") == changes + 1)
        assert board.eval("eth0.carrier") is up

    counts = board.eval("card()")
    assert counts["ctrl_refused"] == counts["ctrl_lost"] == counts["restarts"] == 0, counts


@pytest.mark.parametrize("kind", ("mmio legacy", "pci modern"))
def test_card_is_asked_to_announce(wire, boot, captured, kind):
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot, **CARDS[kind])
    board.exec(CODE)
    # As after a migration; not while the board still probes.
    wait_for(lambda: board.eval("eth0.claim.state") == HELD)
    captured.until_now(board)
    asked = board.eval("card()['ctrl_commands']")
    board.qemu.monitor.command("announce-self", initial=50, max=550, rounds=3, step=100)
    wait_for(lambda: board.eval("card()['ctrl_commands']") > asked)
    wait_for(lambda: board.eval("eth0.claim.state") == HELD)
    told = f"arp.src.proto_ipv4 == {address} && arp.dst.proto_ipv4 == {address}"
    assert capture.query(captured.until_now(board), told)
    counts = board.eval("card()")
    assert counts["ctrl_refused"] == counts["ctrl_lost"] == counts["restarts"] == 0, counts
