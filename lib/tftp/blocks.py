# Frostnet: the blocks of a file on their way by TFTP, in windows (RFC 7440)
# MIT license; Copyright (c) 2026 The Frostnet authors

# Blocks count from 1, without end; on the wire are the low 16 bits.
#
# The sender repeats blocks when time is up, or when an ACK says that the receiver has some of the
# window and lost the rest; never because of an ACK that it had before. So a packet that comes
# twice does not have all that follow sent twice (the Sorcerer's Apprentice, RFC 1123 §4.2.3.1).

from micropython import const

from tftp.packets import DATA, HEADER, ILLEGAL, TftpError

_MASK = const(0xFFFF)


class Sending:
    """Takes a file by `read(view)` (how many bytes of it were filled, 0 at the end)."""

    def __init__(self, read, size, window):
        self._read = read
        self._block = size
        self._window = window
        self._buffers = [bytearray(HEADER + size) for _ in range(window)]
        self._lengths = [0] * window
        self._una = 1  # first that was not acknowledged
        self._next = 1  # first to be sent
        self._top = 1  # first that was not read
        self._last = None  # the block that ends the file, once it was read
        self.size = 0  # bytes read

    @property
    def finished(self):
        return self._last is not None and self._una > self._last

    def acked(self, number):
        """An ACK came; False if it says nothing new."""
        n = (number - self._una + 1) & _MASK
        if not n or n > self._top - self._una:
            return False
        self._una += n
        # The receiver speaks before its window is full when something is missing.
        self._next = self._una
        return True

    def again(self):
        """Send once more what was not acknowledged."""
        self._next = self._una

    def next(self):
        """The next DATA packet, None if it is the peer's turn."""
        n = self._next
        if n >= self._una + self._window or (self._last is not None and n > self._last):
            return None
        i = n % self._window
        packet = self._buffers[i]
        if n == self._top:
            length = self._fill(memoryview(packet)[HEADER:])
            packet[1] = DATA
            packet[2] = n >> 8 & 0xFF
            packet[3] = n & 0xFF
            self._lengths[i] = HEADER + length
            self.size += length
            self._top = n + 1
            if length < self._block:
                self._last = n
        self._next = n + 1
        return memoryview(packet)[: self._lengths[i]]

    # As much as there is: a stream may give less at a time.
    def _fill(self, view):
        done = 0
        while done < len(view):
            n = self._read(view[done:])
            if not n:
                break
            done += n
        return done


class Receiving:
    """Gives a file to `write(view)`, in order."""

    def __init__(self, write, size, window):
        self._write = write
        self._block = size
        self._window = window
        self._expected = 1
        self._count = 0  # blocks of this window
        self._told = False  # that something is missing
        self.finished = False
        self.size = 0  # bytes written

    @property
    def number(self):
        """Of the last block that is here."""
        return self._expected - 1 & _MASK

    def again(self):
        """The ACK is sent once more: a new window begins."""
        self._count = 0
        self._told = False

    def data(self, number, view):
        """DATA came; True if an ACK is due. TftpError; OSError from write()."""
        ahead = (number - self._expected) & _MASK
        if ahead == _MASK:
            return True  # the last one once more: our ACK may be lost
        if self.finished:
            return False
        if ahead:
            # One was lost before it. The others of the window need not say so too.
            if ahead >= self._window or self._told:
                return False
            self._told = True
            self._count = 0
            return True
        if len(view) > self._block:
            raise TftpError(ILLEGAL, "a block of %d bytes" % len(view))
        self._write(view)
        self.size += len(view)
        self._expected += 1
        self._told = False
        self._count += 1
        self.finished = len(view) < self._block
        if not self.finished and self._count < self._window:
            return False
        self._count = 0
        return True
