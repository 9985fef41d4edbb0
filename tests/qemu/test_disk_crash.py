# Frostnet: a closed file survives the end of QEMU at any moment
# MIT license; Copyright (c) 2026 The Frostnet authors

import random
import re
import threading
import time

import pytest

from hostlib.board import Board

KILLS = 50
LANES = 2  # boards at a time
BOOT_TIME = 60.0

# Runs from the drive at boot: says what is there, then writes until the end comes. The contents of
# version v follow from v.
_PROGRAM = """
import os
def contents(v):
    line = b"%d:" % v
    return line + bytes(range(256)) * (v * 37 % 90) + line * (v % 50)
last = 0
for name in sorted(os.listdir("/")):
    if name.startswith("file"):
        with open(name, "rb") as f:
            data = f.read()
        v = int(data.split(b":")[0] or 0)
        # A new file is there from open() on, and empty.
        print("have", name, v if not data or data == contents(v) else "DAMAGED")
        last = max(last, v)
print("looked")
while True:
    last += 1
    name = "file%d" % (last % 7)
    print("begin", name, last)
    if last % 3:
        with open(name, "wb") as f:
            data = contents(last)
            f.write(data[:5000])
            f.write(data[5000:])
    else:
        with open("new", "wb") as f:
            f.write(contents(last))
        os.rename("new", name)
    print("closed", name, last)
"""


class Lane:
    """A drive, and the boards that are killed over it."""

    def __init__(self, path, seed):
        self.path = path
        self.random = random.Random(seed)
        self.closed = {}
        self.in_middle = 0
        self.kills = 0
        self.error = None

    def boot(self):
        options = f"if=none,id=d0,file={self.path},format=raw"
        return Board(
            netdev=None, args=["-drive", options, "-device", "virtio-blk-device,drive=d0"]
        )

    def prepare(self):
        with open(self.path, "wb") as file:
            file.truncate(4 << 20)
        with self.boot() as board:
            board.wait_prompt(BOOT_TIME)
            board.exec("with open('main.py', 'w') as f: f.write(%r)\n" % _PROGRAM)

    def cycle(self):
        """Boot, look at what is there, and kill QEMU while the board writes."""
        with self.boot() as board:
            serial = board.console.serial
            serial.expect(b"looked\r\n", BOOT_TIME)
            self.look(board.log())
            mark = serial.mark()
            for _ in range(self.random.randrange(4)):
                mark = serial.expect(b"closed ", BOOT_TIME, mark)
            serial.expect(b"begin ", BOOT_TIME, mark)
            time.sleep(self.random.random() * 0.02)
            board.qemu.process.kill()
            board.qemu.wait()
            self.kills += 1
            serial.finish()  # what the board printed before is still on its way
            self.note(board.log())

    def look(self, log):
        have = dict(re.findall(r"have (\S+) (\S+)\r\n", log))
        for name, version in self.closed.items():
            assert name in have, f"{name} is lost, version {version}\n{log}"
        for name, version in have.items():
            assert version.isdigit() and int(version) >= self.closed.get(name, 0), (
                f"{name} is {version}, and {self.closed.get(name)} was closed\n{log}"
            )

    def note(self, log):
        for name, version in re.findall(r"closed (\S+) (\d+)\r\n", log):
            self.closed[name] = int(version)
        began = re.findall(r"(begin|closed) \S+ \d+\r\n", log)
        self.in_middle += began[-1] == "begin"

    def run(self):
        try:
            self.prepare()
            while self.kills < KILLS // LANES:
                self.cycle()
            with self.boot() as board:
                board.console.serial.expect(b"looked\r\n", BOOT_TIME)
                self.look(board.log())
        except BaseException as e:
            self.error = e


@pytest.mark.timeout(400)
def test_kill_in_mid_write(tmp_path):
    lanes = [Lane(tmp_path / f"{n}.img", n) for n in range(LANES)]
    threads = [threading.Thread(target=lane.run) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for lane in lanes:
        if lane.error:
            raise lane.error
    assert sum(lane.kills for lane in lanes) == KILLS
    assert all(len(lane.closed) == 7 for lane in lanes)
    assert sum(lane.in_middle for lane in lanes) > KILLS // 5, (
        "killed at rest: this proves nothing"
    )
