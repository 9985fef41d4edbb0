# Frostnet: what a user types: ping, wget, ifconfig and the others
# MIT license; Copyright (c) 2026 The Frostnet authors

import re

import pytest

from hostlib import capture, pattern
from hostlib.console import ExecError

MEGABYTES_10 = 10_000_000


def test_ping_prints_what_unix_prints(board):
    text = board.type("import net") or board.type('net.ping("10.0.2.2")')
    lines = text.splitlines()
    assert lines[0] == "PING 10.0.2.2 (10.0.2.2): 56 data bytes"
    for i in range(4):
        assert re.fullmatch(
            rf"64 bytes from 10\.0\.2\.2: icmp_seq={i} ttl=255 time=\d+\.\d+ ms", lines[1 + i]
        ), text
    assert "4 packets transmitted, 4 received, 0% packet loss" in lines
    assert re.search(r"^rtt min/avg/max/mdev = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms$", text, re.M), text


def test_ping_on_the_wire(board, captured):
    board.exec("import net; net.ping('10.0.2.2', count=3, interval=0.05)")
    pcap = captured.until_now(board)
    assert capture.count(pcap, "icmp.type == 8 and frame.len == 98") == 3
    assert capture.count(pcap, "icmp.type == 0") == 3


def test_ping_to_nobody_fails_in_time(board):
    # No such neighbour: ARP gets no answer.
    text = ""
    try:
        text = board.exec("import net; net.ping('10.0.2.77', count=1, timeout=1)", 20)
    except ExecError as e:
        assert "EHOSTUNREACH" in str(e) or "113" in str(e), e
    else:
        assert "100% packet loss" in text, text


def test_wget_to_a_file(board, http):
    text = board.type("import net") or board.type(
        'net.wget("%s", "/big.bin")' % http.url("/size/%d" % MEGABYTES_10), 30
    )
    assert "Traceback" not in text, text
    assert "%" in text or "B/s" in text, "no progress: " + text
    size, digest = board.exec("file_hash('/big.bin')").split()
    board.exec("import os; os.remove('/big.bin')")
    assert (int(size), digest) == (MEGABYTES_10, pattern.sha256(MEGABYTES_10))


@pytest.mark.parametrize("form", ["size", "chunked", "eof"])
@pytest.mark.parametrize("size", [0, 1, 1459, 100_003])
def test_wget_bodies(board, http, form, size):
    board.exec("import net; net.wget('%s', '/body')" % http.url("/%s/%d" % (form, size)))
    got, digest = board.exec("file_hash('/body')").split()
    assert (int(got), digest) == (size, pattern.sha256(size))


def test_wget_follows_redirects(board, http):
    board.exec("import net; net.wget('%s', '/body')" % http.url("/redirect/3"))
    got, digest = board.exec("file_hash('/body')").split()
    assert (int(got), digest) == (1000, pattern.sha256(1000))
    assert http.requests == ["/redirect/3", "/redirect/2", "/redirect/1", "/size/1000"]


def test_wget_slow_server(board, http):
    board.exec("import net; net.wget('%s', '/body')" % http.url("/slow"))
    assert board.exec("print(open('/body').read())") == "slow\n\n"


@pytest.mark.parametrize("path", ["/loop", "/missing", "/short", "/badchunk"])
def test_wget_errors_are_one_clear_sentence(board, http, path):
    with pytest.raises(ExecError) as error:
        board.exec("import net; net.wget('%s', '/bad')" % http.url(path))
    last = str(error.value).strip().splitlines()[-1]
    assert re.match(r"NetError: [^:]{15,}", last), last


def test_wget_refused_connection(board):
    # Port 1 of the host: nobody listens. User networking answers with RST.
    with pytest.raises(ExecError) as error:
        board.exec("import net; net.wget('http://10.0.2.2:1/x', '/bad')", 20)
    assert "refused" in str(error.value).lower() or "111" in str(error.value), error.value


def test_ifconfig_shows_the_address(board):
    text = board.exec("import net; net.ifconfig()")
    for wanted in ("10.0.2.15", "255.255.255.0", "52:54:00:12:34:56"):
        assert wanted in text, text


def test_network_lan(board):
    address, mask, gateway, dns = board.eval("tuple(__import__('network').LAN().ifconfig())")
    assert (address, mask, gateway) == ("10.0.2.15", "255.255.255.0", "10.0.2.2")
    assert dns == "10.0.2.3"
