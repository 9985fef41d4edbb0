# Frostnet: the harness itself sees what it is there to see
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

import pytest

from hostlib import capture, pattern, peers
from hostlib.console import ConsoleTimeout, ExecError
from hostlib.pinger import checksum

pytestmark = pytest.mark.skipif(not capture.available(), reason="tshark is missing")


def ipv4(proto, payload, src=b"\x0a\x00\x02\x0f", dst=b"\x0a\x00\x02\x02"):
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 64, proto, 0) + src + dst
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return b"\x52\x55\x0a\x00\x02\x02\x52\x54\x00\x12\x34\x56\x08\x00" + head + payload


def transport(proto, head, data=b"", offset=16, src=b"\x0a\x00\x02\x0f", dst=b"\x0a\x00\x02\x02"):
    pseudo = src + dst + struct.pack("!BBH", 0, proto, len(head) + len(data))
    value = struct.pack("!H", checksum(pseudo + head + data))
    return ipv4(proto, head[:offset] + value + head[offset + 2 :] + data)


def tcp(seq, data):
    return transport(6, struct.pack("!HHIIBBHHH", 4000, 80, seq, 1, 0x50, 0x18, 8192, 0, 0), data)


def udp(data):
    return transport(17, struct.pack("!HHHH", 45000, 45001, 8 + len(data), 0), data, offset=6)


def pcap(path, *frames):
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for i, frame in enumerate(frames):
        out += struct.pack("<IIII", i, 0, len(frame), len(frame)) + frame
    path.write_bytes(out)
    return path


def flip(frame, at):
    return frame[:at] + bytes([frame[at] ^ 1]) + frame[at + 1 :]


def test_a_good_capture_passes(tmp_path):
    capture.check(pcap(tmp_path / "good", tcp(1, b"data"), tcp(5, b"more"), udp(b"x")))


@pytest.mark.parametrize(
    "frames",
    [
        [flip(udp(b"payload"), -1)],
        [flip(tcp(1, b"payload"), -1)],
        [flip(udp(b"payload"), 14 + 8)],
        [udp(b"payload")[: 14 + 20 + 4]],
        [tcp(1, b"data"), tcp(5, b"more"), tcp(1, b"data")],
        [tcp(1, b"data"), tcp(9, b"more")],
    ],
    ids=["udp-checksum", "tcp-checksum", "ip-checksum", "cut-short", "sent-twice", "gap"],
)
def test_a_fault_is_found(tmp_path, frames):
    with pytest.raises(AssertionError, match="tshark finds"):
        capture.check(pcap(tmp_path / "bad", *frames))


def test_a_lossy_link_may_send_twice(tmp_path):
    path = pcap(tmp_path / "lossy", tcp(1, b"data"), tcp(1, b"data"))
    capture.check(path, lossless=False)


def test_a_wrong_upload_is_noticed(board):
    with peers.Sink() as sink:
        board.exec(f"BLOCK = bytes(16381); send({sink.port}, 20000)")
        assert sink.done.acquire(timeout=10)
    assert sink.results[0][1] == 20000
    assert sink.results[0][2] != pattern.sha256(20000)


def test_errors_and_timeouts_of_the_board_are_raised(board):
    with pytest.raises(ExecError, match="ZeroDivisionError"):
        board.exec("1 / 0")
    with pytest.raises(ConsoleTimeout):
        board.console.serial.expect(b"never printed", 0.2, board.console.serial.mark())
