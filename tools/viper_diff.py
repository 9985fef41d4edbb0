#!/usr/bin/env python3
# Frostnet: differential test of viper code, one emitter against another
# MIT license; Copyright (c) 2026 The Frostnet authors

"""Generate viper functions at random, run them under two MicroPythons, compare the results.

Every function is made from one seed, which is printed with a mismatch; the function that
mismatches is then shrunk to a small one. A run is a script that prints one line per function:
its result and a checksum of the memory that it wrote.
"""

import argparse
import pathlib
import random
import subprocess
import sys
import tempfile

_EDGES = sorted(
    {
        sign * (1 << k) + d
        for k in (0, 1, 2, 7, 8, 11, 12, 15, 16, 23, 24, 31, 32, 47, 48, 61)
        for d in (-1, 0, 1)
        for sign in (1, -1)
    }
)

# The memory that pointers point into: pointer arguments are its middle.
_HALF = 70000

_PRELUDE = """\
import micropython
M = bytearray({size})
for i in range({size}):
    M[i] = (i * 7 + (i >> 8)) & 255
SAVED = bytes(M)
@micropython.viper
def crc(p: ptr8, n: int) -> int:
    s = 0
    i = 0
    while i < n:
        s = (s * 31 + p[i]) & 0xFFFFFFFF
        i += 1
    return s
@micropython.viper
def middle(p: ptr8) -> int:
    return int(p) + {half}
def obj(a, b):
    return (a if isinstance(a, int) else len(a)) + b
def run(f, i):
    try:
        r = f(*ARGS[i], M)
    except Exception as e:
        r = repr(e)
    c = crc(M, {size})
    M[:] = SAVED
    print(i, r, c)
ARGS = {{}}
"""


class _Function:
    """One random viper function, as a list of statements (lists of source lines)."""

    def __init__(self, seed):
        self.rng = rng = random.Random(seed)
        self.seed = seed
        self.kinds = {"a": "int", "b": "int", "c": "uint", "d": "uint"}
        for i in range(rng.randrange(1, 9)):
            self.kinds["v%d" % i] = rng.choice(("int", "uint"))
        self.loops = 0
        self.args = [self._value("int"), self._value("int"), self._value("uint"), self._value("uint")]
        self.result = rng.choice(("int", "uint"))
        self.body = [self._statement(0) for _ in range(rng.choice((3, 6, 12, 30)))]
        self.last = self._expr(self.result, 3)

    def _value(self, kind):
        n = self.rng.choice(_EDGES) if self.rng.random() < 0.7 else self.rng.getrandbits(62)
        return abs(n) if kind == "uint" else n

    def _const(self, kind):
        n = self.rng.choice(_EDGES) if self.rng.random() < 0.6 else self.rng.randrange(-300, 300)
        return "uint(%d)" % abs(n) if kind == "uint" else "(%d)" % n

    def _load(self, depth):
        width, name = self.rng.choice(((1, "p"), (2, "q"), (4, "r")))
        if self.rng.random() < 0.3:
            name += "u"  # not aligned
        limit = (_HALF - 16) // width
        if self.rng.random() < 0.5:
            choices = (0, 1, 2, 31, 255, 256, 1023, 4095, 4096, 4097, limit - 1)
            index = self.rng.choice(choices) * self.rng.choice((1, 1, -1))
            index = "%d" % max(-limit + 1, min(limit - 1, index))
        else:
            index = "(%s & 0x%x)" % (self._expr("int", depth - 1), 0xFFF)
        return "%s[%s]" % (name, index)

    # `variable`: no constant here, lest the compiler fold constants into one that is too large.
    def _expr(self, kind, depth, variable=False):
        rng = self.rng
        choice = rng.random()
        if depth <= 0 or choice < 0.15:
            names = [n for n, k in self.kinds.items() if k == kind]
            if variable or rng.random() < 0.7:
                return rng.choice(names)
            return self._const(kind)
        if choice < 0.25:
            load = self._load(depth)
            return load if kind == "int" else "uint(%s)" % load
        if choice < 0.35:
            other = "uint" if kind == "int" else "int"
            return "%s(%s)" % (kind, self._expr(other, depth - 1))
        if choice < 0.42:
            return "(%s%s)" % (rng.choice("-~"), self._expr(kind, depth - 1, True))
        if choice < 0.48 and kind == "int":
            divisor = "((%s & 0xFFFF) | 1)" % self._expr("int", depth - 1)
            op = rng.choice(("//", "%"))
            return "((%s >> 3) %s %s)" % (self._expr("int", depth - 1), op, divisor)
        if choice < 0.51 and kind == "int":
            # through objects: what a call takes and gives fits a small int
            return "int(obj(%s >> 4, %s >> 5))" % (self._expr("int", 1), self._expr("int", 1))
        op = rng.choice(("+", "-", "*", "&", "|", "^", "<<", ">>"))
        left = self._expr(kind, depth - 1, True)
        if op in ("<<", ">>"):
            right = str(rng.randrange(64)) if rng.random() < 0.6 else "(%s & 63)" % self._expr("int", 1)
        else:
            right = self._expr(kind, depth - 1)
        return "(%s %s %s)" % (left, op, right)

    def _condition(self):
        rng = self.rng
        if rng.random() < 0.15:
            return self._expr(rng.choice(("int", "uint")), 2)
        kind = rng.choice(("int", "uint"))
        op = rng.choice(("<", "<=", ">", ">=", "==", "!="))
        return "%s %s %s" % (self._expr(kind, 2), op, self._expr(kind, 2))

    def _statement(self, depth):
        rng = self.rng
        choice = rng.random()
        if choice < 0.55 or depth > 2:
            name = rng.choice(list(self.kinds))
            return ["%s = %s" % (name, self._expr(self.kinds[name], 3))]
        if choice < 0.72:
            return ["%s = %s" % (self._load(2), self._expr(rng.choice(("int", "uint")), 2))]
        inner = [self._statement(depth + 1) for _ in range(rng.randrange(1, 4))]
        lines = ["    " + line for part in inner for line in part]
        if choice < 0.86:
            lines.insert(0, "if %s:" % self._condition())
            if rng.random() < 0.5:
                lines += ["else:"] + ["    " + line for line in self._statement(depth + 1)]
            return lines
        self.loops += 1
        counter = "n%d" % self.loops
        if rng.random() < 0.5:
            return ["for %s in range(%d):" % (counter, rng.randrange(1, 6))] + lines
        return (
            ["%s = %d" % (counter, rng.randrange(1, 6)), "while %s > 0:" % counter]
            + lines
            + ["    %s -= 1" % counter]
        )

    def source(self, index):
        lines = ["@micropython.viper", "def f%d(a: int, b: int, c: uint, d: uint, m) -> %s:" % (index, self.result)]
        lines += [
            "    p = ptr8(int(middle(m)))",
            "    q = ptr16(int(p))",
            "    r = ptr32(int(p))",
            "    pu = ptr8(int(p) + 1)",
            "    qu = ptr16(int(p) + 3)",
            "    ru = ptr32(int(p) - 5)",
        ]
        for name, kind in self.kinds.items():
            if name[0] == "v":
                lines.append("    %s = %s(%d)" % (name, kind, len(name) * 3))
        lines += ["    " + line for part in self.body for line in part]
        lines.append("    return %s" % self.last)
        lines.append("ARGS[%d] = %r" % (index, tuple(self.args)))
        lines.append("run(f%d, %d)" % (index, index))
        return "\n".join(lines) + "\n"


def script(functions):
    """Return the source of a script that runs the functions, numbered as given."""
    parts = [_PRELUDE.format(size=2 * _HALF, half=_HALF)]
    parts += [function.source(index) for index, function in functions]
    return "".join(parts)


def run(command, source, timeout=300):
    """Run the script and return its output lines by function number."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "viper_diff.py"
        path.write_text(source)
        done = subprocess.run(
            command + [str(path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout
        )
    lines = {}
    for line in done.stdout.decode(errors="replace").splitlines():
        head = line.split(" ", 1)[0]
        if head.isdigit():
            lines[int(head)] = line
    return lines, done.stdout.decode(errors="replace")[-500:]


def differs(commands, function):
    """Return the two outputs if this function alone differs, else None."""
    outputs = [run(command, script([(0, function)])) for command in commands]
    if outputs[0][0].get(0) != outputs[1][0].get(0):
        return [o[0].get(0, o[1]) for o in outputs]
    return None


def shrink(commands, function):
    """Drop statements while the outputs still differ."""
    again = True
    while again:
        again = False
        for i in range(len(function.body)):
            body = function.body
            function.body = body[:i] + body[i + 1 :]
            if differs(commands, function):
                again = True
                break
            function.body = body
    return function


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="seed of the first function")
    parser.add_argument("--count", type=int, default=2000, help="how many functions")
    parser.add_argument("--batch", type=int, default=50, help="functions per script")
    parser.add_argument("--reference", required=True, help="command that runs a script: the emitter to trust")
    parser.add_argument("--test", required=True, help="command that runs a script: the emitter to test")
    parser.add_argument("--show", action="store_true", help="print the scripts instead of running them")
    args = parser.parse_args()
    commands = [args.reference.split(), args.test.split()]
    ran = 0
    for start in range(args.seed, args.seed + args.count, args.batch):
        count = min(args.batch, args.seed + args.count - start)
        functions = [(i, _Function(start + i)) for i in range(count)]
        source = script(functions)
        if args.show:
            print(source)
            continue
        outputs = [run(command, source) for command in commands]
        for index, function in functions:
            want, got = (o[0].get(index) for o in outputs)
            if want is None:
                sys.exit("seed %d: the reference printed nothing: %s" % (function.seed, outputs[0][1]))
            ran += 1
            if want != got:
                print("seed %d differs\n  want %s\n  got  %s" % (function.seed, want, got))
                if differs(commands, function):
                    print(shrink(commands, function).source(0))
                else:
                    print("(not alone: the functions before it in its batch matter) " + outputs[1][1])
                sys.exit(1)
    print("%d functions gave the same results" % ran)


if __name__ == "__main__":
    main()
