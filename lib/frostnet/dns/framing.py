# Frostnet: DNS messages in a stream of bytes
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 7766 §8: two bytes of length stand in front of each message.


class Framer:
    """Finds messages in what arrives, however it is cut."""

    def __init__(self):
        self._have = bytearray(2)
        self._n = 0  # bytes received of what is awaited
        self._body = False  # the length was read

    def wanted(self):
        """Return how many bytes to give to `feed` at most; never 0."""
        return len(self._have) - self._n

    def feed(self, data, n):
        """Take the first `n` bytes of `data`; return a message, or `None` while it is not whole.

        ValueError for more than was wanted, and for a message without contents.
        """
        if not 0 <= n <= len(self._have) - self._n:
            raise ValueError("more than was wanted")
        self._have[self._n : self._n + n] = data[:n]
        self._n += n
        if self._n < len(self._have):
            return None
        have = self._have
        self._n = 0
        if self._body:
            self._body = False
            self._have = bytearray(2)
            return have
        length = have[0] << 8 | have[1]
        if not length:
            raise ValueError("message without contents")
        self._body = True
        self._have = bytearray(length)
        return None


def frame(message):
    """Return a message as it is sent in a stream."""
    return len(message).to_bytes(2, "big") + message
