# Frostnet: the progress line of net.wget
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

_EVERY = const(200000)  # µs between updates: more would only slow the console down
_WIDTH = const(72)


def size_text(n):
    """Return a number of bytes for people: "950 B", "4.2 MB"."""
    if n < 1000:
        return "%d B" % n
    for unit in ("kB", "MB", "GB"):
        n /= 1000
        if n < 999.95:
            break
    return "%.1f %s" % (n, unit)


class Progress:
    """One line that is written over: what, how much of how much, how fast."""

    def __init__(self, clock, name, total):
        self._clock = clock
        self._name = name
        self._total = total
        self._started = self._shown = clock()
        self._width = 0  # of what is on the line

    def expect(self, total):
        """There will be `total` bytes."""
        self._total = total

    def update(self, done):
        """`done` bytes are here; prints at most five times a second."""
        now = self._clock()
        if now - self._shown < _EVERY:
            return
        self._shown = now
        text = "%s  %s" % (self._name, size_text(done))
        total = self._total
        if total:
            text += " of %s  %d%%" % (size_text(total), done * 100 // total)
        text += "  %s/s" % size_text(done * 1000000 / (now - self._started))
        self._print(text)

    def end(self):
        """Clear the line."""
        if self._width:
            self._print("")
            print("\r", end="")

    def _print(self, text):
        text = text[:_WIDTH]
        print("\r" + text + " " * (self._width - len(text)), end="")
        self._width = len(text)
