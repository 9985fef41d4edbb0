# Frostnet: virtio-console: a copy of what is printed, and a stream for programs
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket

import pytest

from hostlib import pattern


def setting(name, text):
    return ["-fw_cfg", f"name=opt/frostnet/{name},string={text}"]


def console(chardev, bus="device"):
    return [*chardev, "-device", f"virtio-serial-{bus}", "-device", "virtconsole,chardev=vc0"]


def test_a_copy_of_what_is_printed(boot, tmp_path):
    path = tmp_path / "log.txt"
    args = console(["-chardev", f"file,id=vc0,path={path}"])
    board = boot(netdev=None, args=[*args, *setting("log", "virtio"), *setting("dnss", "1")])
    board.wait_prompt()
    board.exec("for i in range(2000): print('line', i)")
    board.console.friendly()
    board.soft_reset()
    board.type("1 / 0")
    text = path.read_bytes().decode()
    assert "network: no card" in text  # what is printed at boot is there
    for i in range(2000):
        assert f"line {i}\r\n" in text
    assert text.count("MPY: soft reboot") == 1 and "ZeroDivisionError" in text
    assert "deactivating" not in board.log()
    # A program may still take the console for itself: another slot.
    assert board.eval("__import__('os').dupterm(None)") is None


def test_off_by_default(boot, tmp_path):
    path = tmp_path / "log.txt"
    board = boot(netdev=None, args=console(["-chardev", f"file,id=vc0,path={path}"]))
    board.wait_prompt()
    board.exec("print('only here')")
    assert path.read_bytes() == b""


def test_without_a_device_it_says_what_to_do(boot):
    board = boot(netdev=None, args=setting("log", "virtio"))
    board.wait_prompt()
    assert "settings: log: there is no virtio-console; start QEMU with -device" in board.log()
    assert board.type("1 + 1") == "2"


_ECHO = """
poll = select.poll()
poll.register(c, select.POLLIN)
back = bytearray()
while len(back) < 300000:
    poll.poll()
    back += c.read()
at = 0
while at < len(back):
    at += c.write(memoryview(back)[at:]) or 0
print(at)
"""


@pytest.mark.parametrize("bus", ["device", "pci"])
def test_a_stream_for_programs(boot, tmp_path, bus):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "port"))
        listener.listen(1)
        args = console(["-chardev", f"socket,id=vc0,path={tmp_path}/port"], bus)
        board = boot(netdev=None, args=args)
        host, _ = listener.accept()
    with host:
        host.settimeout(20)
        board.wait_prompt()
        board.exec("from virtio import console\nimport select\nc = console.open()")
        # More than any buffer holds, and a host that reads when all of it was sent.
        data = pattern.data(300000)
        board.start(_ECHO)
        host.sendall(data)
        got = b""
        while len(got) < len(data):
            piece = host.recv(5000)
            assert piece
            got += piece
        assert got == data
        assert board.finish() == "300000\n"


def test_nobody_reads_the_copy(boot, tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "port"))
        listener.listen(1)
        args = console(["-chardev", f"socket,id=vc0,path={tmp_path}/port"])
        board = boot(netdev=None, args=[*args, *setting("log", "virtio")])
        host, _ = listener.accept()
    with host:
        board.wait_prompt()
        board.exec("import os\ncopy = os.dupterm(None, 1)\nos.dupterm(copy, 1)")
        board.exec("for i in range(500): copy.write('x' * 4096)")  # more than sockets hold
        # When it is read again, it goes on.
        host.settimeout(1)
        try:
            while host.recv(1 << 20):
                pass
        except TimeoutError:
            pass
        board.exec("print('here again')")
        assert b"here again\r\n" in host.recv(1 << 20)
