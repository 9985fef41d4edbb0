# Frostnet: settings and programs from QEMU's command line, as CI uses them
# MIT license; Copyright (c) 2026 The Frostnet authors

import hashlib
import socket
import subprocess
import sys

import pytest

from hostlib import peers
from hostlib.board import ROOT

SEMIHOSTING = ["-semihosting"]


def setting(name, text):
    return ["-fw_cfg", f"name=opt/frostnet/{name},string={text.replace(',', ',,')}"]


@pytest.fixture
def run(boot, tmp_path):
    """Run a program on a board to QEMU's end; returns (status, what was printed)."""

    def start(source, args=SEMIHOSTING, **kw):
        path = tmp_path / "program,1.py"  # QEMU wants commas doubled
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        name = str(path).replace(",", ",,")
        return boot(args=[*args, "-fw_cfg", f"name=opt/frostnet/main,file={name}"], **kw)

    def end(*args, **kw):
        return start(*args, **kw).end(50)

    end.start = start
    return end


FETCH = """
import net, network, sys
assert __name__ == "__main__" and network.LAN().isconnected()
data = net.wget("http://10.0.2.2:%d/size/12345", quiet=True)
print(len(data), network.hostname(), network.LAN().ifconfig()[0])
"""


def test_a_program_has_the_network_and_its_output_is_all_there_is(run, http):
    # Ending well needs no -semihosting. Settings of fw_cfg count more than -append.
    args = [*setting("hostname", "pump"), *setting("ip", "10.0.2.77/24")]
    args += [*setting("gw", "10.0.2.2"), *setting("dns", "10.0.2.3,10.0.2.4")]
    args += ["-append", "ip=10.0.2.66/24 quiet"]
    status, text = run(FETCH % http.port, args)
    assert (status, text) == (0, "12345 pump 10.0.2.77\n")


def test_status_of_sys_exit(run):
    # After CPython's rules: no argument is 0, a number itself, anything else is printed and 1.
    status, text = run("import sys\nprint('before')\nsys.exit(3)\nprint('after')")
    assert (status, text) == (3, "before\n")
    status, text = run("import sys\nsys.exit('all is lost')", netdev=None)
    assert status == 1 and text.endswith("\nall is lost\n"), text


def test_an_exception_is_shown_and_is_status_1(run):
    status, text = run("def f():\n    1 / 0\n\nf()\n")
    assert status == 1
    assert text == (
        "Traceback (most recent call last):\n"
        '  File "main.py", line 4, in <module>\n'
        '  File "main.py", line 2, in f\n'
        "ZeroDivisionError: divide by zero\n"
    )
    status, text = run("print('no')\nif:\n")
    assert status == 1 and "SyntaxError" in text and "no\n" not in text.splitlines(), text


def test_what_was_sent_last_arrives(run):
    # The program leaves its connection open and a datagram waiting for ARP.
    with peers.Sink() as sink, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        datagrams.settimeout(10)
        source = f"""
import socket
s = socket.socket()
s.connect(("10.0.2.2", {sink.port}))
s.sendall(bytes(range(256)) * 800)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.sendto(b"last words", ("10.0.2.2", {datagrams.getsockname()[1]}))
"""
        status, text = run(source)
        assert (status, text) == (0, "")
        assert sink.done.acquire(timeout=10)
        assert sink.results[0][1:] == (204800, hashlib.sha256(bytes(range(256)) * 800).hexdigest())
        assert datagrams.recv(100) == b"last words"


def test_without_semihosting_a_failure_leaves_the_prompt(run):
    # Power-off would be status 0, which says that all went well.
    board = run.start("import sys\nkept = 7\nsys.exit(3)", args=[])
    board.wait_prompt()
    assert "main: ended with status 3; start QEMU with -semihosting" in board.log()
    assert board.type("kept") == "7"
    assert board.wait_lease() == "10.0.2.15"


def test_ctrl_c_ends_a_program_that_does_not(run):
    board = run.start("print('forever')\nwhile True:\n    pass\n")
    board.console.serial.expect(b"forever\r\n", 30)
    board.console.serial.write(b"\x03")
    assert board.qemu.wait(30)[0] == 130
    assert "KeyboardInterrupt" in board.log()


def test_what_is_no_program_is_one_sentence_and_status_1(run):
    status, text = run(b"#" * (1 << 20) + b"\n")
    assert status == 1
    assert text == (
        "main: the program has 1048577 bytes, and a program 1048576 at most: "
        "put parts of it on a disk\n"
    )
    status, text = run(b"print('\xff')")
    assert (status, text) == (1, "main: the program is no text in UTF-8\n")


def test_wrong_settings_are_named(boot):
    args = [*setting("hostnam", "pump"), *setting("ip", "10.0.2.777/24")]
    args += setting("search", "x" * 1025)
    board = boot(args=args)
    board.wait_prompt()
    lines = [line for line in board.log().splitlines() if ": " in line]
    assert lines[0].startswith("settings: opt/frostnet/hostnam is no setting: there are ip, gw, ")
    assert lines[1] == ("settings: opt/frostnet/search has 1025 bytes: a setting has 1024 at most")
    assert lines[2] == "network: not started: ip=10.0.2.777/24: not an IPv4 address"
    assert board.type("1 + 1") == "2"


def test_the_tool_ends_with_the_status(tmp_path):
    path = tmp_path / "program.py"
    path.write_text("import network, sys\nprint(network.hostname())\nsys.exit(5)\n")
    command = [sys.executable, ROOT / "tools" / "run.py", "--no-build", "--forward", "1:80"]
    command += ["--set", "hostname=pump", "--main", path]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=50)
    assert done.returncode == 5, done
    assert done.stdout == b"pump\r\n", done
    command[-1] = tmp_path / "missing.py"
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=50)
    assert done.returncode == 2 and b"there is no file" in done.stderr, done


def test_a_program_that_uses_up_the_memory_ends_too(run):
    status, text = run("kept = []\nwhile True:\n    kept.append(bytearray(1000))\n", netdev=None)
    assert status == 1 and "\nMemoryError: " in text, text
