# Frostnet: the progress line of commands that move files
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

_EVERY = const(200000)  # µs between updates: more would only slow the console down
_WIDTH = const(72)
_NAME = const(24)  # characters of the name, its last ones
_BAR = const(16)
_SMOOTH = const(8)  # updates that the rate is smoothed over
_LONGEST = const(360000)  # s left that are worth telling: 100 hours


def size_text(n):
    """Return a number of bytes for people: "950 B", "4.2 MB"."""
    if n < 1000:
        return "%d B" % n
    for unit in ("kB", "MB", "GB"):
        n /= 1000
        if n < 999.95:
            break
    return "%.1f %s" % (n, unit)


def time_text(seconds):
    """Return a time for people: "5s", "1m 05s", "2h 03m"."""
    seconds = int(seconds)
    if seconds < 60:
        return "%ds" % seconds
    if seconds < 3600:
        return "%dm %02ds" % (seconds // 60, seconds % 60)
    return "%dh %02dm" % (seconds // 3600, seconds // 60 % 60)


class Progress:
    """One line that is written over: what, a bar, how much, how fast, how long it will take.

    `total` is how many bytes there will be, `None` if nobody knows; `done` those that were there
    before. The rate is that of the last seconds.
    """

    def __init__(self, clock, name, total, done=0):
        self._clock = clock
        self._name = name[-_NAME:]
        self._total = total
        self._shown = clock()
        self._done = done  # at that time
        self._rate = 0  # bytes per second
        self._width = 0  # of what is on the line

    def expect(self, total):
        """There will be `total` bytes."""
        self._total = total

    def update(self, done):
        """`done` bytes are here; prints at most five times a second."""
        now = self._clock()
        if now - self._shown < _EVERY:
            return
        rate = (done - self._done) * 1000000 / (now - self._shown)
        self._rate += (rate - self._rate) / (_SMOOTH if self._width else 1)
        self._shown = now
        self._done = done
        self._print(self._text(done, self._total))

    def end(self):
        """Clear the line."""
        if self._width:
            self._print("")
            print("\r", end="")

    def _text(self, done, total):
        text = self._name
        rate = self._rate
        if total and done <= total:
            filled = done * _BAR // total
            bar = ("=" * filled + ">")[:_BAR]
            text += " %3d%% [%s%s]" % (done * 100 // total, bar, " " * (_BAR - len(bar)))
        text += " %s %s/s" % (size_text(done), size_text(rate))
        if total and done <= total and rate > 0:
            left = (total - done) / rate
            if left < _LONGEST:
                text += " eta " + time_text(left + 0.5)
        return text

    def _print(self, text):
        text = text[:_WIDTH]
        print("\r" + text + " " * (self._width - len(text)), end="")
        self._width = len(text)
