# Frostnet: NTP, and iperf3 for MicroPython with the real one, over TAP
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

import pytest

from hostlib import packages, peers
from hostlib.iperf import Iperf, server
from hostlib.lan import boot_on

# The kernel soon sends again what a board that writes files has not acknowledged yet.
pytestmark = pytest.mark.lossy

_SINCE_1900 = 2208988800  # RFC 5905 §6
THEN = 1_926_243_296  # 2031-01-15 07:34:56


class TimeServer(peers.UdpEcho):
    """An NTP server (RFC 5905 §7.3) at which it is always THEN."""

    def serve(self):
        while peers.readable(self.sock, self.closing):
            query, peer = self.sock.recvfrom(512)
            if len(query) < 48 or query[0] & 7 != 3:
                continue
            self.count += 1
            answer = bytearray(48)
            answer[0] = query[0] & 0x38 | 4  # the client's version; server
            answer[1] = 1  # stratum
            answer[24:32] = query[40:48]
            for at in (16, 32, 40):
                struct.pack_into(">II", answer, at, THEN + _SINCE_1900, 0)
            self.sock.sendto(answer, peer)


@pytest.fixture
def stocked(boot, wire, index, tmp_path):
    """A board on the wire with the packages of this file, and its address. `index` has fetched
    them, but cannot be reached from the namespace."""
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    with wire.inside():
        server = packages.index(tmp_path / "index", wire.host)
    with server:
        packages.install(board, server, "uiperf3", "ntptime", host=wire.host)
    return board, address


def test_ntp(stocked, wire):
    board, _ = stocked
    with wire.inside():
        server = TimeServer(wire.host, 123)
    with server:
        board.exec(f"import ntptime\nntptime.host = {wire.host!r}\nntptime.settime()")
    assert server.count == 1
    assert 0 <= board.eval("__import__('time').time()") - THEN < 60
    # Nobody answers: an error within the timeout, and the clock goes on.
    out = board.exec(
        "ntptime.timeout = 0.5\ntry: ntptime.settime()\nexcept OSError as e: print(e.errno)"
    )
    assert out.strip() in ("110", "111")  # ETIMEDOUT; ECONNREFUSED by ICMP


@pytest.fixture
def throughput(stocked, program):
    """The same without a capture: it would be too large to be looked at."""
    stocked[0].qemu.end_capture()
    return stocked


@pytest.mark.timeout(120)
def test_iperf3_server(throughput, wire):
    """The real client sends. It cannot be told to receive (-R): the package then goes on sending
    until the network is slower than it, which a wire within one machine may never be."""
    board, address = throughput
    board.exec("import uiperf3")
    board.start("uiperf3.server_once()")
    board.console.serial.expect(b"listening on", 20)
    with Iperf(wire, "-c", address, "-t", "2") as client:
        end = client.report()["end"]
    out = board.finish(20)
    assert end["sum_received"]["bytes"] > 100_000, end
    assert "sender" in out


# The package's arguments, and what the real server says of itself then.
RUNS = (("", "sum_received"), ("reverse=True", "sum_sent"), ("udp=True", "sum_received"))


@pytest.mark.timeout(180)
def test_iperf3_client(throughput, wire):
    """The package sends and receives by TCP, and sends by UDP: ten seconds each, always."""
    board, _ = throughput
    board.exec("import uiperf3")
    for options, moved in RUNS:
        with server(wire) as peer:
            out = board.exec(f"uiperf3.client({wire.host!r}, {options})", 60)
            end = peer.report()["end"]
        assert end[moved]["bytes"] > 1_000_000, end
        assert "receiver" in out
