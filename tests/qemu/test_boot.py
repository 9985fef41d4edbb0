# Frostnet: start, prompt, interrupts, resets
# MIT license; Copyright (c) 2026 The Frostnet authors

import re
import time

import pytest

from hostlib import qemu
from hostlib.board import PROMPT
from hostlib.console import CTRL_C, ExecError


@pytest.mark.parametrize("modern", [False, True], ids=["virtio-mmio-1", "virtio-mmio-2"])
def test_boots_to_a_prompt_with_a_network(boot, modern):
    board = boot(modern=modern)
    board.wait_prompt()
    banner = board.log()
    assert re.search(r"MicroPython v1\.\d+.*; .*", banner), banner
    assert board.wait_lease() == "10.0.2.15"


def test_prompt_does_not_wait_for_the_lease(boot):
    # A wire on which no server answers.
    board = boot(netdev="hubport,id=n0,hubid=0")
    assert board.wait_prompt() < 10
    assert board.exec("print(6 * 7)") == "42\n"
    assert board.eval("__import__('network').LAN().isconnected()") is False


_TALK_TO_SELF = """
import net, socket
server, client = socket.socket(), socket.socket()
server.bind(("127.0.0.1", 80))
server.listen(1)
client.connect(("localhost", 80))
peer, _ = server.accept()
client.send(b"through tcp")
a, b = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)
a.bind(("127.0.0.1", 7))
b.sendto(b"through udp", ("127.0.0.1", 7))
b.sendto(bytes(65000), ("127.0.0.1", 7))
print(peer.recv(100), a.recv(100), len(a.recv(65507)), end=" ")
print(net.ping("127.0.0.1", count=1, size=60000, quiet=True).received)
"""


def test_without_a_network_card_the_prompt_works(boot):
    board = boot(netdev=None)
    board.wait_prompt()
    complaints = [line for line in board.log().splitlines() if "network" in line.lower()]
    assert len(complaints) == 1, board.log()
    assert "Traceback" not in board.log()
    assert board.exec("print(6 * 7)") == "42\n"
    # 127/8 needs no card (RFC 1122 §3.2.1.3 (g)).
    assert board.exec(_TALK_TO_SELF) == "b'through tcp' b'through udp' 65000 1\n"
    with pytest.raises(ExecError) as error:
        board.exec("import net; net.ping('10.0.2.2')")
    assert re.search(r"Error: there is no network card", str(error.value)), error.value
    # The loop still runs after the error.
    assert board.type("1 + 1") == "2"


def test_a_card_that_does_not_fit_is_one_clear_sentence(boot):
    # A legacy card that wants its header in a buffer of its own (virtio 1.1, 5.1.6.2).
    board = boot(args=["-global", "virtio-net-device.any_layout=off"])
    board.wait_prompt()
    complaints = [line for line in board.log().splitlines() if line.startswith("network: ")]
    assert len(complaints) == 1, board.log()
    assert "Traceback" not in board.log()
    assert board.type("1 + 1") == "2"


def test_address_from_the_command_line(boot):
    board = boot(args=["-append", "ip=10.0.2.77/24 gw=10.0.2.2 dns=10.0.2.3 hostname=pump"])
    board.wait_prompt()
    assert board.wait_lease() == "10.0.2.77"
    assert "1 received" in board.exec("import net; net.ping('10.0.2.2', count=1)")


def test_a_fault_is_shown_and_ends_qemu(boot):
    board = boot(args=["-semihosting"])
    board.wait_prompt()
    mark = board.console.serial.mark()
    board.start("import machine; machine.mem32[0x4000000000]")
    board.console.serial.expect(b"FAULT: read from a bad address", 10, mark)
    status, _ = board.qemu.wait()
    assert status == 70


@pytest.mark.parametrize("memory", ["64M", "1G"])
def test_memory_sizes(boot, memory):
    board = boot(memory=memory)
    board.wait_prompt()
    size = int(memory[:-1]) * (2**20 if memory.endswith("M") else 2**30)
    total = board.eval("__import__('os').statvfs('/')[0] * __import__('os').statvfs('/')[2]")
    # At least a quarter of the board's memory, but for what the filesystem keeps for itself.
    assert total >= size // 4 * 0.95, total
    assert board.wait_lease() == "10.0.2.15"


def test_ctrl_c_stops_a_busy_loop(board):
    board.start("while True: pass")
    time.sleep(0.2)
    assert "KeyboardInterrupt" in board.interrupt()


def test_ctrl_c_at_the_friendly_prompt(board):
    board.console.friendly()
    mark = board.console.serial.mark()
    board.console.serial.write(b"while True: pass\r\r")
    time.sleep(0.3)
    board.console.serial.write(CTRL_C)
    board.console.serial.expect(b"KeyboardInterrupt", 5, mark)
    board.console.serial.expect(PROMPT, 5, mark)


@pytest.mark.parametrize(
    "wait",
    [
        "s = socket.socket(2, socket.SOCK_DGRAM); s.bind(('0.0.0.0', 4000)); s.recv(1)",
        "s = socket.socket(); s.bind(('0.0.0.0', 4001)); s.listen(1); s.accept()",
        "s = socket.socket(); s.connect(('10.0.2.2', %d)); s.recv(1)",
        "import time; time.sleep(100)",
    ],
    ids=["recv-udp", "accept", "recv-tcp", "sleep"],
)
def test_ctrl_c_stops_a_blocking_call(board, wait):
    from hostlib import peers

    with peers.Silent() as silent:
        if "%d" in wait:
            wait %= silent.port
        board.exec("import socket")
        board.start("print('waits')\n" + wait.replace("; ", "\n"))
        time.sleep(0.3)
        assert "KeyboardInterrupt" in board.interrupt()
        board.exec("try:\n s.close()\nexcept NameError:\n pass")
    # The stack is whole: the next exchange works.
    with peers.UdpEcho() as echo:
        code = "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3)\n"
        code += (
            f"s.sendto(b'still here', ('10.0.2.2', {echo.port})); print(s.recv(100)); s.close()"
        )
        assert board.exec("import socket\n" + code) == "b'still here'\n"


def test_large_paste_loses_nothing(board):
    lines = [f"n += {i}  # {'x' * 60}" for i in range(1450)]
    code = "\n".join(["n = 0", *lines]) + "\n"
    assert len(code) > 100_000
    # Paste mode of the friendly prompt has no flow control of its own: the UART must hold back.
    console = board.console
    console.friendly()
    mark = console.serial.mark()
    console.serial.write(b"\x05")
    console.serial.expect(b"=== ", 5, mark)
    console.serial.write(code.replace("\n", "\r").encode())
    console.serial.write(b"\x04")
    console.serial.expect(PROMPT, 30, mark)
    assert board.type("n") == str(sum(range(1450)))


def test_soft_reset_brings_the_network_back(board):
    for _ in range(3):
        board.soft_reset()
        assert board.wait_lease() == "10.0.2.15"
        assert "received" in board.exec("import net; net.ping('10.0.2.2', count=1)")


def test_soft_reset_forgets_globals_and_keeps_files(board):
    board.exec("kept = 1\nopen('/kept.txt', 'w').write('here')")
    board.soft_reset()
    assert board.eval("'kept' in globals()") is False
    assert board.exec("print(open('/kept.txt').read())") == "here\n"


@pytest.mark.parametrize(
    "kw",
    [{}, {"card": "virtio-net-pci", "args": ["-M", "virt,gic-version=3"]}],
    ids=["virtio-mmio", "virtio-pci-its"],
)
def test_machine_reset(boot, kw):
    board = boot(**kw)
    board.wait_prompt()
    board.wait_lease()
    mark = board.console.serial.mark()
    board.console.friendly()
    board.console.serial.write(b"import machine; machine.reset()\r")
    mark = board.console.serial.expect(b"machine.reset()\r\n", 5, mark)
    board.wait_prompt(start=mark)
    assert board.qemu.alive()
    assert board.wait_lease() == "10.0.2.15"


def test_boot_and_main_run(board):
    board.exec("open('/boot.py', 'w').write('print(\"boot runs\")\\n')")
    board.exec("open('/main.py', 'w').write('print(\"main runs\")\\n')")
    try:
        mark = board.console.serial.mark()
        board.soft_reset()
        text = board.console.serial.data(mark).decode()
        assert 0 < text.find("boot runs") < text.find("main runs"), text
    finally:
        board.exec("import os; os.remove('/boot.py'); os.remove('/main.py')")


_KEYS = """
early = str(bytes([107, 101, 121, 45, 49]), "utf-8")
d = {early: 1}
e = {}
exec("print(d.get('key-1'), 'key-1' in d, e.get('key-1'))")
e[early] = 2
exec("print(e.get('key-1'))")
"""


def test_strings_made_before_their_name_was_known_are_found(board):
    # map.c compares names by identity: such a string is equal to one, and not the same.
    assert board.exec(_KEYS) == "1 True None\n2\n"


def test_idle_prompt_costs_no_processor_time(board):
    board.console.friendly()
    time.sleep(1)
    used, begin = board.qemu.cpu_seconds(), time.monotonic()
    time.sleep(4)
    share = (board.qemu.cpu_seconds() - used) / (time.monotonic() - begin)
    assert share < 0.02, f"{share:.1%} of a core"


def test_clock_is_the_hosts(board):
    # PL031; MicroPython's epoch here is 1970 or 2000, localtime knows.
    year, month, day, hour, minute, second = board.eval(
        "tuple(__import__('time').localtime()[:6])"
    )
    import calendar

    there = calendar.timegm((year, month, day, hour, minute, second))
    assert abs(there - time.time()) < 5


def test_qemu_is_supported():
    import subprocess

    text = subprocess.run([qemu.PROGRAM, "--version"], capture_output=True, text=True).stdout
    major, minor = map(int, re.search(r"version (\d+)\.(\d+)", text).groups())
    assert (major, minor) >= (7, 2), text
