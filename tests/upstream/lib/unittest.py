# Frostnet: the part of unittest that MicroPython's own tests use
# MIT license; Copyright (c) 2026 The Frostnet authors

# MicroPython's source package comes without micropython-lib's unittest; run-tests.py needs the
# module on the board and reads the summary that main() prints.

import sys


class SkipTest(Exception):
    pass


class _Raises:
    def __init__(self, expected):
        self.expected = expected
        self.exception = None

    def __enter__(self):
        return self

    def __exit__(self, kind, value, tb):
        self.exception = value
        if kind is None:
            raise AssertionError("%r not raised" % self.expected)
        return issubclass(kind, self.expected)


class _SubTest:
    def __enter__(self):
        pass

    def __exit__(self, kind, value, tb):
        return False


class TestCase:
    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        pass

    def tearDown(self):
        pass

    def subTest(self, msg=None, **params):
        return _SubTest()

    def skipTest(self, reason):
        raise SkipTest(reason)

    def fail(self, msg=None):
        raise AssertionError(msg)

    def assertTrue(self, x, msg=None):
        if not x:
            self.fail(msg or "%r is not true" % (x,))

    def assertFalse(self, x, msg=None):
        self.assertTrue(not x, msg or "%r is not false" % (x,))

    def assertEqual(self, x, y, msg=None):
        self.assertTrue(x == y, msg or "%r vs (expected) %r" % (x, y))

    def assertNotEqual(self, x, y, msg=None):
        self.assertTrue(x != y, msg or "%r equals %r" % (x, y))

    def assertLessEqual(self, x, y, msg=None):
        self.assertTrue(x <= y, msg or "%r is not <= %r" % (x, y))

    def assertGreaterEqual(self, x, y, msg=None):
        self.assertTrue(x >= y, msg or "%r is not >= %r" % (x, y))

    def assertIs(self, x, y, msg=None):
        self.assertTrue(x is y, msg or "%r is not %r" % (x, y))

    def assertIsNone(self, x, msg=None):
        self.assertTrue(x is None, msg or "%r is not None" % (x,))

    def assertIsNotNone(self, x, msg=None):
        self.assertTrue(x is not None, msg or "is None")

    def assertIn(self, x, y, msg=None):
        self.assertTrue(x in y, msg or "%r not in %r" % (x, y))

    def assertIsInstance(self, x, y, msg=None):
        self.assertTrue(isinstance(x, y), msg or "%r is not a %r" % (x, y))

    def assertRaises(self, expected, func=None, *args, **kwargs):
        context = _Raises(expected)
        if func is None:
            return context
        with context:
            func(*args, **kwargs)


def skip(reason):
    def decorate(obj):
        if isinstance(obj, type):
            obj._skip = reason
            return obj

        def skipped(self):
            raise SkipTest(reason)

        return skipped

    return decorate


def skipIf(condition, reason):
    return skip(reason) if condition else lambda obj: obj


def skipUnless(condition, reason):
    return skipIf(not condition, reason)


def main(module="__main__"):
    counts = {"ran": 0, "skipped": 0, "failures": 0, "errors": 0}
    names = __import__(module).__dict__
    for cls in list(names.values()):
        if not (isinstance(cls, type) and issubclass(cls, TestCase) and cls is not TestCase):
            continue
        case = cls()
        cls.setUpClass()
        for name in sorted(dir(case)):
            if name.startswith("test"):
                _run(case, name, counts)
        cls.tearDownClass()
    print("-" * 70)
    print("Ran %d tests\n" % counts["ran"])
    if counts["failures"] or counts["errors"]:
        print("FAILED (failures=%d, errors=%d)" % (counts["failures"], counts["errors"]))
    elif counts["skipped"]:
        print("OK (skipped=%d)" % counts["skipped"])
    else:
        print("OK")


def _run(case, name, counts):
    result = "ok"
    counts["ran"] += 1
    try:
        if getattr(case, "_skip", None):
            raise SkipTest(case._skip)
        case.setUp()
        try:
            getattr(case, name)()
        finally:
            case.tearDown()
    except SkipTest as e:
        result = "skipped: %s" % (e.args[0],)
        counts["skipped"] += 1
    except AssertionError as e:
        result = "FAIL"
        counts["failures"] += 1
        sys.print_exception(e)
    except Exception as e:
        result = "ERROR"
        counts["errors"] += 1
        sys.print_exception(e)
    print(name, "...", result)
