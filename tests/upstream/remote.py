# Frostnet: MicroPython's tests of the serial port, and of mpremote
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import os
import re
import shutil
import sys
import time

from .single import follow
from .stations import board

_RESULT = re.compile(r"(test_\w+\.sh): (OK|FAIL|CRASH)$")
_SERIAL = re.compile(r"^(DATA|ERROR|Traceback)\b.*")
_BAD = re.compile(r"^(ERROR|Traceback)|FAIL")
# serial_test.py gives a soft reset 0.1 s, two dozen times. On a busy machine that takes luck.
_TOO_SLOW = "could not send script"
_TRIES = 5


def serial(tests, results, chosen=()):
    """serial_test.py, which trees since January 2026 have; yields (test, result)."""
    script = tests / "serial_test.py"
    if not script.exists():
        return
    with board() as pty, opened(pty):
        command = [sys.executable, script, "-t", pty]
        for _ in range(_TRIES):
            lines = [line[0] for line in follow(command, results / "log", _SERIAL, cwd=tests)]
            if not any(_TOO_SLOW in line for line in lines):
                break
        good = lines and not any(_BAD.search(line) for line in lines)
        yield script.name, "pass" if good else "FAIL"


@contextlib.contextmanager
def opened(pty):
    """Have the terminal open. QEMU looks for a reader once a second, and what is printed
    meanwhile is lost; serial_test.py waits for 0.1 s."""
    fd = os.open(pty, os.O_RDWR | os.O_NOCTTY)
    try:
        time.sleep(2)
        yield
    finally:
        os.close(fd)


# mpremote on a machine whose only board, for those who name none, is that on the terminal. (It
# looks for boards on USB.)
_MPREMOTE = """#!{python}
import sys
from serial.tools import list_ports

sys.path.pop(0)  # this file has the package's name

class Board:
    device = {pty!r}
    vid = pid = 0
    serial_number = manufacturer = product = None

list_ports.comports = lambda: [Board]
from mpremote.main import main
sys.exit(main())
"""


def mpremote(tests, results, chosen=()):
    """The tests of mpremote (`chosen`: only these), with the mpremote of build/venv; yields
    (test, result)."""
    folder = results / "tests"
    shutil.copytree(tests.parent / "tools" / "mpremote" / "tests", folder)
    waiting = {"mpremote/" + script.name for script in folder.glob("test_*.sh")}
    for test in waiting - set(chosen or waiting):
        (folder / test.partition("/")[2]).unlink()
    waiting &= set(chosen or waiting)
    with board() as pty:
        program = results / "mpremote.py"  # where the tests look for it
        program.write_text(_MPREMOTE.format(python=sys.executable, pty=pty))
        program.chmod(0o755)
        command = ["bash", folder / "run-mpremote-tests.sh"]
        env = dict(os.environ, LC_ALL="C")
        env.pop("PYTHONUNBUFFERED", None)  # would change the order of what is printed
        for match in follow(command, results / "log", _RESULT, env=env):
            test = "mpremote/" + match[1]
            waiting.discard(test)
            yield test, "pass" if match[2] == "OK" else "FAIL"
    for test in sorted(waiting):
        yield test, "FAIL"
