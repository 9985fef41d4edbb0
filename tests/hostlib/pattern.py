# Frostnet: bulk data that both ends can make
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Bulk data that both ends can make: a block of odd length, repeated, so that no offset in it
coincides with a segment, a window or a buffer, and a lost or doubled piece changes the hash."""

import hashlib

BLOCK_SIZE = 16381


def block():
    data = b"".join(hashlib.sha256(i.to_bytes(4, "little")).digest() for i in range(512))
    return data[:BLOCK_SIZE]


def data(size):
    """`size` bytes of the pattern."""
    piece = block()
    return (piece * (size // len(piece) + 1))[:size]


def sha256(size):
    """Hash of `size` bytes of the pattern, as hex."""
    return hashlib.sha256(data(size)).hexdigest()
