# Frostnet: tests of lines that are typed at a console without echo
# MIT license; Copyright (c) 2026 The Frostnet authors

from net._terminal import Line


def typed(keys, end=b"\n"):
    """(lines, echo) of bytes that are typed."""
    line = Line(end)
    lines = []
    for c in keys:
        got = line.key(c)
        if got is not None:
            lines.append(got)
    return lines, bytes(line.echo)


def test_lines():
    assert typed(b"hello\rworld\r") == ([b"hello\n", b"world\n"], b"hello\nworld\n")
    assert typed(b"a\nb") == ([b"a\n"], b"a\nb")
    assert typed(b"\r\r") == ([b"\n", b"\n"], b"\n\n")
    # Terminals that send both for Enter
    assert typed(b"a\r\nb\r\n")[0] == [b"a\n", b"b\n"]
    assert typed(b"HELO\r", b"\r\n") == ([b"HELO\r\n"], b"HELO\n")


def test_corrections():
    assert typed(b"ab\x08c\x7fd\r") == ([b"ad\n"], b"ab\b \bc\b \bd\n")
    assert typed(b"\x08\x08a\r") == ([b"a\n"], b"a\n")
    assert typed(b"abc\x15d\r") == ([b"d\n"], b"abc" + b"\b \b" * 3 + b"d\n")
    # A character of UTF-8 is one, however many bytes it has
    assert typed("a\u00e9\u20ac\x08\x08b\r".encode())[0] == [b"ab\n"]


def test_end():
    # As a terminal's driver: only where a line begins is it the end
    assert typed(b"\x04") == ([b""], b"")
    assert typed(b"a\r\x04") == ([b"a\n", b""], b"a\n")
    assert typed(b"ab\x04\x04") == ([b"ab", b""], b"ab")


def test_keys_without_a_meaning():
    assert typed(b"a\x1b[Ab\x1bOPc\x1b[1;5Dd\x1bxe\x00\x01\x1a\r")[0] == [b"abcde\n"]
    assert typed(b"a\tb\x08\x08\r") == ([b"a\n"], b"a b\b \b\b \b\n")


def test_endless_lines():
    lines, echo = typed(b"x" * 5000 + b"\r")
    assert lines == [b"x" * 1024 + b"\n"] and echo.endswith(b"\a\n")
