# Frostnet: tests of PBKDF2
# MIT license; Copyright (c) 2026 The Frostnet authors

import binascii

from pbkdf2 import Pbkdf2


def derive(password, salt, iterations, piece=1000):
    work = Pbkdf2(password, salt, iterations)
    steps = 1
    while not work.step(piece):
        steps += 1
    return str(binascii.hexlify(work.digest()), "ascii"), steps


# RFC 6070's inputs with SHA-256 as RFC 7914 §11 has them, and others that are widely known.
def test_vectors():
    assert derive(b"password", b"salt", 1)[0] == (
        "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"
    )
    assert derive(b"password", b"salt", 2)[0] == (
        "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"
    )
    assert derive(b"password", b"salt", 4096)[0] == (
        "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"
    )
    assert derive(b"passwd", b"salt", 1)[0] == (
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
    )


def test_pieces_make_no_difference():
    whole, _ = derive(b"x", b"y", 100)
    for piece in (1, 7, 99, 100, 500):
        key, steps = derive(b"x", b"y", 100, piece)
        assert key == whole and steps == max(1, -(-99 // piece))


# RFC 2104 §2: a key that is longer than a block is hashed first.
def test_long_passwords():
    from hashlib import sha256

    assert derive(b"a" * 65, b"s", 3) == derive(sha256(b"a" * 65).digest(), b"s", 3)
    assert derive(b"a" * 64, b"s", 3) != derive(sha256(b"a" * 64).digest(), b"s", 3)
