# Frostnet: parts of the pytest plugin that need no board
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket
import struct
import time

import pytest

from pytest_frostnet import captures, machine
from pytest_frostnet.errors import ConsoleTimeout, TransportError
from pytest_frostnet.machine import Machine
from pytest_frostnet.mount import Files
from pytest_frostnet.serial import SocketSerial


@pytest.fixture
def line():
    """(serial, board): our end and the board's."""
    ours, board = socket.socketpair()
    board.settimeout(5)
    serial = SocketSerial(ours)
    yield serial, board
    serial.close()
    ours.close()
    board.close()


def test_reading_ends_at_the_first_ending(line):
    serial, board = line
    board.sendall(b"one\x04two")
    assert serial.read_until(b"\x04", 5) == b"one\x04"
    # An ending may come in two pieces.
    board.sendall(b" CTRL-B to ex")
    assert serial.read_until(b"never", 0.1) == b"two CTRL-B to ex"
    board.sendall(b"12\r")
    assert serial.read(1) == b"1"
    board.sendall(b"\n>3")
    assert serial.read_until(b"\r\n>", 5) == b"2\r\n>"
    assert serial.read(1) == b"3" and serial.in_waiting == 0


def test_reading_stops_when_nothing_comes_or_it_takes_too_long(line):
    serial, board = line
    start = time.monotonic()
    assert serial.read_until(b"x", 0.1) == b""
    assert serial.read_until(b"x", None, 0.1) == b""
    board.sendall(b"abc")
    assert serial.read_until(b"x", 0.1, 20) == b"abc"
    assert 0.3 <= time.monotonic() - start < 15
    board.sendall(b"last")
    board.close()
    assert serial.read_until(b"x", None) == b"last" and serial.ended
    with pytest.raises(TransportError, match="the board is off"):
        for _ in range(2):
            serial.write(b"x")


def test_expecting_names_what_came_instead(line):
    serial, board = line
    board.sendall(b"hello")
    assert serial.expect(b"hello", 5) == 5
    with pytest.raises(ConsoleTimeout, match="b'bye' did not come in 0.1 s; console: 'hello'"):
        serial.expect(b"bye", 0.1)
    board.close()
    with pytest.raises(ConsoleTimeout, match="b'bye' did not come and QEMU ended"):
        serial.expect(b"bye", 5)


STAT, OPEN, CLOSE, READ = 1, 4, 5, 6  # of mpremote's protocol


def text(value):
    return struct.pack("<i", len(value)) + value


def test_requests_for_files_are_answered_however_they_come(line, tmp_path):
    serial, board = line
    (tmp_path / "file").write_bytes(b"contents")
    serial.files = Files(serial._sock, tmp_path)

    def ask(number, request):
        board.sendall(b"before\x18")
        time.sleep(0.01)
        board.sendall(bytes((number,)))
        assert board.recv(1) == b"\x18"
        for byte in request:
            board.sendall(bytes((byte,)))

    ask(OPEN, text(b"file") + text(b"rb"))
    assert board.recv(1) == b"\x00"
    ask(READ, struct.pack("<bi", 0, 100))
    assert board.recv(100) == text(b"contents")
    ask(STAT, text(b"none"))
    assert struct.unpack("<b", board.recv(1)) == (-2,)
    # Ctrl-X that is no request is the program's.
    board.sendall(b"x\x18\xffy\x04")
    assert serial.read_until(b"\x04", 5) == b"before" * 3 + b"x\x18\xffy\x04"
    # What the host cannot do ends the line, and is named.
    board.sendall(b"\x18" + bytes((READ,)) + struct.pack("<bi", 9, 1))
    with pytest.raises(ConsoleTimeout, match="the mounted folder failed: IndexError"):
        serial.expect(b"never", 5)


def test_what_is_made_of_options():
    assert Machine.of() == Machine() and hash(Machine.of(forward=[80])) is not None
    options = {"settings": {"dns": "10.0.2.3,10.0.2.4"}, "forward": [80, "udp:53"], "args": ["-S"]}
    args = Machine.of(nic="pci", **options).arguments("f.elf")
    assert args[:2] == ["-kernel", "f.elf"] and args[-1] == "-S"
    assert "name=opt/frostnet/dns,string=10.0.2.3,,10.0.2.4" in args
    assert "user,id=n0,hostfwd=tcp:127.0.0.1:0-:80,hostfwd=udp:127.0.0.1:0-:53" in args
    assert "virtio-net-pci,netdev=n0,id=net0" in args
    # Forwards lead to where the board is, which QEMU does not know.
    fixed = Machine.of(settings={"ip": "10.0.2.50/24"}, forward=[7])
    assert "user,id=n0,hostfwd=tcp:127.0.0.1:0-10.0.2.50:7" in fixed.arguments("f.elf")
    assert Machine.of(nic=None).arguments("f.elf")[2:] == ["-nic", "none"]
    off = Machine.of(settings={"ip": "off"})
    assert not off.has_address and not off.fixed_address
    assert machine.capture("a,b.pcap")[1].endswith("file=a,,b.pcap")


def test_disks(tmp_path):
    assert Machine.of(disk=True).image(tmp_path).stat().st_size == 16 << 20
    assert Machine.of(disk="1G").image(tmp_path).stat().st_size == 1 << 30
    image = tmp_path / "my,image"
    image.write_bytes(b"QFI\xfb")
    assert Machine.of(disk=image).image(tmp_path) == image
    assert f"file={tmp_path}/my,,image,format=qcow2" in machine.drive(image)[1]


@pytest.mark.parametrize("value", [0, 65536, "80:80", "sctp:5", "", None])
def test_forwards_that_are_none(value):
    with pytest.raises(ValueError, match="forward: .* is not PORT"):
        Machine.of(forward=[value])


def test_names_of_captures(tmp_path):
    test = captures.Captures(tmp_path / "new", "tests/a/test_b.py::TestC::test_d[x/y z]")
    assert [test.path().name for _ in range(2)] == [
        "tests-a-test_b.py-TestC-test_d_x_y_z_.pcap",
        "tests-a-test_b.py-TestC-test_d_x_y_z_-2.pcap",
    ]
    long = [captures.stem(f"test.py::test[{'x' * 300}{n}]") for n in range(2)]
    assert len(set(long)) == 2 and max(map(len, long)) < 220
