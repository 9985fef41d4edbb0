# Frostnet: how the board gets, defends and loses its address, with dnsmasq and the kernel
# MIT license; Copyright (c) 2026 The Frostnet authors

import re
import socket
import struct
import time

import pytest

from hostlib import capture
from hostlib.lan import boot_on, ping

RIVAL = bytes.fromhex("020000000066")


def wait_for(check, timeout=20.0):
    """Wait until `check()` is true and return its value."""
    deadline = time.monotonic() + timeout
    while not (value := check()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.1)
    return value


def show(board, field):
    """A field of what net.ifconfig returns."""
    out = board.exec("import net\ni = net.ifconfig('eth0')[0]\nprint('=', repr(i.%s))" % field)
    return eval(out.rpartition("= ")[2])  # a literal


def tell_arp(wire, address, oper=2):
    """An ARP packet of a station that has `address`, to everybody."""
    ip = socket.inet_aton(address)
    packet = b"\xff" * 6 + RIVAL + b"\x08\x06\x00\x01\x08\x00\x06\x04"
    packet += struct.pack(">H", oper) + RIVAL + ip + bytes(6) + ip
    with wire.inside():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with s:
        s.bind(("tap0", 0))
        s.send(packet)


def test_lease_is_there_at_once_and_probed_meanwhile(wire, boot, captured):
    # The lease is used before RFC 5227's probes are over; they go out all the same (§2.1.1, §2.3).
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    assert ping(wire, address, 1) == 1
    time.sleep(10)
    pcap = captured.until_now(board)
    probes = capture.query(
        pcap, f"arp.src.proto_ipv4 == 0.0.0.0 && arp.dst.proto_ipv4 == {address}"
    )
    assert len(probes) == 3
    told = f"arp.src.proto_ipv4 == {address} && arp.dst.proto_ipv4 == {address}"
    assert len(capture.query(pcap, told)) == 2
    ack, first = (
        float(capture.query(pcap, what, ["frame.time_relative"])[0])
        for what in ("dhcp.option.dhcp == 5", f"ip.src == {address}")
    )
    assert first - ack < 3


def test_release_when_the_network_stops(wire, boot):
    # RFC 2131, 4.4.6: although ARP never had to ask for the server.
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    board.exec("import netup\nnetup.stop()")
    wire.wait_log(f"DHCPRELEASE(tap0) {address}")


def test_soft_reset_gets_the_same_address(wire, boot):
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    board.soft_reset()
    assert board.wait_lease() == address
    assert ping(wire, address) == 3


@pytest.mark.lossy
def test_link_that_returns_asks_for_the_same_address(wire, boot, captured):
    # INIT-REBOOT (RFC 2131, 3.2): no DISCOVER.
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    board.qemu.set_link(False)
    time.sleep(0.5)
    board.qemu.set_link(True)
    wire.wait_log(f"DHCPACK(tap0) {address}", 2)
    assert wire.dnsmasq_log().count("DHCPDISCOVER") == 1
    assert ping(wire, address) == 3


@pytest.mark.lossy
def test_server_that_knows_nothing_of_the_lease_refuses(wire, boot):
    # DHCPNAK after a restart with another range (RFC 2131, 4.3.2), then a new address.
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    wire.stop_dnsmasq()
    wire.leases.unlink()
    wire.start_dnsmasq(first=100, last=110)
    board.qemu.set_link(False)
    time.sleep(0.5)
    board.qemu.set_link(True)
    wire.wait_log("DHCPNAK")
    new = wait_for(lambda: (a := show(board, "address")) != address and a)
    assert re.fullmatch(r"192\.168\.77\.1(0\d|10)", new), new
    assert ping(wire, new) == 3 and ping(wire, address, 1) == 0


def test_short_leases_are_renewed_again_and_again(wire, boot):
    # dnsmasq grants two minutes at least; T1 makes the client ask every two seconds.
    wire.start_dnsmasq("--dhcp-option-force=option:T1,2", "--dhcp-option-force=option:T2,3")
    board, address = boot_on(wire, boot)
    wire.wait_log("DHCPACK", 6)
    log = wire.dnsmasq_log()
    assert log.count("DHCPDISCOVER") == 1 and "DHCPNAK" not in log
    assert show(board, "address") == address


def test_conflict_is_declined(wire, boot):
    # RFC 2131, 3.1.5 and RFC 5227, 2.1.1: dnsmasq hears DECLINE and gives another address.
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    tell_arp(wire, address)
    begin = time.monotonic()
    wire.wait_log(f"DHCPDECLINE(tap0) {address}")
    assert show(board, "address") == ""
    new = board.wait_lease(timeout=20)
    assert time.monotonic() - begin > 9 and new != address
    assert ping(wire, new) == 3


def test_the_kernel_has_the_address_already(wire, boot):
    # The kernel answers the board's probes, and nobody believes the board.
    wire.ip("addr", "add", "192.168.77.50/24", "dev", "tap0")
    wire.start_dnsmasq("--dhcp-broadcast", first=50, last=50)
    board = boot(netdev=wire.netdev, prefix=wire.prefix)
    board.wait_prompt()
    wire.wait_log("DHCPDECLINE(tap0) 192.168.77.50")
    assert show(board, "address") == "" and show(board, "dhcp") == "init"


def test_address_is_defended(wire, boot, captured):
    # RFC 5227, 2.4 (b): one announcement; the second conflict within ten seconds ends it.
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    time.sleep(9)
    tell_arp(wire, address)
    time.sleep(0.5)
    assert show(board, "address") == address
    tell_arp(wire, address)
    wire.wait_log(f"DHCPDECLINE(tap0) {address}")


def test_static_address_is_kept_and_the_conflict_shown(wire, boot):
    board = boot(netdev=wire.netdev, prefix=wire.prefix)
    board.wait_prompt()
    board.exec("import net\nnet.ifconfig('eth0', '192.168.77.9/24')")
    for _ in range(5):
        tell_arp(wire, "192.168.77.9")
    assert wait_for(lambda: show(board, "conflict")) == "02:00:00:00:00:66"
    assert show(board, "address") == "192.168.77.9" and show(board, "origin") == "static"
    wire.ip("neigh", "flush", "dev", "tap0")
    assert ping(wire, "192.168.77.9") == 3


@pytest.mark.timeout(90)
def test_link_local_address_without_a_server(wire, boot):
    # RFC 3927: the kernel reaches the board there; a lease takes its place later.
    wire.ip("addr", "add", "169.254.0.1/16", "dev", "tap0")
    board = boot(netdev=wire.netdev, prefix=wire.prefix)
    board.wait_prompt()
    address = wait_for(lambda: show(board, "address"), 40)
    assert address.startswith("169.254.") and show(board, "origin") == "link-local"
    assert ping(wire, address) == 3
    # Whoever is on the link is reached, whatever address it has (2.6.2)
    assert "1 received" in board.exec(f"net.ping('{wire.host}', count=1)")
    wire.start_dnsmasq()
    lease = wait_for(lambda: (a := show(board, "address")).startswith("192.168.77.") and a, 40)
    assert ping(wire, lease) == 3 and show(board, "origin") == "dhcp"
    assert "1 received" in board.exec("net.ping('169.254.0.1', count=1)")


def test_inform(wire, boot):
    # RFC 2131, 3.4
    wire.start_dnsmasq()
    board = boot(netdev=wire.netdev, prefix=wire.prefix)
    board.wait_prompt()
    wire.wait_log("DHCPACK")
    board.exec("import net\nnet.ifconfig('eth0', '192.168.77.9/24', dns='dhcp')")
    wire.wait_log("DHCPINFORM(tap0) 192.168.77.9")
    assert wait_for(lambda: show(board, "dns")) == [wire.host]


def test_inform_from_the_command_line(wire, boot):
    wire.start_dnsmasq()
    words = ["-append", "ip=192.168.77.9/24 dns=dhcp"]
    board = boot(netdev=wire.netdev, prefix=wire.prefix, args=words)
    board.wait_prompt()
    wire.wait_log("DHCPINFORM(tap0) 192.168.77.9")
    assert wait_for(lambda: show(board, "dns")) == [wire.host]
    assert show(board, "origin") == "static" and "DHCPDISCOVER" not in wire.dnsmasq_log()


def test_what_comes_with_the_lease(wire, boot):
    # RFC 3442 (121), RFC 3397 (119), and the rest of the options.
    wire.start_dnsmasq(
        "--dhcp-option=121,10.9.0.0/16,192.168.77.1,0.0.0.0/0,192.168.77.1",
        "--dhcp-option=119,eng.example.org,example.org",
        "--dhcp-option=option:ntp-server,192.168.77.3",
        "--dhcp-option=option:mtu,1400",
        "--domain=lan.test",
    )
    wire.ip("addr", "add", "10.9.1.1/32", "dev", "lo")
    board, address = boot_on(wire, boot)
    lease = show(board, "lease")
    assert lease["search"] == ["eng.example.org", "example.org"]
    assert lease["ntp"] == ["192.168.77.3"] and lease["domain"] == "lan.test"
    assert lease["routes"] == ["10.9.0.0/16 192.168.77.1", "0.0.0.0/0 192.168.77.1"]
    assert show(board, "mtu") == 1400 and show(board, "gateway") == wire.host
    assert "1 received" in board.exec("net.ping('10.9.1.1', count=1)")
    log = wire.dnsmasq_log()
    assert "vendor class: frostnet" in log and "client provides name: frostnet" in log
