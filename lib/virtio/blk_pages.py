# Frostnet: what was read from a disk lately
# MIT license; Copyright (c) 2026 The Frostnet authors

# LittleFS finds its way through a file by a few bytes at the beginning of each block, and the same
# ones again and again: five of six reads of a long file. What it reads for that, `readsize` bytes,
# stays here, and so does the beginning of a block that is written. Longer reads are data. Pages
# begin at multiples of their length.

import _virtio
from array import array

from micropython import const

from frostnet.wire.fast import copy

PAGE = const(8192)
_PAGES = const(32)
_BITS = const(13)  # of PAGE
_NONE = const(-1)


class Pages:
    """Copies of pages of a drive. It allocates nothing after it was made."""

    def __init__(self):
        self._memory, _ = _virtio.dma(_PAGES * PAGE)  # the collector does not look into it
        # Where each is from. Items of "q" would be made anew with each look at them.
        self._at = array("l", [_NONE] * _PAGES)

    def get(self, at, buf):
        """Fill `buf`, of one page, with the page from byte `at` on; False if it is not here."""
        slot = _slot(at)
        if self._at[slot] != at:
            return False
        copy(buf, 0, self._memory, slot * PAGE, PAGE)
        return True

    def put(self, at, buf):
        """Keep the first page of `buf`, which is what the drive has from byte `at` on."""
        slot = _slot(at)
        copy(self._memory, slot * PAGE, buf, 0, PAGE)
        self._at[slot] = at

    def drop(self, at, n):
        """Forget what is about to be written: `n` bytes from byte `at` on."""
        where = self._at
        first = at & -PAGE
        if n < _PAGES * PAGE:
            for page in range(first, at + n, PAGE):
                slot = _slot(page)
                if where[slot] == page:
                    where[slot] = _NONE
        else:
            for slot in range(_PAGES):
                where[slot] = _NONE


# Blocks begin at multiples of many pages: their first pages must not all meet in one slot.
def _slot(at):
    page = at >> _BITS
    return (page ^ page >> 2 ^ page >> 5) & (_PAGES - 1)
