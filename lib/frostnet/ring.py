# Frostnet: byte queue that grows on demand
# MIT license; Copyright (c) 2026 The Frostnet authors

# The queue of bytes of a stream, in either direction. It lives in chunks that come from a common
# pool and go back when they are empty: an idle connection has none, a busy one allocates nothing,
# and no connection needs a large piece of a heap that has become fragmented. When the pool is
# empty the first chunk is a small one, until more comes: many that hold little take little. A few
# rings, those that were used last, keep a chunk: that makes short messages cheaper.
#
#      _start          _start + len      _start + len + at
#     .[ bytes to be read ][ ............. ][ early bytes ].
#     | chunk        | chunk        | None         | chunk        |
#
# "Early" bytes were put beyond the end, at an offset, by a segment that overtook another. The ring
# does not know which of them are there (tcp/reassembly.py does): `commit` makes them readable.

import gc

from micropython import const

from frostnet.wire.fast import copy, copy_sum

CHUNK = const(16384)
SMALL = const(2048)  # a multiple of 8
POOL = const(32)  # empty chunks of each size that are kept for the next who needs one
KEEPERS = const(32)  # rings that keep a chunk when they are empty

_SHIFT = const(14)
_MASK = const(16383)

_LOOK = const(64)  # chunks taken from the heap between two looks at what is left of it
_SPARE = const(2)  # buffers leave a quarter of the heap (a power of 2) to others

_pool = []
_small = []
_asked = 0
_tight = False
_keepers = []


class Ring:
    """Queue of at most `limit` bytes; `len` of them can be read."""

    # What a ring that is never used does not change stays here.
    len = 0
    _start = 0  # of the first byte in the first chunk
    _early = 0  # bytes from the start to the end of what was put, early bytes included
    _chunks = ()
    _keeper = False
    _cap = CHUNK  # SMALL while a small chunk is all that there is

    def __init__(self, limit):
        self.limit = limit

    def room(self):
        """Return how many bytes fit behind the last readable one."""
        return self.limit - self.len

    def put(self, buf, off, n, at=0):
        """Copy `buf[off:off+n]`, a memoryview, to `at` bytes beyond the end.

        With `at` 0 the bytes can be read at once; else they are early. The caller sees to it that
        at + n <= room(). MemoryError: nothing was put.
        """
        chunks = self._chunks
        pos = self._start + self.len + at
        end = pos + n
        i = pos >> _SHIFT
        pos &= _MASK
        last = end + _MASK >> _SHIFT
        if len(chunks) < last:
            chunks = self._grow(last)
        if pos + n <= self._cap:
            copy(chunks[i] or self._chunk(i, pos + n), pos, buf, off, n)
        else:
            self._fill(i, last)
            left = n
            while left:
                part = CHUNK - pos
                if part > left:
                    part = left
                copy(chunks[i], pos, buf, off, part)
                off += part
                left -= part
                pos = 0
                i += 1
        end -= self._start
        if at == 0:
            self.len = end
        if end > self._early:
            self._early = end

    def append(self, buf, off, n, total):
        """Append `buf[off:off+n]`, n > 0, if its sum and `total` are 0 (RFC 1071); say if so.

        The caller sees to it that n <= room(), and that no early bytes are there. MemoryError:
        nothing was appended.
        """
        chunks = self._chunks
        pos = self._start + self.len
        i = pos >> _SHIFT
        pos &= _MASK
        if not chunks:
            chunks = self._grow(1)
        if i < len(chunks) and pos + n <= self._cap:
            total += copy_sum(chunks[i] or self._chunk(i, pos + n), pos, buf, off, n)
        else:
            last = self._start + self.len + n + _MASK >> _SHIFT
            if len(chunks) < last:
                chunks = self._grow(last)
            self._fill(i, last)
            begin = off
            end = off + n
            while off < end:
                part = CHUNK - pos
                if part > end - off:
                    part = end - off
                words = copy_sum(chunks[i], pos, buf, off, part)
                total += words << 8 if off - begin & 1 else words
                off += part
                pos = 0
                i += 1
        if total % 0xFFFF:
            return False
        self.len = self._early = self.len + n
        return True

    def commit(self, n):
        """Make the next `n` bytes, put there before, readable."""
        self.len = n = self.len + n
        if n > self._early:
            self._early = n

    def tail(self):
        """Return the chunk for what comes next, a memoryview, or None if there is none yet."""
        i = self._start + self.len >> _SHIFT
        return self._chunks[i] if i < len(self._chunks) else None

    def end(self):
        """Return where in tail() the next byte goes."""
        return self._start + self.len & _MASK

    def write(self, buf, off, n):
        """Append as much of `buf[off:off+n]` as there is room for; return how much."""
        room = self.limit - self.len
        if n > room:
            n = room
        if n > 0:
            self.put(buf, off, n)
        return n

    def peek(self, at, buf, off, n):
        """Copy `n` bytes from `at` bytes behind the start to `buf[off:]`.

        The caller sees to it that at + n <= len, and that `buf` is as long. TypeError if it
        cannot be written to.
        """
        if not n:
            return
        buf[off] = buf[off]  # viper would write to anything
        chunks = self._chunks
        pos = self._start + at
        i = pos >> _SHIFT
        pos &= _MASK
        while n:
            part = CHUNK - pos
            if part > n:
                part = n
            copy(buf, off, chunks[i], pos, part)
            off += part
            n -= part
            pos = 0
            i += 1

    def copy_sum(self, at, buf, off, n):
        """As peek(), to memory that is known to be writable; return the sum of what was copied."""
        chunks = self._chunks
        pos = self._start + at
        i = pos >> _SHIFT
        pos &= _MASK
        if pos + n <= CHUNK:
            return copy_sum(buf, off, chunks[i], pos, n)
        total = 0
        begin = off
        end = off + n
        while off < end:
            part = CHUNK - pos
            if part > end - off:
                part = end - off
            words = copy_sum(buf, off, chunks[i], pos, part)
            total += words << 8 if off - begin & 1 else words
            off += part
            pos = 0
            i += 1
        return total

    def take(self, n):
        """Return the first `n` bytes, 0 < n <= len; they leave the ring."""
        pos = self._start
        if pos + n <= self._cap:
            data = bytes(self._chunks[0][pos : pos + n])
        else:
            buf = bytearray(n)
            self.peek(0, buf, 0, n)
            data = bytes(buf)
        self.drop(n)
        return data

    def drop(self, n):
        """Forget the first `n` bytes."""
        self.len -= n
        self._early -= n
        chunks = self._chunks
        if not self._early:
            self._start = 0
            if not self._keeper or len(chunks) > 1:
                self._empty()
            return
        start = self._start + n
        while start >= CHUNK:
            start -= CHUNK
            _give(chunks.pop(0))
        self._start = start

    def clear(self):
        """Forget everything and give the chunks back."""
        chunks = self._chunks
        if chunks:
            self.len = self._start = self._early = 0
            if self._cap != CHUNK:
                self._cap = CHUNK
            self._chunks = ()
        while chunks:
            _give(chunks.pop())
        if self._keeper:
            self._keeper = False
            if _keepers[-1] is self:
                _keepers.pop()  # a short connection's: no need to compare it with the others
            else:
                _keepers.remove(self)

    # Nothing is left: keep a chunk, instead of the ring that has done so for longest.
    def _empty(self):
        chunks = self._chunks
        if chunks and not self._keeper:
            if len(_keepers) == KEEPERS:
                _keepers.pop(0)._retire()
            _keepers.append(self)
            self._keeper = True
        while len(chunks) > 1:
            _give(chunks.pop())

    def _retire(self):
        self._keeper = False
        if not self._early:
            chunks = self._chunks
            self._chunks = ()
            while chunks:
                _give(chunks.pop())
            self._cap = CHUNK

    def _grow(self, last):
        if self._cap != CHUNK and last > 1:
            self._widen()
        chunks = self._chunks = self._chunks or []
        if _pool and len(chunks) == last - 1:
            chunks.append(_pool.pop())
        while len(chunks) < last:
            chunks.append(None)
        return chunks

    def _fill(self, i, last):
        if self._cap != CHUNK:
            self._widen()
        chunks = self._chunks
        while i < last:
            if chunks[i] is None:
                self._chunk(i, CHUNK)
            i += 1

    # Makes chunk `i`, in which `need` bytes are wanted now.
    def _chunk(self, i, need):
        if _pool or need > SMALL or len(self._chunks) > 1:
            chunk = _full()
        else:
            chunk = _small.pop() if _small else memoryview(bytearray(SMALL))
            self._cap = SMALL
        self._chunks[i] = chunk
        return chunk

    # Lets a full chunk take the place of the small one.
    def _widen(self):
        chunk = _full()
        small = self._chunks[0]
        copy(chunk, 0, small, 0, SMALL)
        self._chunks[0] = chunk
        self._cap = CHUNK
        _give(small)


# A chunk from the pool or else from the heap, of which a part is left to everybody else: peers who
# fill buffers which nobody reads must not leave the program without memory. MemoryError then.
def _full():
    global _asked, _tight
    if _pool:
        return _pool.pop()
    _asked += 1
    if _asked >= _LOOK:
        _asked = 0
        _tight = _is_tight()
    if _tight:
        raise MemoryError
    return memoryview(bytearray(CHUNK))


# A look at the heap takes as long as many chunks: this is called for one in _LOOK.
def _is_tight():
    free = gc.mem_free()
    least = (free + gc.mem_alloc()) >> _SPARE
    if free < least + _LOOK * CHUNK:
        gc.collect()
        free = gc.mem_free()
    return free < least


def _give(chunk):
    if chunk is not None:
        pool = _pool if len(chunk) == CHUNK else _small
        if len(pool) < POOL:
            pool.append(chunk)
