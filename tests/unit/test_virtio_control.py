# Frostnet: tests of a network card's control queue
# MIT license; Copyright (c) 2026 The Frostnet authors

from fake_board import Board
from fake_virtio import ANNOUNCE, ANY_LAYOUT, CTRL_RX, CTRL_VQ, INDIRECT_DESC, MAC, PACKED
from fake_virtio import STATUS, Net

board = Board().install()

from frostnet.stack import Stack  # noqa: E402
from frostnet.wire import igmp  # noqa: E402
from frostnet.wire.addr import parse  # noqa: E402
from virtio import cards, devices  # noqa: E402

QUEUES = (256, 256, 64)
BASIC = MAC | STATUS | ANY_LAYOUT
ALL = BASIC | CTRL_VQ | CTRL_RX | ANNOUNCE
OURS = b"\x52\x54\x00\x12\x34\x56"
ALL_HOSTS = b"\x01\x00\x5e\x00\x00\x01"
GROUP = parse("239.129.2.3")
GROUP_MAC = b"\x01\x00\x5e\x01\x02\x03"
S = 1000000

# Legacy and modern, and every kind of ring.
KINDS = ((1, 0), (1, INDIRECT_DESC), (2, 0), (2, INDIRECT_DESC), (2, PACKED))


def card(version=2, features=ALL, without=()):
    """(driver, device), both ready."""
    board.reset()
    device = board.plug(31, Net(version, features, queues=QUEUES))
    devices.forget()
    (nic,) = cards.find(without)
    return nic, device


def host(nic):
    stack = Stack(lambda bits: (1 << bits) // 3)
    stack.strict = True
    iface = stack.add(nic, "eth0")
    return stack, iface


def test_only_what_is_ours_is_received():
    for version, ring in KINDS:
        nic, device = card(version, ALL | ring)
        assert device.promiscuous, "as the reset left it"
        stack, iface = host(nic)
        assert not device.promiscuous
        assert device.macs == [OURS] and device.groups == [ALL_HOSTS]
        stack.ip.igmp.join(GROUP, iface)
        assert sorted(device.groups) == [ALL_HOSTS, GROUP_MAC], device.groups
        # 239.129.2.3 and 238.1.2.3 have one address (RFC 1112 §6.4): it goes with the last.
        stack.ip.igmp.join(parse("238.1.2.3"), iface)
        stack.ip.igmp.leave(GROUP, iface)
        assert sorted(device.groups) == [ALL_HOSTS, GROUP_MAC]
        stack.ip.igmp.leave(parse("238.1.2.3"), iface)
        assert device.groups == [ALL_HOSTS] and not device.promiscuous
        assert nic.counters.ctrl_refused == nic.counters.ctrl_lost == 0
        assert nic.counters.ctrl_commands == len(device.commands) == 10


def test_joining_twice_asks_once():
    nic, device = card()
    stack, iface = host(nic)
    stack.ip.igmp.join(GROUP, iface)
    n = len(device.commands)
    stack.ip.igmp.join(GROUP, iface)
    stack.ip.igmp.leave(GROUP, iface)
    assert len(device.commands) == n and GROUP_MAC in device.groups


def test_promiscuous():
    nic, device = card()
    stack, iface = host(nic)
    iface.set_promiscuous(True)
    assert device.promiscuous
    stack.ip.igmp.join(GROUP, iface)
    assert device.promiscuous
    iface.set_promiscuous(False)
    assert not device.promiscuous and GROUP_MAC in device.groups


def test_as_many_groups_as_can_be():
    nic, device = card()
    stack, iface = host(nic)
    for n in range(32):
        stack.ip.igmp.join(GROUP + n, iface)
    assert len(device.groups) == 33 and not device.promiscuous
    nic.listen([bytes((1, 0, 0x5E, 0, 1, n)) for n in range(65)])
    assert device.promiscuous, "more than one command holds"


def test_a_card_that_refuses_receives_everything():
    nic, device = card()
    device.refused = (b"\1\0",)
    stack, iface = host(nic)
    assert device.promiscuous and nic.counters.ctrl_refused == 1
    assert not nic.error and not nic.counters.ctrl_lost


def test_cards_that_do_not_have_it():
    for features in (BASIC, BASIC | CTRL_VQ, BASIC | CTRL_VQ | ANNOUNCE):
        nic, device = card(1, features)
        stack, iface = host(nic)
        stack.ip.igmp.join(GROUP, iface)
        iface.set_promiscuous(True)
        assert not device.commands and device.promiscuous and not nic.counters.restarts


def test_it_can_be_switched_off_by_name():
    for names, asked in ((("ctrl_vq",), 0), (("ctrl_rx",), 0), (("guest_announce",), 2)):
        nic, device = card(2, ALL, names)
        stack, iface = host(nic)
        assert len(device.commands) == asked and device.promiscuous == (not asked)
        left = {"ctrl_vq": 0, "ctrl_rx": CTRL_VQ | ANNOUNCE, "guest_announce": CTRL_VQ | CTRL_RX}
        # §5.1.3.1: the others need CTRL_VQ.
        assert device.accepted & (CTRL_VQ | CTRL_RX | ANNOUNCE) == left[names[0]]


def test_a_card_that_does_not_answer_is_restarted_and_left_alone():
    # It may have done half of it; after the reset it receives everything.
    for version, ring in KINDS:
        nic, device = card(version, ALL | ring)
        stack, iface = host(nic)
        device.deaf = True
        stack.ip.igmp.join(GROUP, iface)
        assert nic.counters.ctrl_lost == 1
        nic.flush()
        assert nic.counters.restarts == 1 and device.promiscuous and not nic.error
        stack.ip.igmp.leave(GROUP, iface)
        nic.flush()
        assert nic.counters.ctrl_lost == nic.counters.restarts == 1
        assert device.deliver(bytes(60)) and nic.rx() == 60


def test_a_restarted_card_is_told_again():
    nic, device = card()
    stack, iface = host(nic)
    stack.ip.igmp.join(GROUP, iface)
    device.status |= 64  # DEVICE_NEEDS_RESET
    device.interrupt(2)
    nic.arm()
    nic.flush()
    assert nic.counters.restarts == 1
    assert not device.promiscuous and sorted(device.groups) == [ALL_HOSTS, GROUP_MAC]


def test_a_card_that_asks_for_a_reset_while_it_is_asked():
    nic, device = card()
    stack, iface = host(nic)
    device.deaf = True
    device.status |= 64
    stack.ip.igmp.join(GROUP, iface)
    assert nic.counters.ctrl_lost and not nic.counters.restarts
    device.deaf = False
    device.interrupt(2)
    nic.arm()
    nic.flush()
    assert nic.counters.restarts == 1 and GROUP_MAC in device.groups, "told in vain"


def test_announcement():
    # §5.1.6.5.4: the guest sends gratuitous ARP, and takes the request from the status.
    for version, ring in KINDS:
        nic, device = card(version, ALL | ring)
        stack, iface = host(nic)
        iface.set_address(parse("10.0.0.2"), 24)
        iface.claim.hold()
        stack.ip.igmp.join(GROUP, iface)
        stack.poll(stack.now)
        device.sent.clear()
        device.config[6] |= 2
        device.generation += 1
        device.interrupt(2)
        assert nic.arm(), "there is something to do"
        assert not device.config[6] & 2 and device.commands[-1] == b"\3\0"
        stack.poll(stack.now)
        (arp,) = [f for f in device.sent if f[12:14] == b"\x08\x06"]
        assert arp[:6] == b"\xff" * 6 and arp[28:32] == arp[38:42] == b"\x0a\0\0\x02"
        (report,) = [f for f in device.sent if f[23] == 2]
        assert report[38] == igmp.V3_REPORT
        assert nic.counters.ctrl_refused == 0


def test_an_announcement_that_nobody_agreed_on_is_not_answered():
    nic, device = card(2, BASIC | CTRL_VQ | CTRL_RX)
    stack, iface = host(nic)
    n = len(device.commands)
    device.config[6] |= 2
    device.interrupt(2)
    nic.arm()
    assert len(device.commands) == n and nic.counters.link_changes == 0


def test_a_stopped_card_is_not_asked():
    nic, device = card()
    stack, iface = host(nic)
    stack.ip.igmp.join(GROUP, iface)
    nic.stop()
    n = len(device.commands)
    stack.ip.igmp.leave(GROUP, iface)
    assert len(device.commands) == n and not nic.counters.ctrl_lost
