# Frostnet: tests of what the board's interpreter does without a call (ports/qemu_virt/vm_fast.h)
# MIT license; Copyright (c) 2026 The Frostnet authors

# tests/qemu/test_twins.py runs them on the board. Integers are held against MicroPython's long
# ones, whose code is another.

from array import array

_BIG = 1 << 100
NUMBERS = [0, 1, 2, 3, 5, 31, 62, 63, 64, 255, 0x3FFFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
NUMBERS += [1 << 32, 1 << 61, (1 << 61) - 1, (1 << 62) - 1, (1 << 62) - 2]
NUMBERS += [-n for n in NUMBERS] + [-(1 << 62)]


def raises(kind, fn):
    try:
        fn()
    except kind:
        return True
    return False


def long(n):
    return n + _BIG - _BIG


def test_arithmetic_equals_that_of_long_integers():
    for a in NUMBERS:
        for b in NUMBERS:
            c = long(a)
            d = long(b)
            assert a + b == c + d and a - b == c - d, (a, b)
            assert a & b == c & d and a | b == c | d and a ^ b == c ^ d, (a, b)
            e = f = g = h = i = a
            e += b
            f -= b
            g &= b
            h |= b
            i ^= b
            assert (e, f, g, h, i) == (c + d, c - d, c & d, c | d, c ^ d), (a, b)


def test_comparisons_equal_those_of_long_integers():
    for a in NUMBERS:
        for b in NUMBERS:
            c = long(a)
            d = long(b)
            got = (a < b, a > b, a == b, a <= b, a >= b, a != b)
            assert got == (c < d, c > d, c == d, c <= d, c >= d, c != d), (a, b)


def test_shifts_equal_those_of_long_integers():
    for a in NUMBERS:
        for n in range(130):
            assert a << n == long(a) << n and a >> n == long(a) >> n, (a, n)
            b = c = a
            b <<= n
            c >>= n
            assert (b, c) == (a << n, a >> n), (a, n)
        for n in (-1, -(1 << 40)):
            assert raises(ValueError, lambda: a << n) and raises(ValueError, lambda: a >> n)


def test_truth_asks_who_has_an_opinion():
    class Sized:
        def __len__(self):
            return 0

    class Doubtful:
        def __bool__(self):
            return False

    class Plain:
        pass

    false = (0, False, None, "", b"", (), [], {}, 0.0, Sized(), Doubtful(), long(0))
    true = (1, -1, True, " ", b"\0", (0,), [0], {0: 0}, 0.5, Plain(), Plain, len, long(1), ...)
    for thing in false:
        assert not thing
        assert (not thing) is True
    for thing in true:
        if thing:
            assert (not thing) is False
        else:
            raise AssertionError(thing)


def test_items_have_the_bounds_and_types_of_their_array():
    memory = bytearray(range(64))
    view = memoryview(memory)
    for i in range(64):
        assert memory[i] == view[i] == i
    for i in range(56):
        assert view[8:][i] == i + 8
    for thing in (
        memory,
        view,
        view[4:8],
        [1, 2],
        array("I", [1, 2]),
        array("b", [1]),
        array("H"),
    ):
        for i in (len(thing), -len(thing) - 1, 1 << 40, -(1 << 40)):
            assert raises(IndexError, lambda: thing[i]), (thing, i)
            try:
                thing[i] = 0
                raise AssertionError((thing, i))
            except IndexError:
                pass
    assert view[4:8][-1] == 7
    for typecode, top in (("B", 0xFF), ("H", 0xFFFF), ("I", 0xFFFFFFFF), ("Q", (1 << 64) - 1)):
        items = array(typecode, [0, top, 0])
        part = memoryview(items)[1:]
        assert items[1] == part[0] == top and items[-1] == part[-1] == 0
        items[0] = top
        part[1] = top - 1
        assert list(items) == [top, top, top - 1]
    signed = array("i", [-1, 5])
    signed[1] = -2
    assert signed[0] == -1 and signed[1] == -2
    floats = array("d", [0.5, 1])
    floats[1] = 2
    assert floats[0] == 0.5 and floats[1] == 2.0


def test_what_cannot_be_written_stays():
    def store(thing):
        thing[0] = 1

    for thing in (memoryview(b"abc"), memoryview(b"abc")[1:], b"abc", "abc", (1, 2)):
        assert raises(TypeError, lambda: store(thing)), thing
        assert thing[0] in (97, 98, "a", 1)


def test_attributes_come_from_the_object_then_its_class_then_its_bases():
    class Base:
        shared = 1

        def own(self):
            return "base"

        def inherited(self):
            return "inherited"

    class Derived(Base):
        def own(self):
            return "derived"

        @staticmethod
        def static():
            return "static"

        @classmethod
        def of_class(cls):
            return cls

        call = len

    x = Derived()
    for _ in range(3):
        assert x.own() == "derived" and x.inherited() == "inherited" and x.shared == 1
        assert x.static() == "static" and x.of_class() is Derived and x.call([1, 2]) == 2
    # What was not there before, and what is there no longer.
    x.own = lambda: "instance"
    x.shared = 2
    for _ in range(3):
        assert x.own() == "instance" and x.shared == 2 and Derived().shared == 1
    del x.own
    del x.shared
    assert x.own() == "derived" and x.shared == 1
    Derived.own = lambda self: "replaced"
    Base.inherited = 7
    assert x.own() == "replaced" and x.inherited == 7
    assert raises(AttributeError, lambda: x.nowhere) and raises(
        AttributeError, lambda: x.nowhere()
    )
    x.nowhere = 3
    assert x.nowhere == 3


def test_stores_go_where_the_class_says():
    class Guarded:
        def __init__(self):
            self._n = 0

        @property
        def n(self):
            return self._n

        @n.setter
        def n(self, value):
            self._n = value * 2

    class Plain:
        pass

    guarded = Guarded()
    plain = Plain()
    for i in range(3):
        plain.n = i
        guarded.n = i
        assert plain.n == i and guarded.n == 2 * i
    for thing in (5, "text", None, len):
        assert raises(AttributeError, lambda: setattr(thing, "n", 1)), thing
        try:
            thing.n = 1
            raise AssertionError(thing)
        except AttributeError:
            pass


def test_names_of_modules_change():
    names = {}
    exec("n = 1\ndef read():\n    return n\ndef size():\n    return len('ab')", names)
    for i in range(3):
        assert names["read"]() == i + 1
        names["n"] += 1
    del names["n"]
    assert raises(NameError, names["read"])
    assert names["size"]() == 2
    names["len"] = lambda thing: -1
    assert names["size"]() == -1
    del names["len"]
    assert names["size"]() == 2
