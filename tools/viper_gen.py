# Frostnet: viper functions made at random, for tools/viper_diff.py
# MIT license; Copyright (c) 2026 The Frostnet authors
"""A `Function` is a tree of statements that its seed decides. Statements are source lines, or
lists of blocks (header, statements): a shrinker may drop any of them."""

import random

# Offsets reach this far to both sides of what pointers point to.
HALF = 70000


def edges(bits):
    """Numbers beside the powers of two that encodings and types care about."""
    powers = (0, 1, 2, 7, 8, 11, 12, 15, 16, 23, 24, 31, 32, 47, 48, 61, 62, 63, 64)
    near = {
        sign * (1 << k) + d for k in powers if k <= bits for d in (-1, 0, 1) for sign in (1, -1)
    }
    return sorted(near)


# Literals must be small ints; arguments may be anything that 64 bits hold.
LITERALS = [n for n in edges(61) if abs(n) < 1 << 61]
INTS = [n for n in edges(63) if -(1 << 63) <= n < 1 << 63]
UINTS = [n for n in edges(64) if 0 <= n < 1 << 64]

PRELUDE = f"""\
import micropython
M = bytearray({2 * HALF})
for i in range({2 * HALF}):
    M[i] = (i * 7 + (i >> 8)) & 255
SAVED = bytes(M)
@micropython.viper
def crc(p: ptr32, n: int) -> int:
    s = 0
    i = 0
    while i < n:
        s = (s * 31 + p[i]) & 0xFFFFFFFF
        i += 1
    return s
@micropython.viper
def middle(p: ptr8) -> int:
    return int(p) + {HALF}
def obj(a, b):
    return (a if isinstance(a, int) else len(a)) + b
def run(i, f, *args):
    try:
        r = f(*args)
    except Exception as e:
        r = repr(e)
    print(i, r, crc(M, {2 * HALF // 4}))
    M[:] = SAVED
"""

POINTERS = """\
p = ptr8(int(middle(m)))
q = ptr16(int(p))
r = ptr32(int(p))
pu = ptr8(int(p) + 1)
qu = ptr16(int(p) + 3)
ru = ptr32(int(p) - 5)
one = 1"""


def indent(lines):
    return ["    " + line for line in lines]


class Function:
    """The random viper function of one seed."""

    def __init__(self, seed, statements=None):
        self.seed = seed
        self.rng = rng = random.Random(seed)
        self.args = {name: rng.choice(("int", "uint")) for name in "abcdefgh"[: rng.randrange(9)]}
        self.kinds = dict(self.args)
        self.start = []
        for i in range(rng.randrange(2, 9)):
            kind = ("int", "uint")[i] if i < 2 else rng.choice(("int", "uint", "bool"))
            self.kinds[f"v{i}"] = kind
            self.start.append(f"v{i} = {kind}({rng.randrange(2)})")
        self.values = [self.value(kind) for kind in self.args.values()]
        self.closure = rng.random() < 0.15
        # Without a handler locals live in registers.
        self.handlers = rng.random() < 0.2
        self.loops = 0
        self.result = rng.choice(("int", "uint", "bool"))
        size = statements or rng.choice((3, 6, 12, 30))
        self.body = [part for _ in range(size) for part in self.statement(0)]
        self.last = self.expr(self.result, 3)

    def value(self, kind):
        rng = self.rng
        if rng.random() < 0.7:
            return rng.choice(INTS if kind == "int" else UINTS)
        return rng.getrandbits(64) - (1 << 63 if kind == "int" else 0)

    def literal(self, kind):
        rng = self.rng
        if rng.random() < 0.2:
            # Beyond small ints: the shift keeps the compiler from folding.
            text = f"((one << {rng.randrange(60, 64)}) + ({rng.choice((-2, -1, 0, 1, 255))}))"
            return text if kind == "int" else f"uint({text})"
        n = rng.choice(LITERALS) if rng.random() < 0.6 else rng.randrange(-300, 300)
        return f"uint({abs(n)})" if kind == "uint" else f"({n})"

    def memory(self, depth):
        """A place in memory: aligned or not, near or far, at a fixed offset or a variable one."""
        rng = self.rng
        width, name = rng.choice(((1, "p"), (2, "q"), (4, "r")))
        name += rng.choice(("", "", "u"))
        limit = (HALF - 16) // width
        if rng.random() < 0.5:
            index = rng.choice((0, 1, 2, 31, 63, 64, 255, 256, 1023, 4095, 4096, 4097, limit))
            return f"{name}[{min(index, limit) * rng.choice((1, 1, -1))}]"
        sign = rng.choice(("", "", "-"))
        return f"{name}[{sign}({self.expr('int', depth - 1)} & {rng.choice((7, 0xFFF, 0x3FFF))})]"

    def name(self, kind):
        names = [n for n, k in self.kinds.items() if k == kind]
        return self.rng.choice(names) if names else None

    # `variable`: no literal here, lest the compiler fold literals into a number too large.
    def expr(self, kind, depth, variable=False):
        rng = self.rng
        if kind == "bool":
            name = self.name("bool")
            return name if name and rng.random() < 0.3 else f"({self.comparison(depth)})"
        choice = rng.random()
        if depth <= 0 or choice < 0.15:
            return self.name(kind) if variable or rng.random() < 0.7 else self.literal(kind)
        if choice < 0.25:
            load = self.memory(depth)
            return load if kind == "int" else f"uint({load})"
        if choice < 0.35:
            other = rng.choice(("uint" if kind == "int" else "int", "bool"))
            return f"{kind}({self.expr(other, depth - 1)})"
        if choice < 0.42:
            return f"({rng.choice('-~')}{self.expr(kind, depth - 1, True)})"
        if choice < 0.45:
            one, two = (self.expr(kind, depth - 1) for _ in "12")
            return f"({one} if {self.condition()} else {two})"
        if choice < 0.5 and kind == "int":
            divisor = f"(({self.expr('int', depth - 1)} & 0xFFFF) | 1)"
            return (
                f"(({self.expr('int', depth - 1, True)} >> 3) {rng.choice(('//', '%'))} {divisor})"
            )
        if choice < 0.53 and kind == "int":
            # By way of an object: what obj() adds must fit a small int.
            return f"int(obj({self.expr('int', 1)} >> 4, {self.expr('int', 1)} >> 5))"
        if choice < 0.55 and kind == "int" and self.closure:
            return "int(cell)"
        op = rng.choice(("+", "-", "*", "&", "|", "^", "<<", ">>"))
        left = self.expr(kind, depth - 1, True)
        if op not in ("<<", ">>"):
            right = self.expr(kind, depth - 1)
        elif rng.random() < 0.6:
            right = rng.choice((0, 1, 7, 8, 15, 16, 31, 32, 33, 61, 62, 63))
        else:
            right = f"({self.expr('int', 1)} & 63)"
        return f"({left} {op} {right})"

    def comparison(self, depth=2):
        kind = self.rng.choice(("int", "uint"))
        op = self.rng.choice(("<", "<=", ">", ">=", "==", "!="))
        # Equal sides are rare among random numbers.
        left = self.expr(kind, depth - 1)
        right = left if self.rng.random() < 0.1 else self.expr(kind, depth - 1)
        return f"{left} {op} {right}"

    def condition(self):
        choice = self.rng.random()
        if choice < 0.15:
            return self.expr(self.rng.choice(("int", "uint", "bool")), 2)
        if choice < 0.25:
            word = self.rng.choice(("and", "or", "and not"))
            return f"{self.comparison()} {word} {self.comparison()}"
        return self.comparison()

    def statements(self, depth, loop):
        return [
            part for _ in range(self.rng.randrange(1, 4)) for part in self.statement(depth, loop)
        ]

    def statement(self, depth, loop=False):
        """A list of one statement, or of several that belong together."""
        rng = self.rng
        choice = rng.random()
        if choice < 0.5 or depth > 2:
            name = rng.choice(list(self.kinds))
            return [f"{name} = {self.expr(self.kinds[name], 3)}"]
        if choice < 0.68:
            return [f"{self.memory(2)} = {self.expr(rng.choice(('int', 'uint')), 2)}"]
        if choice < 0.71 and loop:
            word = rng.choice(("break", "continue"))
            return [[(f"if {self.condition()}:", [word])]]
        if choice < 0.73:
            return [[(f"if {self.condition()}:", [f"return {self.expr(self.result, 2)}"])]]
        if choice < 0.75 and self.closure:
            return [f"cell = obj({self.expr('int', 1)} >> 8, 3)"]
        if choice < 0.8 and self.handlers:
            return [self.handler(depth, loop)]
        body = self.statements(depth + 1, loop)
        if choice < 0.9:
            blocks = [(f"if {self.condition()}:", body)]
            if rng.random() < 0.5:
                blocks.append(("else:", self.statements(depth + 1, loop)))
            return [blocks]
        return self.loop(depth)

    def handler(self, depth, loop):
        inner = self.statements(depth + 1, loop)
        error = self.rng.choice(("ValueError", "KeyError"))
        inner.append([(f"if {self.condition()}:", [f"raise {error}({self.name('int')} >> 9)"])])
        inner += self.statements(depth + 1, loop)
        blocks = [("try:", inner)]
        if self.rng.random() < 0.7:
            blocks.append(("except ValueError:", self.statements(depth + 1, loop)))
        if len(blocks) == 1 or self.rng.random() < 0.3:
            # No break or continue here: MicroPython's compiler refuses it.
            blocks.append(("finally:", self.statements(depth + 1, False)))
        return blocks

    def loop(self, depth):
        self.loops += 1
        counter, times = f"n{self.loops}", self.rng.randrange(1, 6)
        body = self.statements(depth + 1, True)
        if self.rng.random() < 0.5:
            low = self.rng.choice((0, -3, 250))
            step = self.rng.choice((1, 2, -1))
            numbers = f"{low}, {low + times * step}, {step}"
            return [[(f"for {counter} in range({numbers}):", body)]]
        head = f"while {counter} > 0:"
        return [f"{counter} = {times}", [(head, [f"{counter} -= 1", *body])]]

    def render(self, statements):
        lines = []
        for part in statements:
            for head, body in [(part, None)] if isinstance(part, str) else part:
                lines.append(head)
                if body is not None:
                    lines += indent(self.render(body) or ["pass"])
        return lines

    def source(self, index):
        """The function, and a call that prints its number, its result and the memory's sum."""
        args = "".join(f", {name}: {kind}" for name, kind in self.args.items())
        lines = ["@micropython.viper", f"def f(m{args}) -> {self.result}:"]
        if self.closure:
            lines.append("    nonlocal cell")
        lines += indent(POINTERS.splitlines() + self.start + self.render(self.body))
        lines.append(f"    return {self.last}")
        if self.closure:
            lines = ["def make(cell):", *indent(lines), "    return f", "f = make(77)"]
        values = "".join(f", {value}" for value in self.values)
        return "\n".join([*lines, f"run({index}, f, M{values})"]) + "\n"
