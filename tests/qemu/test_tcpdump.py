# Frostnet: net.tcpdump and net.watch on the board: lines, files, and streams that tshark reads
# MIT license; Copyright (c) 2026 The Frostnet authors

import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from hostlib import capture
from hostlib.board import ROOT, Board
from hostlib.remote import Remote

pytestmark = [
    pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is missing"),
    pytest.mark.timeout(120),
]

TOOL = [sys.executable, ROOT / "tools" / "capture.py"]
PORT = 4321  # where nobody on the board listens
SIZE = 77  # bytes of each datagram there


class Datagrams:
    """While the block runs the host sends datagrams to a port of the board, a few each second;
    the board answers each that it may with "port unreachable"."""

    def __init__(self, board):
        self._to = "127.0.0.1", board.forward("udp", PORT)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            while not self._over.wait(0.2):
                s.sendto(bytes(SIZE), self._to)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._over.set()
        self._thread.join()


def test_lines_through_a_filter(board):
    with Datagrams(board):
        text = board.exec(f"import net; print(net.tcpdump('udp port {PORT}', count=3))", 60)
    lines = text.splitlines()
    assert lines[0] == "listening on eth0, Ctrl-C ends" and lines[-1] == "3"
    for line in lines[1:4]:
        assert re.fullmatch(
            rf"\d\d:\d\d:\d\d\.\d{{6}} IP 10\.0\.2\.2\.\d+ > 10\.0\.2\.15\.{PORT}: "
            rf"UDP, length {SIZE}",
            line,
        ), text
    assert re.fullmatch(r"3 frames captured, \d+ seen, 0 dropped by the capture", lines[4])


def test_ctrl_c_ends_it_and_the_tap_is_gone(board):
    with Datagrams(board):
        mark = board.console.serial.mark()
        board.start("import net; print('returned', net.tcpdump('udp or icmp'))")
        board.console.serial.expect(b"length %d\r\n" % SIZE, 60, mark)
        board.console.serial.write(b"\x03")
        text = board.finish(30)
    captured = int(re.search(r"(\d+) frames captured", text)[1])
    assert "^C" in text and "returned %d" % captured in text and captured >= 1
    board.exec("from frostnet import runtime; stack = runtime.current().stack")
    assert board.eval("hasattr(stack.ifaces[0].dev, 'taps')") is False


def frames(pcap, display_filter):
    return capture.query(pcap, display_filter, ["frame.time_epoch", "udp.length"])


def look_at(pcap):
    """What the board wrote is whole and sound, and has the datagrams both ways."""
    capture.check(pcap, lossless=False)
    sent = frames(pcap, f"udp.dstport == {PORT} and not icmp")
    assert sent and all(row.split()[1] == str(SIZE + 8) for row in sent), sent
    assert capture.count(pcap, f"icmp.type == 3 and icmp.code == 3 and udp.dstport == {PORT}")
    times = [float(row.split()[0]) for row in sent]
    assert times == sorted(times)


class Capturing:
    """tools/capture.py, which has connected the board that `begin(line)` told to."""

    def __init__(self, begin, *args, **kw):
        self.process = subprocess.Popen([*TOOL, *args], stderr=subprocess.PIPE, text=True, **kw)
        self._until("type this")
        begin(self.process.stderr.readline().strip())
        self._until("has connected")

    def _until(self, text):
        said = ""
        for line in self.process.stderr:
            said += line
            if text in line:
                return
        raise AssertionError("the tool ended: " + said)

    def end(self, timeout=60):
        self.process.send_signal(signal.SIGINT)
        err = self.process.communicate(timeout=timeout)[1]
        assert self.process.returncode == 0, err
        return err

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def wait_for_end(board):
    deadline = time.monotonic() + 30
    while board.eval("capture.running"):
        assert time.monotonic() < deadline, "the capture goes on"


def test_a_stream_that_the_tool_ends_while_the_prompt_is_free(board, tmp_path):
    pcap = tmp_path / "stream.pcapng"
    with Datagrams(board), Capturing(board.exec, "-o", pcap, "--filter", "not arp") as tool:
        board.exec("net.ping('10.0.2.2', count=3, interval=0.05)")
        deadline = time.monotonic() + 60
        while pcap.stat().st_size < 2000:  # it comes while the capture goes on
            assert time.monotonic() < deadline, "no frames"
            time.sleep(0.1)
        assert "bytes of capture" in tool.end()
        wait_for_end(board)
    look_at(pcap)
    assert capture.count(pcap, "arp") == 0
    assert capture.count(pcap, "icmp.type == 8") == capture.count(pcap, "icmp.type == 0") == 3
    assert capture.count(pcap, "tcp") == 0, "its own connection is not in it"
    assert board.eval("(capture.captured, capture.dropped)") == (capture.count(pcap), 0)


def test_a_stream_that_the_board_ends_read_by_tshark_as_it_comes(board):
    """As in: tools/capture.py | tshark -r -"""
    tshark = subprocess.Popen(
        ["tshark", "-n", "-r", "-", "-T", "fields", "-e", "udp.length"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    args = ["--filter", f"dst port {PORT}", "--count", "4"]
    try:
        with Datagrams(board), Capturing(board.exec, *args, stdout=tshark.stdin) as tool:
            tshark.stdin.close()
            assert tool.process.wait(60) == 0
            wait_for_end(board)
        out = tshark.stdout.read()
        assert tshark.wait(60) == 0 and out.split() == [str(SIZE + 8)] * 4, out
    finally:
        tshark.kill()
        tshark.wait()


def test_net_watch_beside_the_prompt(board, http):
    """Lines come while the program goes on, and end with the connection."""
    board.exec("import net, socket; s = socket.socket(); w = net.watch('10.0.2.2:%d')" % http.port)
    text = board.exec(
        f"import time; s.connect(('10.0.2.2', {http.port}))\n"
        "s.send(b'GET /size/30000 HTTP/1.0\\r\\n\\r\\n')\n"
        "while s.recv(4096): pass\n"
        "s.close()\n"
        "deadline = time.ticks_add(time.ticks_ms(), 10000)\n"
        "while w.connections and time.ticks_diff(deadline, time.ticks_ms()) > 0:\n"
        "    time.sleep_ms(20)\n",
        60,
    )
    for words in (" SYN_SENT\n", " SYN_SENT -> ESTABLISHED\n", " rtt ", " send window ", " ended"):
        assert words in text.replace("\r", ""), text
    assert re.search(r" -> (TIME_WAIT|CLOSED)\r?\n", text), text
    assert board.eval("(w.dropped, w.running, len(w.log) > 4)") == (0, True, True)
    board.exec("w.stop()")
    board.exec("from frostnet import runtime; stack = runtime.current().stack")
    assert board.eval("stack.tcp.watching is None and stack.last_bug is None")


@pytest.fixture(scope="module")
def pty_board():
    with Board(serial="pty") as board:
        time.sleep(1)  # without a reader what the board prints is lost
        yield board


def test_a_file_that_mpremote_copies(pty_board, tmp_path):
    remote = Remote(pty_board.pty)
    with Datagrams(pty_board):
        remote("exec", "import net; net.up()", timeout=90)
        line = "import net; net.tcpdump('not arp', file='/a.pcapng', count=6)"
        text = remote("resume", "exec", line, timeout=90)
        assert "writing to /a.pcapng" in text and "6 frames captured" in text
        remote("resume", "fs", "cp", ":/a.pcapng", tmp_path, timeout=90)
    look_at(tmp_path / "a.pcapng")
    assert capture.count(tmp_path / "a.pcapng") == 6


def test_the_tool_types_it_itself(pty_board, tmp_path):
    """--board: nobody has to type, nothing is reset, and the prompt is free again."""
    remote = Remote(pty_board.pty)
    remote("resume", "exec", "import net; net.up(); left = 7", timeout=90)
    pcap = tmp_path / "typed.pcapng"
    command = [*TOOL, "-o", pcap, "--board", pty_board.pty, "--filter", "udp or icmp"]
    with Datagrams(pty_board):
        done = subprocess.run(
            [*command, "--count", "6"], capture_output=True, text=True, timeout=100
        )
    assert done.returncode == 0 and "bytes of capture" in done.stderr, done.stderr
    look_at(pcap)
    assert capture.count(pcap) == 6
    assert remote("resume", "eval", "left + capture.captured", timeout=90) == "13\n"
