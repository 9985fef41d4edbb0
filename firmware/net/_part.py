# Frostnet: what stays of a download that was broken off, to go on from, for net.wget
# MIT license; Copyright (c) 2026 The Frostnet authors

# Beside NAME.part lies NAME.part.tag, which says what it is the beginning of: three lines, the
# URL, how the server names this version (http.partial.validator), and the size of the whole, "?"
# if nobody said. Without it, or with another URL, a part is worth nothing: it might be of a file
# that has changed since.

import os

from filetools import remove_quietly
from micropython import const
from net._sink import File

_MAX = const(8192)  # characters of a tag


class Part:
    """The part of `url` that is at `path`: `offset` bytes, 0 if it is good for nothing, the
    `validator` of what it is the beginning of, and `total`, the size of that, or `None`."""

    def __init__(self, path, url):
        self.path = path
        self.url = str(url)
        self._part = path + ".part"
        self._tag = path + ".part.tag"
        self.offset = 0
        self.validator = self.total = None
        try:
            with open(self._tag) as file:
                lines = file.read(_MAX).split("\n")
            if len(lines) == 4 and lines[0] == self.url and lines[1]:
                total = None if lines[2] == "?" else int(lines[2])
                self.offset = os.stat(self._part)[6]
                self.validator = lines[1]
                self.total = total
        except (OSError, ValueError):  # UnicodeError is a ValueError
            self.offset = 0

    def sink(self, length):
        """Return the File that goes on behind the part, for `length` more bytes; NetError."""
        return _Kept(self.path, length, "ab", self._tag)

    def anew(self, validator, length):
        """Return the File that begins with the first byte; NetError.

        What comes is only kept on an error if the server names it, by `validator`.
        """
        self.offset = 0
        sink = _Kept(self.path, length, "wb", self._tag)
        if not validator:
            sink.keep = False
            return sink
        try:
            with open(self._tag, "w") as file:
                total = "?" if length is None else length
                file.write("%s\n%s\n%s\n" % (self.url, validator, total))
        except OSError as e:
            sink.keep = False
            sink.close()
            raise sink.explain(e)
        return sink

    def forget(self):
        """It is good for nothing."""
        self.offset = 0
        remove_quietly(self._tag)
        remove_quietly(self._part)


class _Kept(File):
    """A file of which what is there stays when the rest does not come."""

    def __init__(self, path, length, mode, tag):
        self.keep = True
        self._tag = tag
        super().__init__(path, length, mode)

    def finish(self):
        path = super().finish()
        remove_quietly(self._tag)
        return path

    def _discard(self):
        if not self.keep:
            super()._discard()
            remove_quietly(self._tag)
