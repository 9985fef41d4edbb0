# Frostnet: where net.wget puts what it loads
# MIT license; Copyright (c) 2026 The Frostnet authors

# A sink has `write(view)`; `finish()` when all is there, which returns the path or None; and
# `close()` at the end in any case. `gather` asks for full buffers.

import gc
import os
import sys

from micropython import const

from filetools import close_quietly, is_directory, remove_quietly, replace
from net._error import EINVAL, ENOENT, ENOMEM, ENOSPC, NetError
from net._progress import size_text

_MARGIN = const(65536)  # bytes of heap that must stay free


def open_sink(dest, callback, name, length):
    """Return the sink for the arguments `dest` and `callback` of a command.

    `name` is that of a file in the directory `dest`; `length` the size of what comes, or `None`.
    NetError if there is no room for it.
    """
    if callback:
        return Stream(callback)
    if dest is None:
        return Memory(length)
    if dest == "-":
        return Console()
    if isinstance(dest, str):
        return File(path_of(dest, name), length)
    check_dest(dest)
    return Stream(dest.write)


def check_dest(dest):
    """NetError if nothing can be put there."""
    if dest is not None and not isinstance(dest, str) and not hasattr(dest, "write"):
        text = 'it goes into a file ("/big.bin"), a directory ("/"), "-", or a stream to write to'
        raise NetError(EINVAL, text)


def path_of(dest, name):
    """Return the path of the file `dest`, or of `name` in the directory `dest`."""
    if dest.endswith("/") or is_directory(dest):
        return dest.rstrip("/") + "/" + (name or "index.html")
    return dest


class Stream:
    """A function, or the method of a stream, that takes each piece."""

    gather = False

    def __init__(self, write):
        self.name = "loading"
        self.write = write

    def finish(self):
        return None

    def close(self):
        pass


class Console(Stream):
    """The console, byte for byte where it can."""

    def __init__(self):
        out = getattr(sys.stdout, "buffer", None)
        super().__init__(out.write if out else self._print)

    def _print(self, view):
        sys.stdout.write(bytes(view).decode())


class Memory(Stream):
    """The heap: `data()` is everything that came."""

    def __init__(self, length):
        super().__init__(self._append)
        self._pieces = []
        if length is not None:
            gc.collect()
            if 2 * length > gc.mem_free() - _MARGIN:  # in pieces, and joined
                text = "%s do not fit into memory: give a file name to load into"
                raise NetError(ENOMEM, text % size_text(length))

    def _append(self, view):
        self._pieces.append(bytes(view))

    def data(self):
        return b"".join(self._pieces)


class File:
    """A file that appears when it is complete: until then it is called `path`.part."""

    gather = True

    def __init__(self, path, length, mode="wb"):
        self.name = path
        self._part = path + ".part"
        self._file = None
        if mode == "wb":
            # What net.wget left there to go on from: its room can be had
            remove_quietly(self._part + ".tag")
            remove_quietly(self._part)
        if length is not None:
            self._check_room(length)
        try:
            self._file = open(self._part, mode)
        except OSError as e:
            raise self.explain(e)
        self._write = self._file.write

    def write(self, view):
        try:
            n = self._write(view)
        except OSError as e:
            raise self.explain(e)
        if n != len(view):
            raise self.explain(OSError(ENOSPC))

    def finish(self):
        """Give the file its name; one of the same name is replaced."""
        file = self._file
        self._file = None
        try:
            file.close()
            replace(self._part, self.name)
        except OSError as e:
            self._discard()
            raise self.explain(e)
        return self.name

    def close(self):
        if self._file:
            close_quietly(self._file)
            self._file = None
            self._discard()

    # What becomes of a file that is not complete.
    def _discard(self):
        remove_quietly(self._part)

    def _check_room(self, length):
        free = self._free()
        if free is not None and length > free:
            raise self._full(length)

    def _free(self):
        folder = self.name.rpartition("/")[0] or ("/" if self.name[:1] == "/" else ".")
        try:
            stat = os.statvfs(folder)
        except OSError:
            return None
        return stat[0] * stat[3]

    def _full(self, length):
        free = self._free() or 0
        text = "no room for %s: it has %s, the filesystem %s free" % (
            self.name,
            size_text(length),
            size_text(free),
        )
        return NetError(ENOSPC, text)

    def explain(self, error):
        if error.errno == ENOSPC:
            return NetError(ENOSPC, "the filesystem is full: remove files, then load again")
        if error.errno == ENOENT:
            return NetError(ENOENT, "no directory for %s: make it with os.mkdir()" % self.name)
        return NetError(error.errno, "cannot write %s: %s" % (self.name, error))
