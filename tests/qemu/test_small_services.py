# Frostnet: echo, discard, daytime, chargen, and messages to a syslog server
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import re
import socket
import time

import pytest

from hostlib import pattern
from hostlib.console import ExecError

HOST = "127.0.0.1"
# RFC 5424 §6: PRI, VERSION, TIMESTAMP, HOSTNAME, APP-NAME, PROCID, MSGID, STRUCTURED-DATA, MSG.
SYSLOG = re.compile(
    rb"<(\d{1,3})>1 (\d{4})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z ([!-~]+) ([!-~]+) - - - (.*)", re.S
)


@pytest.fixture
def inetd(board):
    board.exec("import net; inetd = net.inetd()")
    yield board
    failed = board.eval("[s.counters['failed'] for s in inetd.services.values()]")
    board.exec("inetd.stop()")
    assert failed == [0] * 8
    with pytest.raises(ExecError, match="no service x"):
        board.exec("net.inetd('x')")


def read_to_end(s):
    data = b""
    while piece := s.recv(65536):
        data += piece
    return data


def test_by_tcp(inetd):
    data = pattern.data(200_000)
    with socket.create_connection((HOST, inetd.forward("tcp", 7)), 20) as s:
        for at in range(0, len(data), 10_000):
            s.sendall(data[at : at + 10_000])
            got = b""
            while len(got) < min(10_000, len(data) - at):
                got += s.recv(65536)
            assert got == data[at : at + 10_000]
    with socket.create_connection((HOST, inetd.forward("tcp", 9)), 20) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        assert read_to_end(s) == b""
    assert inetd.eval("inetd.services['discard'].counters['received']") == len(data)
    with socket.create_connection((HOST, inetd.forward("tcp", 13)), 20) as s:
        text = read_to_end(s).decode()
    when = time.strptime(text, "%A, %B %d, %Y %H:%M:%S-UTC\r\n")
    assert abs(time.mktime(when) - time.mktime(time.gmtime())) < 100
    with socket.create_connection((HOST, inetd.forward("tcp", 19)), 20) as s:
        got = b""
        while len(got) < 50_000:
            got += s.recv(65536)
    assert got.split(b"\r\n")[95] == got.split(b"\r\n")[0] == bytes(range(32, 104))


def ask(port, data):
    """The answer to a datagram; it may be lost."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        for _ in range(4):
            s.sendto(data, (HOST, port))
            with contextlib.suppress(TimeoutError):
                return s.recv(65536)
    raise AssertionError("no answer")


def test_by_udp(inetd):
    echo, chargen = inetd.forward("udp", 7), inetd.forward("udp", 19)
    for n in (1, 1400, 5000):
        assert ask(echo, pattern.data(n)) == pattern.data(n)
    assert ask(chargen, bytes(1000)) == ask(chargen, bytes(512)) and len(ask(chargen, b"x")) == 1
    assert ask(inetd.forward("udp", 13), b"").endswith(b"-UTC\r\n")


def lines(s, count):
    """(priority, year, host, app, text) of messages that come as datagrams."""
    s.settimeout(20)
    return [SYSLOG.fullmatch(s.recv(65536)).groups() for _ in range(count)]


def test_syslog_by_udp(board):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((HOST, 0))
        board.exec(f"import net; log = net.syslog('10.0.2.2', {s.getsockname()[1]})")
        board.exec("log.warning('temperature %d', 77); log.info('caf\\xe9')")
        got = lines(s, 2)
        assert got[0][0] == b"12" and got[0][2:] == (b"frostnet", b"frostnet", b"temperature 77")
        assert abs(int(got[0][1]) - time.gmtime().tm_year) <= 1
        assert got[1][4] == b"\xef\xbb\xbfcaf\xc3\xa9"
        board.exec("log.stop()")
        # A copy of what the console prints; the second one is refused.
        port = s.getsockname()[1]
        board.exec(f"log = net.syslog('10.0.2.2', {port}, app='pump', console=True)")
        board.exec("print('first'); print('second', 2)")
        text = b""
        while b"second 2" not in text:
            text += b"\n".join(line[4] for line in lines(s, 1)) + b"\n"
        assert b"first\nsecond 2" in text.replace(b"OK", b"")
        board.exec("log.stop(); log = net.syslog('10.0.2.2', 9); print('unheard'); log.stop()")


def test_syslog_by_tcp(board):
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(20)
        board.exec(
            f"import net; log = net.syslog('10.0.2.2', {listener.getsockname()[1]}, tcp=True)\n"
            "for k in range(50): log.error('number %d', k)\n"
        )
        s, _ = listener.accept()
        with s, s.makefile("rb") as stream:
            s.settimeout(20)
            board.exec("log.stop()")
            data = stream.read()
    for k in range(50):
        size, _, data = data.partition(b" ")
        match = SYSLOG.fullmatch(data[: int(size)])
        assert match[1] == b"11" and match[5] == b"number %d" % k
        data = data[int(size) :]
    assert data == b"" and board.eval("log.counters['dropped']") == 0
