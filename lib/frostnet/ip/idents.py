# Frostnet: identification of IPv4 datagrams
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 6864 §4: what is never fragmented carries 0; all else has a value that does not come again
# between the same two hosts while the datagram may be on its way. Counters do that. There are
# many, they start anywhere, and which of them serves which pair is a secret: nobody learns from
# his own what we send to others (RFC 7739 §3).

from array import array

from micropython import const

_COUNTERS = const(256)  # a power of 2
_SHIFT = const(18)
_KEY_BITS = const(28)  # a product of address and key stays a small int


class Idents:
    """The last identifications, in the low 16 bits of words of which each serves some pairs."""

    def __init__(self, rand):
        self._words = memoryview(array("I", [rand(16) for _ in range(_COUNTERS)]))
        self._k1 = rand(_KEY_BITS) | 1
        self._k2 = rand(_KEY_BITS) | 1

    def counter(self, src, dst):
        """Return a memoryview of the word for a pair; add 1 to it and use that."""
        i = (src * self._k1 + dst * self._k2) >> _SHIFT & (_COUNTERS - 1)
        return self._words[i : i + 1]
