# Frostnet: PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2, RFC 2104), in pieces
# MIT license; Copyright (c) 2026 The Frostnet authors

from hashlib import sha256

from micropython import const

_BLOCK = const(64)  # bytes that SHA-256 works on


def _padded(key, pad):
    return bytes([c ^ pad for c in key + bytes(_BLOCK - len(key))])


class Pbkdf2:
    """The first block, 32 bytes, of a key: `step()` until it is done, then `digest()`."""

    def __init__(self, password, salt, iterations):
        if len(password) > _BLOCK:
            password = sha256(password).digest()
        self._inner = _padded(password, 0x36)
        self._outer = _padded(password, 0x5C)
        self._left = iterations - 1
        self._u = self._hmac(salt + b"\0\0\0\1")
        self._t = int.from_bytes(self._u, "big")

    def _hmac(self, data):
        return sha256(self._outer + sha256(self._inner + data).digest()).digest()

    def step(self, n):
        """Do up to `n` iterations; true when all are done."""
        n = min(n, self._left)
        self._left -= n
        for _ in range(n):
            self._u = u = self._hmac(self._u)
            self._t ^= int.from_bytes(u, "big")
        return not self._left

    def digest(self):
        """Return the key."""
        return self._t.to_bytes(32, "big")
