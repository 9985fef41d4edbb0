# Frostnet: net.iperf with the real iperf3, as its client and as its server, over TAP
# MIT license; Copyright (c) 2026 The Frostnet authors

import pytest

from hostlib.iperf import PORT, Iperf, server
from hostlib.lan import boot_on

# A machine that is busy lets the kernel send again, and datagrams get lost.
pytestmark = pytest.mark.lossy

SUMMARY = "(r.sent, r.received, r.seconds, r.rate, r.packets, r.lost, len(r.intervals), r.error)"


@pytest.fixture
def board(boot, wire, program):
    """A board on the wire, and its address. No capture: it would be too large to be looked at."""
    program("iperf3")
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    board.qemu.end_capture()
    board.exec("import net")
    return board, address


def near(count, other):
    """What is still on its way when a test ends is not counted by both."""
    assert abs(count - other) < 0.3 * max(count, other) + 600_000, (count, other)


class Client:
    """The board as the client of iperf3, each time a new one."""

    def __init__(self, board, wire):
        self._board = board
        self._wire = wire

    def __call__(self, options):
        """(what the board printed, its result as in SUMMARY, iperf3's report)"""
        with server(self._wire) as peer:
            out = self._board.exec(f"r = net.iperf({self._wire.host!r}, {options})", 60)
            report = peer.report()
        result = self._board.eval(SUMMARY)
        assert out.rstrip().endswith("iperf Done.") and result[-1] is None, out
        return out, result, report


@pytest.mark.timeout(300)
def test_both_sides(board, wire):
    board, address = board
    as_client(board, wire)
    as_server(board, address, wire)


def as_client(board, wire):
    measure = Client(board, wire)

    out, result, report = measure("seconds=1.5")
    assert report["end"]["sum_received"]["bytes"] == result[1] > 100_000
    assert report["start"]["test_start"]["protocol"] == "TCP"
    assert "Retr  Cwnd" in out and result[6] in (1, 2)
    near(*result[:2])

    out, result, report = measure("seconds=1, reverse=True, parallel=3")
    assert report["start"]["test_start"]["num_streams"] == 3
    assert report["end"]["sum_sent"]["bytes"] == result[0] > 100_000
    assert "Reverse mode" in out and out.count("[SUM]") >= 3
    near(*result[:2])

    _, result, report = measure("bytes=3_000_000, parallel=2")
    assert result[0] == 3_000_000
    near(report["end"]["sum_received"]["bytes"], 3_000_000)

    _, result, report = measure("seconds=1, udp=True, rate=4_000_000, parallel=2")
    assert report["start"]["test_start"]["protocol"] == "UDP"
    assert 200_000 < result[0] < 1_100_000 and result[4] > 100
    assert report["end"]["sum"]["lost_packets"] == result[5]

    out, result, report = measure("seconds=1, udp=True, reverse=True")
    assert 50_000 < result[1] < 200_000 and result[4] > 40
    assert "Jitter    Lost/Total Datagrams" in out

    _, result, report = measure("seconds=1, omit=1, rate=8_000_000")
    assert report["start"]["test_start"]["omit"] == 1
    assert result[1] < 1_700_000, "one second of two"


def as_server(board, address, wire):
    serial = board.console.serial
    mark = serial.mark()
    board.start("rs = net.iperf(server=True)")
    number = 0

    def ready():
        nonlocal mark, number
        number += 1
        mark = serial.expect(b"Server listening on %d (test #%d)\r\n" % (PORT, number), 40, mark)

    def measure(*args):
        ready()
        with Iperf(wire, "-c", address, *args) as client:
            return client.report()

    end = measure("-t", "1")["end"]
    near(end["sum_sent"]["bytes"], end["sum_received"]["bytes"])
    assert end["sum_received"]["bytes"] > 100_000

    end = measure("-t", "1", "-R", "-P", "3")["end"]
    assert len(end["streams"]) == 3 and end["sum_sent"]["retransmits"] >= 0
    near(end["sum_sent"]["bytes"], end["sum_received"]["bytes"])

    end = measure("-n", "2M")["end"]
    assert end["sum_sent"]["bytes"] >= 2 << 20

    end = measure("-u", "-t", "1", "-b", "4M", "-P", "2")["end"]
    assert end["sum"]["packets"] > 100 and end["sum"]["jitter_ms"] >= 0

    end = measure("-u", "-t", "1", "-R", "--udp-counters-64bit")["end"]
    assert end["sum"]["packets"] > 10 and end["sum"]["lost_packets"] <= end["sum"]["packets"]

    # What it does not do it says, and goes on
    ready()
    with Iperf(wire, "-c", address, "--bidir") as client:
        assert "error" in client.said()

    # Who comes while it measures is told so
    ready()
    with Iperf(wire, "-c", address, "-t", "3") as client:
        mark = serial.expect(b"[ ID] Interval", 40, mark)
        with Iperf(wire, "-c", address, "-t", "1") as second:
            assert "busy" in second.said()["error"]
        assert client.report()["end"]["sum_received"]["bytes"] > 100_000

    # Ctrl-C in a test: its client is told, and nothing is left
    ready()
    with Iperf(wire, "-c", address, "-t", "30") as client:
        mark = serial.expect(b"   0.00-1.", 40, mark)
        serial.write(b"\x03")
        assert "terminated" in client.said()["error"]
    out = board.finish(30)
    assert "^C" in out and "receiver" in out
    assert board.eval("[r.error for r in rs]") == [None] * 6 + ["interrupted"]
    left = "{row[3].rsplit(':')[-1] for row in net.netstat() if row[5] in ('LISTEN', '')}"
    assert str(PORT) not in board.exec(f"print({left})").splitlines()[-1]
