# Frostnet: a bad network on purpose, and packet hooks, against real peers
# MIT license; Copyright (c) 2026 The Frostnet authors

import re
import socket
import time

import pytest
from test_offload import ADDRESS, board_on, receive, send

from hostlib import ROOT, pattern
from hostlib.lan import TAP, ping

SIZE = 300_000
OTHER = "192.168.77.2"


def example(name):
    """The program in docs/hooks.md that defines `name`, as it stands there."""
    text = (ROOT / "docs" / "hooks.md").read_text()
    (found,) = [p for p in re.findall(r"```python\n(.*?)```", text, re.S) if f"def {name}(" in p]
    return found


def test_ping_takes_the_delay(board):
    board.exec("import net; net.eth0.impair(delay_ms=50)")
    try:
        assert "impaired in and out: delay 50 ms" in board.exec("net.ifconfig()")
        r = board.eval("[net.ping('10.0.2.2', count=5, interval=0.1, quiet=True)].pop().rtts")
        assert len(r) == 5 and min(r) >= 100, r
    finally:
        board.exec("net.eth0.impair(None)")
    assert board.eval("repr(net.eth0)").startswith("<ETH 3 10.0.2.15>")
    assert board.eval("bool(net.ping('10.0.2.2', count=3, interval=0.1, quiet=True))")


@pytest.mark.lossy
@pytest.mark.timeout(120)
def test_wget_gets_through_losses(board, http):
    url = http.url("/size/%d" % SIZE)
    board.exec("import net; net.eth0.impair(loss=0.03, delay_ms=5, reorder=0.02, duplicate=0.02)")
    try:
        board.exec(f"net.wget('{url}', '/body', timeout=60, quiet=True)", 100)
        lost = board.eval("[w['lost'] for w in net.eth0.impair().counters.values()]")
    finally:
        board.exec("net.eth0.impair(None)")
    got, digest = board.exec("file_hash('/body')").split()
    assert (int(got), digest) == (SIZE, pattern.sha256(SIZE))
    assert sum(lost) > 0, lost


class Visitor:
    """One of the host's addresses, which wants to come in at port 2222 of the board."""

    def __init__(self, wire, address):
        self._wire = wire
        self._source = (address, 0)

    def enters(self, timeout):
        with self._wire.inside():
            try:
                s = socket.create_connection((ADDRESS, 2222), timeout, self._source)
            except TimeoutError:
                return False
        s.close()
        return True

    def knock(self, *ports):
        with self._wire.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(self._source)
            for port in ports:
                s.sendto(b"", (ADDRESS, port))
                time.sleep(0.1)


@pytest.mark.timeout(180)
def test_on_a_card_with_offloads(wire):
    """The kernel leaves checksums undone and segments joined: a frame is one of the wire here, and
    damage is found. Then the hooks of the docs."""
    wire.ip("addr", "add", OTHER + "/24", "dev", TAP)
    with board_on(wire) as board:
        board.exec("import net")
        bad = "loss=0.01, delay_ms=3, corrupt=0.02, reorder=0.01"
        board.exec(f"net.eth0.impair({bad})")
        receive(wire, board, SIZE)
        send(wire, board, SIZE)
        counts = board.eval("net.eth0.impair().counters")
        assert counts["in"]["corrupted"] and counts["out"]["corrupted"], counts
        assert board.eval(
            "_stack.counters.tcp_drop_checksum + _stack.counters.ip_drop_checksum > 0"
        )
        board.exec("net.eth0.impair(None)")
        assert receive(wire, board) < 700  # large segments again: 1.5 MB are 1027 of 1460 bytes

        knocking(wire, board)
        another_address(wire, board)
        assert board.eval("repr(_stack.last_bug)") == "None"


def knocking(wire, board):
    text = example("firewall")
    board.exec(f"with open('/knock.py', 'w') as f: f.write({text!r})")
    board.exec("s = socket.socket(); s.bind(('', 2222)); s.listen(4)")
    friend, foe = Visitor(wire, wire.host), Visitor(wire, OTHER)
    assert friend.enters(10)
    board.exec("import knock")
    assert not friend.enters(2)
    friend.knock(7001, 9003, 8002)
    assert not friend.enters(2)
    for _ in range(3):  # who sends knocks by UDP may have to send them again
        friend.knock(7001, 8002, 9003)
        if friend.enters(5):
            break
    else:
        pytest.fail("closed: " + board.eval("repr(knock.friends)"))
    assert not foe.enters(2)
    assert "firewall (in)" in board.exec("net.ifconfig('eth0')")
    assert board.eval("_stack.counters.hook_drop") >= 6
    board.exec("s.close()")
    assert ping(wire, ADDRESS)


def another_address(wire, board):
    assert not ping(wire, "192.168.77.99", 1)
    board.exec(example("also_here"))
    assert ping(wire, "192.168.77.99")
    assert ping(wire, ADDRESS)
    assert not board.eval("_stack.counters.hook_drop_error")
