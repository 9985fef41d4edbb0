# Frostnet: what is on iperf3's control connection: cookies, and JSON behind its length
# MIT license; Copyright (c) 2026 The Frostnet authors

import json
import struct

from micropython import const

COOKIE_SIZE = const(37)  # of the text and the NUL behind it
LENGTH_SIZE = const(4)
ERROR_SIZE = const(8)

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def cookie(rand):
    """Return a new cookie; `rand(bits)` returns random ints."""
    return "".join([_ALPHABET[rand(5)] for _ in range(COOKIE_SIZE - 1)]).encode() + b"\0"


def pack(value):
    """Return `value` as JSON behind its length."""
    text = json.dumps(value).encode()
    return struct.pack(">I", len(text)) + text


def length(data):
    """Return how many bytes of JSON follow these LENGTH_SIZE bytes."""
    return struct.unpack(">I", data)[0]


def unpack(data):
    """Return the object that is in bytes of JSON; ValueError if there is none."""
    value = json.loads(data)
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def pack_error(code, errno=0):
    """Return what follows SERVER_ERROR."""
    return struct.pack(">ii", code, errno)


def unpack_error(data):
    """Return (code, errno) of it."""
    return struct.unpack(">ii", data)


def integer(value, key, low, high, default=None):
    """Return value[key], a number from `low` to `high`, as an int; ValueError. Without a `default`
    it has to be there."""
    number = value.get(key, default)
    # Numbers with a fraction, and true, come from other implementations; inf from 1e999.
    if not isinstance(number, (int, float)):
        raise ValueError(key)
    try:
        number = int(number)
    except OverflowError:
        raise ValueError(key)
    if not low <= number <= high:
        raise ValueError(key)
    return number
