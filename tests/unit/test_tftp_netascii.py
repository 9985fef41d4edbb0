# Frostnet: tests of TFTP's netascii
# MIT license; Copyright (c) 2026 The Frostnet authors

import io
import random

from tftp.netascii import Decoder, Encoder

# RFC 764: the end of a line is CR LF, a CR that means itself CR NUL.
PAIRS = (
    (b"", b""),
    (b"a\nb\n", b"a\r\nb\r\n"),
    (b"\r", b"\r\0"),
    (b"\r\n", b"\r\0\r\n"),
    (b"\n\n\r\r", b"\r\n\r\n\r\0\r\0"),
)


def encode(data, step):
    encoder = Encoder(io.BytesIO(data).readinto)
    out = b""
    buf = bytearray(step)
    while True:
        n = encoder.readinto(buf)
        if not n:
            return out
        out += buf[:n]


def decode(data, step):
    out = io.BytesIO()
    decoder = Decoder(out.write)
    for at in range(0, len(data), step):
        decoder.write(data[at : at + step])
    decoder.finish()
    return out.getvalue()


def test_both_ways_in_pieces():
    for step in (1, 2, 3, 512):
        for plain, wire in PAIRS:
            assert encode(plain, step) == wire and decode(wire, step) == plain
    random.seed(4)
    for _ in range(30):
        data = bytes([random.choice(b"\r\n\0ab") for _ in range(random.randrange(700))])
        assert decode(encode(data, 37), 41) == data


def test_what_breaks_the_rules_is_kept():
    assert decode(b"a\rb\r", 1) == b"a\rb\r" and decode(b"a\nb", 2) == b"a\nb"
    assert decode(b"\r\r\n", 1) == b"\r\n"
