# Frostnet: net.nc at the prompt, against netcat, socat's kind and Python
# MIT license; Copyright (c) 2026 The Frostnet authors

import re
import socket
import subprocess
import threading
import time

import pytest

from hostlib import packages, pattern
from hostlib.console import CTRL_C, CTRL_D
from hostlib.peers import Sink, Source, TcpEcho, UdpEcho
from pytest_frostnet.board import PROMPT

BODY = pattern.data(200_000)


@pytest.fixture(scope="module")
def netcat():
    return packages.program("nc.openbsd")


class Typing:
    """A call at the friendly prompt, that is typed into."""

    def __init__(self, board, call):
        board.type("import net")
        self.serial = board.console.serial
        self.begin = self.mark = self.serial.mark()
        self.serial.write(call.encode() + b"\r")

    def see(self, text, timeout=20):
        self.mark = self.serial.expect(text, timeout, self.mark)

    def type(self, keys):
        self.serial.write(keys)

    def end(self, timeout=20):
        """The prompt is back; what was printed since the call, as text."""
        end = self.serial.expect(PROMPT, timeout, self.begin)
        return self.serial.data(self.begin, end).decode().replace("\r\n", "\n")


def test_talk_by_hand(board):
    with TcpEcho() as echo:
        call = Typing(board, f'net.nc("10.0.2.2", {echo.port})')
        call.see(b"talking to 10.0.2.2")
        call.type(b"hellp\x7fo\r")
        call.see(b"hellp\b \bo\r\n")
        call.see(b"hello\r\n")
        call.type(b"w\xc3\xb6rld\r")
        call.see("wörld\r\n".encode())
        call.see("wörld\r\n".encode())  # once as it is typed, once as it comes back
        call.type(CTRL_D)
        assert call.end().endswith("Count(sent=13, received=13)\n>>> ")


def test_ctrl_d_half_closes(board, netcat):
    # The host's netcat says its last word only when the board has said all
    with socket.create_server(("127.0.0.1", 0)) as listener:
        call = Typing(board, f'net.nc("10.0.2.2", {listener.getsockname()[1]})')
        conn, _ = listener.accept()
        with conn:
            conn.settimeout(30)
            call.see(b"Ctrl-C all\r\n")
            call.type(b"one\rtwo" + CTRL_D + CTRL_D)
            said = b""
            while data := conn.recv(1000):
                said += data
            assert said == b"one\ntwo"
            conn.sendall(b"and that was all\n")
        assert "and that was all\nCount(sent=7, received=17)" in call.end()


@pytest.mark.parametrize("options", ["", ", udp=True"])
def test_ctrl_c(board, options):
    # While it talks; the connection is given back
    with TcpEcho() as tcp, UdpEcho() as udp:
        port = udp.port if options else tcp.port
        call = Typing(board, f'net.nc("10.0.2.2", {port}{options})')
        call.see(b"Ctrl-C all\r\n")
        call.type(b"x\r")
        call.see(b"x\r\nx\r\n")
        call.type(CTRL_C)
        assert "^C\nCount(sent=2, received=2)" in call.end()
        assert not re.search(rf":{port}\s+ESTABLISHED", board.exec("net.netstat()"))


@pytest.mark.parametrize("call", ["listen=True", "listen=True, udp=True", "data=b'', listen=True"])
def test_ctrl_c_while_it_listens(board, call):
    typing = Typing(board, f"net.nc(port=9001, {call})")
    typing.see(b"listening on port 9001, Ctrl-C ends\r\n")
    typing.type(CTRL_C)
    out = typing.end()
    assert ("KeyboardInterrupt" if "data" in call else "Count(sent=0, received=0)") in out, out
    assert "9001" not in board.exec("net.netstat()")


def test_listen_to_netcat(board, netcat):
    port = board.forward("tcp", 9002)
    call = Typing(board, "net.nc(port=9002, listen=True)")
    call.see(b"listening on port 9002")
    with subprocess.Popen(
        [netcat, "-N", "127.0.0.1", str(port)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as there:  # fmt: skip
        call.see(b"connection from 10.0.2.2")
        call.type(b"from the board\r")
        assert there.stdout.readline() == "from the board\n"
        there.stdin.write("from netcat\n")
        there.stdin.close()
        call.see(b"from netcat\r\n")
        assert "Count(sent=15, received=12)" in call.end()
        assert there.stdout.read() == ""


def test_talk_to_netcat(board, netcat):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    there = subprocess.Popen(
        [netcat, "-l", "-N", "127.0.0.1", str(port)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with there:
        there.stdin.write(b"hello board\n")
        there.stdin.close()
        code = f"print(net.nc('10.0.2.2', {port}, b'hello netcat'))"
        for _ in range(50):  # until it listens
            out = board.exec(
                f"import net\ntry: {code}\nexcept net.NetError as e: print(e.errno)"
            ).strip()
            if out != "111":
                break
            time.sleep(0.1)
        assert out == repr(b"hello board\n")
        assert there.stdout.read() == b"hello netcat"


def test_programs_send_and_receive(board):
    with TcpEcho() as echo, UdpEcho() as udp, Source(len(BODY)) as source, Sink() as sink:
        board.exec("import net")
        where = f"'10.0.2.2', {echo.port}"
        assert board.eval(f"net.nc({where}, b'hello')") == b"hello"
        assert board.eval(f"net.nc({where}, bytes(100000)) == bytes(100000)", 60)
        assert board.eval(f"net.nc('10.0.2.2', {udp.port}, b'hello', udp=True)") == b"hello"
        # From a file, and into one
        count = board.eval(f"tuple(net.nc('10.0.2.2', {source.port}, b'12345678', '/in'))", 60)
        assert count == (8, len(BODY))
        assert board.exec("file_hash('/in')").split() == [
            str(len(BODY)),
            pattern.sha256(len(BODY)),
        ]
        board.exec(f"net.nc('10.0.2.2', {sink.port}, open('/in', 'rb'))", 60)
        assert sink.done.acquire(timeout=30)
        assert sink.results[0][1:] == (len(BODY), pattern.sha256(len(BODY)))
        board.exec("import os; os.remove('/in')")


def test_a_program_listens(board):
    port = board.forward("tcp", 9003)
    got = []

    def call():
        with socket.create_connection(("127.0.0.1", port), 30) as s:
            s.settimeout(30)
            s.sendall(BODY)
            s.shutdown(socket.SHUT_WR)
            while data := s.recv(1000):
                got.append(data)

    mark = board.console.serial.mark()
    board.start("import net, hashlib\nd = net.nc(port=9003, listen=True, data=b'thanks')\n"
                "print(len(d), hashlib.sha256(d).digest().hex())")  # fmt: skip
    board.console.serial.expect(b"listening on port 9003", 10, mark)
    thread = threading.Thread(target=call)
    thread.start()
    out = board.finish(60).splitlines()
    thread.join(30)
    assert out[-1] == f"{len(BODY)} {pattern.sha256(len(BODY))}" and b"".join(got) == b"thanks"


def test_scan(board):
    with TcpEcho() as one, TcpEcho() as two:
        ports = sorted((one.port, two.port))
        out = board.type("import net") or board.type(
            f'net.nc("10.0.2.2", ({ports[0]}, 1), scan=True)'
        )
        assert out.splitlines() == [
            f"Connection to 10.0.2.2 {ports[0]} port [tcp/*] succeeded!",
            "connect to 10.0.2.2 port 1 (tcp) failed: Connection refused",
            "<1 open>",
        ]
        assert board.eval(f"list(net.nc('10.0.2.2', {ports}, scan=True, quiet=True))") == ports
