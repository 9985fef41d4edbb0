# Frostnet: native and viper code on the board
# MIT license; Copyright (c) 2026 The Frostnet authors

import random
import re
import subprocess
import sys

import pytest

from hostlib.board import FIRMWARE, ROOT, Board

sys.path.insert(0, str(ROOT / "tools"))

import build
import viper_diff

MPY_SOURCE = """
import gc

@micropython.native
def add(a, b=2, *args, key=0, **more):
    return a + b + sum(args) + key + len(more)

@micropython.native
def numbers(n):
    got = None
    for i in range(n):
        try:
            got = yield i
        finally:
            gc.collect()
        if got:
            yield got

@micropython.native
def adder(k):
    def inner(x):
        nonlocal k
        k += x
        return k
    return inner

@micropython.viper
def wide(x: int) -> int:
    return (x & 0xFFFFFFFF) | (x << 33)
"""

MPY_USE = """
import gc, sys
sys.path.insert(0, "/")
from native_mpy import *
del sys.modules["native_mpy"]
for round in range(20):
    gc.collect()
    junk = [bytearray(300) for _ in range(200)]
    assert add(1) == 3 and add(1, 2, 3, key=4, x=0) == 11
    g = numbers(2)
    assert [next(g), g.send(7), next(g)] == [0, 7, 1] and list(g) == []
    k = adder(5)
    assert k(1) == 6 and k(2) == 8
    assert wide(0x1234567890) == 0x34567890 | (0x1234567890 << 33) & (1 << 64) - 1
print("all of it")
"""


@pytest.fixture(scope="module")
def bare():
    """A board without a network card, whose globals the tests share."""
    with Board(netdev=None) as board:
        board.wait_prompt()
        yield board


def differ():
    return viper_diff.Differ(viper_diff.Command(viper_diff.UNIX_COMMAND), viper_diff.OnBoard())


@pytest.mark.timeout(120)
@pytest.mark.parametrize("first", [1, None], ids=["fixed", "random"])
def test_viper_functions_give_the_same_as_on_the_unix_port(first):
    seed = random.randrange(1 << 32) if first is None else first
    print("viper functions from seed", seed)
    it = differ()
    try:
        it.compare(range(seed, seed + 150))
    except viper_diff.Mismatch as e:
        pytest.fail(str(e))
    finally:
        it.sides[1].close()


def test_a_difference_is_found_and_shrunk():
    class Wrong(viper_diff.Command):
        """An emitter that takes each unsigned right shift for a left one."""

        def run(self, source):
            return super().run(source.replace(">>", "<<"))

    it = viper_diff.Differ(
        *(side(viper_diff.UNIX_COMMAND) for side in (viper_diff.Command, Wrong))
    )
    with pytest.raises(viper_diff.Mismatch, match="seed [0-9]+ differs; want") as error:
        it.compare(range(20))
    function = str(error.value).partition("@micropython.viper\ndef f")[2]
    assert 0 < function.count("\n") < 30, function


def test_native_code_from_an_mpy_file_outlives_collections(bare, tmp_path):
    source, mpy = tmp_path / "native_mpy.py", tmp_path / "native_mpy.mpy"
    source.write_text(MPY_SOURCE)
    command = [build.MPY_CROSS, "-march=aarch64", "-msmall-int-bits=63", "-o", mpy, source]
    subprocess.run(command, check=True)
    bare.console.raw()
    bare.console.fs_writefile("/native_mpy.mpy", mpy.read_bytes())
    assert bare.exec(MPY_USE) == "all of it\n"


def test_mpy_file_of_another_architecture_is_refused(bare, tmp_path):
    source, mpy = tmp_path / "other.py", tmp_path / "other.mpy"
    source.write_text("@micropython.native\ndef f(): pass\n")
    subprocess.run([build.MPY_CROSS, "-march=x64", "-o", mpy, source], check=True)
    bare.console.raw()
    bare.console.fs_writefile("/other.mpy", mpy.read_bytes())
    code = "try:\n    import other\nexcept ValueError as e:\n    print(e)"
    assert bare.exec(code) == "incompatible .mpy arch\n"


def test_code_stays_while_it_runs(bare):
    # Nobody but the frame of the running call refers to the function.
    assert (
        bare.exec("""
import gc, micropython
def collect(n):
    gc.collect()
    junk = [bytearray(64 * i % 700) for i in range(600)]
    return n
def run_once(n):
    scope = {"micropython": micropython}
    code = "return int(g(1)) + int(g(2)) + int(g(3))"
    exec("@micropython.viper\\ndef f(g) -> int:\\n " + code, scope)
    return scope.pop("f")(collect)
print([run_once(n) for n in range(8)])
""")
        == "[6, 6, 6, 6, 6, 6, 6, 6]\n"
    )


def test_calls_with_wrong_arguments_are_refused(bare):
    assert (
        bare.exec("""
@micropython.viper
def f(a: int) -> int:
    return a
many = {"k%d" % i: 0 for i in range(256)}
for args, kw in (((), {}), ((1, 2), {}), ((1,), {"a": 1}), ((1,), many)):
    try:
        print(f(*args, **kw))
    except TypeError as e:
        print("TypeError")
""")
        == "TypeError\n" * 4
    )


def test_floats_survive_exceptions_in_native_code(bare):
    # d8 to d15 belong to the caller, and exceptions of Python do not restore them.
    assert (
        bare.exec("""
import math
@micropython.native
def fail(x):
    y = math.sin(x) * 2.5
    if y < 9:
        raise ValueError(y)
@micropython.native
def use(x):
    a = x * 1.5; b = x + 0.25; c = math.sqrt(x)
    try:
        fail(x)
    except ValueError as e:
        y = e.args[0]
    return a == x * 1.5 and b == x + 0.25 and c == math.sqrt(x) and y == math.sin(x) * 2.5
print(all(use(i / 7) for i in range(1, 200)))
""")
        == "True\n"
    )


def test_nothing_in_the_image_uses_d8_to_d15():
    # Exceptions of Python would not restore them; docs/native.md.
    command = ["aarch64-linux-gnu-objdump", "-d", FIRMWARE]
    code = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert len(re.findall(r"\bd[0-7]\b", code)) > 100
    assert re.findall(r"^.*\b[bhsdqv](?:8|9|1[0-5])\b.*$", code, re.MULTILINE) == []
