# Frostnet: Ctrl-C ends every command that waits, and what it used is given back
# MIT license; Copyright (c) 2026 The Frostnet authors

import re
import time

import pytest

from hostlib.console import CTRL_C
from hostlib.peers import Silent

# Who never answers, on the board itself: DNS, NTP, TFTP and the first ports of traceroute. Each
# waits for long enough that Ctrl-C comes first even on a slow machine.
SILENT = """
import net, socket
kept = []
for port in (53, 123, 69, 33434, 33435, 33436):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", port))
    kept.append(s)
"""

# What is typed, what is printed once it waits (None: nothing), and what is printed at the end:
# commands that have something to say so far say it; the others raise KeyboardInterrupt.
WAITING = {
    "ping": ('net.ping("10.0.2.2", count=0)', rb"icmp_seq=1 ", r"\^C\n.*\d+ packets transmitted"),
    "flood": (
        'net.ping("10.0.2.2", count=0, flood=True)',
        rb"PING",
        r"\^C\n.*packets transmitted",
    ),
    "nobody": ('net.ping("10.0.2.77", count=0)', rb"PING", r"\^C\n.*100% packet loss"),
    "traceroute": ('net.traceroute("127.0.0.1", wait=60)', rb"60 byte packets", r"\^C\n<0 hops"),
    "wget": ("net.wget(%r, '/x')", None, "KeyboardInterrupt"),
    "wget to bytes": ("net.wget(%r)", None, "KeyboardInterrupt"),
    "tftp": ('net.tftp("127.0.0.1", "x", "/x")', None, "KeyboardInterrupt"),
    "nslookup": ('net.nslookup("a.example", server="127.0.0.1")', None, "KeyboardInterrupt"),
    "ntp": ('net.ntp("127.0.0.1", timeout=60)', None, "KeyboardInterrupt"),
    "tcpdump": ("net.tcpdump()", rb"Ctrl-C ends", r"\^C\n\d+ frames captured"),
    "capture": ("net.tcpdump(file='/x')", rb"Ctrl-C ends", r"\^C\n\d+ frames captured"),
}


def state(board):
    """What a command may use and must give back: UDP ports, files."""
    code = "from frostnet import runtime; import os; s = runtime.current().stack\n"
    return board.exec(code + "print(len(s.udp.endpoints()), sorted(os.listdir('/')))").strip()


@pytest.mark.parametrize("name", WAITING)
def test_ctrl_c(board, name):
    call, begun, said = WAITING[name]
    board.exec(SILENT)
    before = state(board)
    board.type("import net")
    with Silent() as silent:
        serial = board.console.serial
        mark = serial.mark()
        if "%r" in call:
            call %= "http://10.0.2.2:%d/" % silent.port
        serial.write(call.encode() + b"\r")
        if begun:
            serial.expect(begun, 30, mark)
        else:
            time.sleep(1.5)
        serial.write(CTRL_C)
        end = serial.expect(b"\r\n>>> ", 30, mark)
        out = serial.data(mark, end).decode().replace("\r\n", "\n")
        assert re.search(said, out, re.S), out
        assert "Traceback" not in out or "KeyboardInterrupt" in out, out
        connections = board.exec("net.netstat()")
    # The server, which does not close, may leave it half-closed (RFC 9293 section 3.6)
    assert not re.search(rf":{silent.port}\s+ESTABLISHED", connections), connections
    if name == "capture":
        board.exec("import os; os.remove('/x')")
    assert state(board) == before
    board.exec("for s in kept: s.close()")
    assert "1 received" in board.exec("net.ping('10.0.2.2', count=1)")


def test_ctrl_c_while_waiting_for_an_address(board):
    board.exec("import net; net.ifconfig('eth0', up=False)")
    board.type("import net")
    serial = board.console.serial
    mark = serial.mark()
    serial.write(b"net.up(60)\r")
    time.sleep(1)
    serial.write(CTRL_C)
    serial.expect(b"KeyboardInterrupt", 30, mark)
    board.console.friendly()
    assert "10.0.2.15" in board.exec("net.ifconfig('eth0', up=True); print(net.up(20))", 30)
