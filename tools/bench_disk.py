# Frostnet: files on a drive
# MIT license; Copyright (c) 2026 The Frostnet authors
"""A long file on LittleFS, written and read from its beginning to its end in pieces of 64 KiB. The
board holds the clock; closing the file, which waits for the host's disk, counts."""

import ast
import tempfile
from pathlib import Path

from hostlib.board import Board

_IMAGE = 64 << 20
_CODE = """
import time
piece = bytes(range(256)) * 256
def write():
    start = time.ticks_us()
    with open("/long", "wb") as f:
        for _ in range(%d):
            f.write(piece)
    return time.ticks_diff(time.ticks_us(), start)
def read():
    buf = bytearray(len(piece))
    taken = 0
    with open("/long", "rb") as f:
        for k in range(%d):
            start = time.ticks_us()
            n = f.readinto(buf)
            taken += time.ticks_diff(time.ticks_us(), start)
            if n != len(buf) or buf != piece:
                raise ValueError("piece %%d is damaged" %% k)
    return taken
"""


def measure(firmware, plan, results):
    """Take disk_write and disk_read, of the firmware alone."""
    pieces = plan.bulk >> 16
    with tempfile.TemporaryDirectory(prefix="frostnet-bench-") as folder:
        image = Path(folder) / "disk.img"
        with open(image, "wb") as file:
            file.truncate(_IMAGE)
        args = ["-drive", f"if=none,id=d0,file={image},format=raw"]
        args += ["-device", "virtio-blk-device,drive=d0"]
        with Board(netdev=None, args=args, firmware=firmware) as board:
            board.wait_prompt()
            board.exec(_CODE % (pieces, pieces))
            for _ in range(plan.rounds):
                for figure in ("write", "read"):
                    try:
                        taken = ast.literal_eval(board.exec(f"print({figure}())", 120))
                    except Exception as e:
                        results.error("disk_" + figure, "frostnet", e)
                        return
                    results.add("disk_" + figure, "frostnet", (pieces << 16) / taken)
