# Frostnet: tests of DNS messages in a stream
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.dns.framing import Framer, frame


def feed(framer, data, piece):
    found = []
    at = 0
    while at < len(data):
        n = min(piece, framer.wanted(), len(data) - at)
        assert n > 0
        message = framer.feed(memoryview(data)[at:], n)
        at += n
        if message is not None:
            found.append(bytes(message))
    return found


def test_cut_anywhere():
    # RFC 7766 §8: length and message may come in any number of segments
    messages = [b"a", b"x" * 255, bytes(range(256)) * 2, b"y" * 65535]
    stream = b"".join(frame(m) for m in messages)
    for piece in (1, 2, 3, 100, 70000):
        assert feed(Framer(), stream, piece) == messages, piece


def test_half_a_message_is_none():
    framer = Framer()
    assert feed(framer, frame(b"hello")[:-1], 100) == []
    assert framer.wanted() == 1
    assert feed(framer, b"o", 1) == [b"hello"]


def test_what_is_no_message():
    framer = Framer()
    for n in (3, -1):
        try:
            framer.feed(b"abcd", n)
            assert False
        except ValueError:
            pass
    try:
        feed(framer, b"\0\0", 2)
        assert False
    except ValueError:
        pass
