# Frostnet: telnetd: the password, hashed, in a file
# MIT license; Copyright (c) 2026 The Frostnet authors

import binascii
import os

from micropython import const

from pbkdf2 import Pbkdf2

# /telnetd.password has one line: pbkdf2-sha256, iterations, salt and key, in hexadecimal.

PATH = "/telnetd.password"

LONGEST = const(128)  # bytes
_ITERATIONS = const(1000)
_ITERATIONS_MAX = const(100000)  # of a file: one that takes for ever is damaged
_KIND = "pbkdf2-sha256"
_ENOENT = const(2)

_NONE = "no password is set for telnetd: set one with net.telnetd(password=…)"
_DAMAGED = "%s is damaged: set the password again with net.telnetd(password=…)"


class Record:
    """What is kept of a password."""

    def __init__(self, iterations, salt, key):
        self._iterations = iterations
        self._salt = salt
        self._key = key

    def check(self, password):
        """Return a Check of `password`, bytes."""
        return Check(Pbkdf2(password, self._salt, self._iterations), self._key)

    def line(self):
        """Return the line of the file."""
        salt, key = [str(binascii.hexlify(part), "ascii") for part in (self._salt, self._key)]
        return "%s %d %s %s\n" % (_KIND, self._iterations, salt, key)


class Check:
    """The work that it takes to know whether a password is right."""

    def __init__(self, work, key):
        self._work = work
        self._key = key

    def step(self, n):
        """Do some of it, `n` iterations; true when it is done."""
        return self._work.step(n)

    def right(self):
        """Whether it was; in a time that does not depend on how much of the key is."""
        difference = 0
        for a, b in zip(self._work.digest(), self._key):
            difference |= a ^ b
        return difference == 0


def load():
    """Return the Record of the file; ValueError, with a sentence, if there is none."""
    try:
        with open(PATH) as file:
            words = file.read(512).split()
    except OSError as e:
        if e.errno != _ENOENT:
            raise
        raise ValueError(_NONE)
    except UnicodeError:
        words = ()
    try:
        kind, iterations, salt, key = words
        iterations, salt, key = int(iterations), binascii.unhexlify(salt), binascii.unhexlify(key)
    except ValueError:
        raise ValueError(_DAMAGED % PATH)
    if kind != _KIND or not 0 < iterations <= _ITERATIONS_MAX or not salt or len(key) != 32:
        raise ValueError(_DAMAGED % PATH)
    return Record(iterations, salt, key)


def save(text):
    """Keep a password, and return its Record; ValueError, OSError."""
    password = text.encode()
    if not 0 < len(password) <= LONGEST:
        raise ValueError("a password has 1 to %d bytes: choose another" % LONGEST)
    if any(c < 32 or c == 127 for c in password):
        raise ValueError("a password has no control characters: choose another")
    salt = os.urandom(16)
    work = Pbkdf2(password, salt, _ITERATIONS)
    work.step(_ITERATIONS)
    record = Record(_ITERATIONS, salt, work.digest())
    # The one before stays until the new one is complete.
    with open(PATH + ".part", "w") as file:
        file.write(record.line())
    os.rename(PATH + ".part", PATH)
    return record
