# Frostnet: an example, the thermometer's tests
# MIT license; Copyright (c) 2026 The Frostnet authors

import json
import socket
from pathlib import Path

import pytest
from pytest_frostnet.errors import ExecError

PROJECT = Path(__file__).resolve().parent.parent
MAKE = "from sensor import Sensor\nsensor = Sensor('attic', lambda: 21.5)\n"
ASK = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(10)
s.sendto("?", socket.getaddrinfo("board1.local", 5005)[0][-1])
"""
MEASURED = {"name": "attic", "celsius": 21.5}


@pytest.fixture
def sensor(board):
    """A board on which `sensor` is one."""
    board.put(PROJECT / "sensor.py")
    board.exec(MAKE)
    return board


def ask(port, timeout=10):
    """What the sensor behind a forwarded port answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(timeout)
        s.sendto(b"?", ("127.0.0.1", port))
        return json.loads(s.recv(1000))


def test_measures(sensor):
    assert json.loads(sensor.eval("sensor.measurement()")) == MEASURED


def test_posts(sensor, collector):
    sensor.exec(f"sensor.post('10.0.2.2', {collector.port})")
    assert collector.received == [("/measurements", MEASURED)]


def test_says_so_when_the_collector_is_not_pleased(sensor, collector):
    collector.status = 503
    with pytest.raises(ExecError, match="OSError: the collector answered HTTP/1.0 503"):
        sensor.exec(f"sensor.post('10.0.2.2', {collector.port})")


def test_answers(sensor):
    port = sensor.forward(5005, "udp")
    with sensor.running("sensor.serve()", until="ready"):
        assert ask(port) == ask(port) == MEASURED


def test_two_boards(board_pair):
    one, other = board_pair
    for board in board_pair:
        board.mount(PROJECT)
    with one.running(MAKE + "sensor.serve()", until="ready"):
        other.exec("import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)")
        other.exec(
            "s.settimeout(10); s.sendto('?', socket.getaddrinfo('board1.local', 5005)[0][-1])"
        )
        data, sender = other.eval("s.recvfrom(1000)")
    assert (json.loads(data), sender) == (MEASURED, (one.address, 5005))


@pytest.mark.frostnet(disk=True, memory="64M")
class TestProgram:
    """main.py, as it runs when the board is switched on."""

    def test_posts_and_ends_well(self, board, collector):
        board.put(PROJECT / "sensor.py")
        config = {"name": "attic", "host": "10.0.2.2", "port": collector.port}
        board.write("/config.json", json.dumps(config))
        assert board.run_main(PROJECT / "main.py") == (0, "posted\n")
        assert collector.received == [("/measurements", MEASURED)]

    def test_wants_to_know_whom_to_tell(self, board):
        board.put(PROJECT / "sensor.py")
        status, output = board.run_main(PROJECT / "main.py")
        assert status == 1
        assert output == "there is no /config.json: it names the collector's host and port\n"
