# Frostnet: what net.tcpdump writes is what tshark reads
# MIT license; Copyright (c) 2026 The Frostnet authors

import shutil
import subprocess

import pytest

from common import BUILD, ROOT

UNIX = BUILD / "unix" / "micropython"

pytestmark = [
    pytest.mark.skipif(not UNIX.exists(), reason="needs build/unix/micropython"),
    pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is missing"),
]

# A ping and a datagram to a port where nobody listens, seen by the board that they come to.
CAPTURE = """
import sys
sys.path.append({wire!r})
import net
from net_bench import Bench

with Bench() as b:
    b.sim.run(10000000)
    when = b.sim.now + 500000
    def program():
        dst = b.board.iface.addr
        while b.sim.now < when:
            yield when
        b.peer.stack.icmp.pings.open().send(dst, 7, bytes(56), b.sim.now)
        b.peer.stack.udp.open().send(b"x" * 333, dst, 4321)
        b.peer.touch()

    b.sim.go(program())
    b.sim.run(1)
    net.tcpdump("not arp", file={path!r}, seconds=2)
"""


def test_tshark_reads_a_capture(tmp_path):
    path = tmp_path / "a.pcapng"
    code = CAPTURE.format(wire=str(ROOT / "tests" / "wire"), path=str(path))
    done = subprocess.run(
        [UNIX, "-X", "heapsize=16m", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert not done.returncode, done.stderr
    assert "4 frames captured, 6 seen, 0 dropped by the capture" in done.stdout
    fields = "frame.interface_name frame.packet_flags frame.len ip.src ip.dst _ws.col.Protocol"
    command = ["tshark", "-n", "-r", path, "-o", "ip.check_checksum:TRUE", "-T", "fields"]
    command += ["-E", "occurrence=f"]  # an ICMP error has what it is about, too
    for field in fields.split():
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert not done.returncode, done.stderr
    assert "cut short" not in done.stderr and "appears" not in done.stderr
    rows = sorted(row.split("\t") for row in done.stdout.splitlines())
    there, back = ["10.0.0.9", "10.0.0.2"], ["10.0.0.2", "10.0.0.9"]
    assert rows == sorted(
        [
            ["eth0", "0x00000005", "98", *there, "ICMP"],
            ["eth0", "0x00000006", "98", *back, "ICMP"],
            ["eth0", "0x00000005", "375", *there, "UDP"],
            ["eth0", "0x00000006", str(14 + 20 + 8 + 361), *back, "ICMP"],
        ]
    )
