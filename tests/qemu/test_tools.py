# Frostnet: tools/run.py as a user starts it
# MIT license; Copyright (c) 2026 The Frostnet authors

import re
import socket
import subprocess
import sys

import pytest

from hostlib import terminal
from hostlib.board import ROOT
from hostlib.fetch import fetch


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture
def tool():
    """Start a tool with pipes; it is ended after the test."""
    started = []

    def start(name, *args):
        process = subprocess.Popen(
            [sys.executable, ROOT / "tools" / name, *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def read_until(process, wanted, timeout=20):
    return terminal.read_until(process.stdout.fileno(), wanted, timeout)


def test_run_ends_at_a_prompt(tool):
    port = free_port()
    run = tool("run.py", "--no-build", "--forward", f"{port}:80")
    text = read_until(run, b"\r\n>>> ")
    # The banner says how to leave and what is forwarded.
    assert "Ctrl-A X" in text and str(port) in text, text
    run.stdin.write(b"import net; net.ping('10.0.2.2', count=1)\r")
    assert "1 packets transmitted, 1 received" in read_until(run, b"rtt min/avg/max/mdev")
    run.stdin.write(b"\x01x")
    assert run.wait(5) == 0


def test_run_forwards_ports_of_the_address_that_is_asked_for(tool):
    port = free_port()
    run = tool("run.py", "--no-build", "--address", "127.0.0.2", "--forward", f"{port}:80")
    text = read_until(run, b"\r\n>>> ")
    assert f"127.0.0.2:{port} is its tcp port 80." in text, text
    url = f"http://127.0.0.2:{port}/"
    assert f"The dashboard is at {url}." in text, text
    assert b"Frostnet" in fetch(url)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)


def test_run_with_a_drive(tool, tmp_path):
    image = tmp_path / "my, disk.img"
    args = ("run.py", "--no-build", "--disk", str(image), "--forward", f"{free_port()}:80")
    run = tool(*args)
    text = read_until(run, b"\r\n>>> ")
    assert "made " in text and "64 MiB" in text and "drive 0 was formatted" in text, text
    run.stdin.write(b"f = open('/a', 'w'); f.write('it stays'); f.close()\r")
    read_until(run, b"8\r\n")
    read_until(run, b">>> ")
    run.stdin.write(b"\x01x")
    assert run.wait(10) == 0
    run = tool(*args)
    text = read_until(run, b"\r\n>>> ")
    assert "made " not in text and "formatted" not in text, text
    run.stdin.write(b"open('/a').read()\r")
    read_until(run, b"'it stays'")


def test_run_without_a_forward_when_the_port_is_taken(tool):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = tool("run.py", "--no-build", "--forward", f"{port}:80")
        text = read_until(run, b"\r\n>>> ")
    assert re.search(rf"{port}.*taken", text), text


def test_telnet_by_a_forward_on_loopback_only(tool):
    port = free_port()
    run = tool("run.py", "--no-build", "--forward", f"{port}:23")
    text = read_until(run, b"\r\n>>> ", 60)
    assert f"127.0.0.1:{port} is its tcp port 23." in text, text
    run.stdin.write(b"import net; t = net.telnetd('secret')\r")
    read_until(run, b"\r\n>>> ", 60)
    with socket.create_connection(("127.0.0.1", port), 30) as s:
        text = b""
        while b"Password: " not in text:
            piece = s.recv(1000)
            assert piece, text
            text += piece
    # Another address of this machine.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), 30)


def test_make_run_forwards_the_web_and_telnet(tool):
    said = tool("run.py", "--help").stdout.read().decode()
    assert "8080:80 2323:23" in " ".join(said.split())
