# Frostnet: HTTP/1.x responses, event by event
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from http.error import HTTPError
from http.head import Head, chunk_size

# Events
NEED = const(0)  # feed more bytes
HEAD = const(1)  # the final status line and all header fields are there
DATA = const(2)  # a piece of the body: `off` and `n`, or `data()`
END = const(3)  # the response is complete

# States
_START = const(0)  # before the status line
_FIELDS = const(1)
_LENGTH = const(2)  # body of known length
_CHUNK = const(3)  # before a line with a chunk's size
_IN_CHUNK = const(4)
_CHUNK_END = const(5)  # before the line end behind a chunk
_TRAILER = const(6)
_CLOSE = const(7)  # body up to the end of the connection
_DONE = const(8)

_MAX_INTERIM = const(16)  # 1xx responses before the real one


class Reader:
    """Takes a response apart in one buffer, without copying the body.

        while True:
            event = reader.next()
            if event == NEED:
                reader.fed(sock.recv_into(reader.space()))  # 0 bytes: the connection's end
            elif event == DATA:
                file.write(reader.data())
            elif event == END:
                break

    `method` is that of the request. After HEAD: `status`, `reason`, `headers` (names in lower
    case) and `length`, the size of the body in bytes or `None`. `received` counts the body's
    bytes. What DATA shows is valid up to
    the next `space()`. HTTPError if the response breaks the rules or a limit, or ends early.
    """

    def __init__(self, size=16384, method="GET", buf=None):
        self.buf = buf or bytearray(size)
        self._view = memoryview(self.buf)
        self._head = 0  # bytes before it are used up
        self._tail = 0  # bytes before it are received
        self._scanned = 0  # up to here there is no line end
        self._ended = False
        self._left = 0  # bytes of the body or chunk to come
        self.off = 0
        self.n = 0
        self.reset(method)

    def reset(self, method="GET"):
        """Start over with a new connection, for the response to a request `method`."""
        self.method = method
        self._state = _START
        self._interim = 0
        self._head = self._tail = self._scanned = 0
        self._ended = False
        self._start_head()
        self.length = None
        self.received = 0

    def _start_head(self):
        self._fields = Head()
        self.status = 0
        self.reason = ""
        self.headers = self._fields.values

    # Input

    def space(self):
        """Return the memoryview to receive into; never empty after NEED."""
        head = self._head
        tail = self._tail
        if head:
            n = tail - head
            if n:
                self._view[:n] = self._view[head:tail]
            self._head = 0
            self._tail = tail = n
            self._scanned -= head
        return self._view[tail:]

    def fed(self, n):
        """`n` bytes were received into `space()`; 0 means that the connection ended."""
        if n:
            self._tail += n
        else:
            self._ended = True

    def gathered(self):
        """Whether waiting for more could not make the next piece of the body larger."""
        waiting = self._tail - self._head
        if self._ended or waiting == len(self.buf):
            return True
        if self._state == _CLOSE:
            return False
        return self._state != _LENGTH or waiting >= self._left

    # Output

    def data(self):
        """Return the memoryview of the piece of the body that DATA announced."""
        return self._view[self.off : self.off + self.n]

    def next(self):
        """Return the next event."""
        while True:
            state = self._state
            if state == _LENGTH or state == _IN_CHUNK or state == _CLOSE:
                event = self._body(state)
                if event is not None:
                    return event
            elif state == _DONE:
                return END
            else:
                line = self._line()
                if line is None:
                    return NEED
                event = self._take(state, line)
                if event is not None:
                    return event

    def _body(self, state):
        n = self._tail - self._head
        if state != _CLOSE:
            left = self._left
            if not left:
                self._state = _DONE if state == _LENGTH else _CHUNK_END
                return None
            if n > left:
                n = left
            self._left = left - n
        if n:
            self.off = self._head
            self.n = n
            self._head = self._scanned = self._head + n
            self.received += n
            return DATA
        if not self._ended:
            return NEED
        if state != _CLOSE:
            raise HTTPError(self._short())
        self._state = _DONE
        return None

    def _short(self):
        if self.length is None:
            return "the server closed the connection in the middle of the file"
        return "the server closed the connection after %d of %d bytes" % (
            self.received,
            self.length,
        )

    # One line without its end, or `None`. A line end is CRLF or, from old servers, LF.
    def _line(self):
        head = self._head
        tail = self._tail
        at = self.buf.find(b"\n", self._scanned, tail)
        if at < 0:
            self._scanned = tail
            if self._ended:
                raise HTTPError(self._early())
            if tail - head == len(self.buf):
                raise HTTPError("the server sent a line of more than %d bytes" % (tail - head))
            return None
        self._head = self._scanned = at + 1
        if at > head and self.buf[at - 1] == 0x0D:
            at -= 1
        return bytes(self._view[head:at])

    def _early(self):
        if self._state > _FIELDS:
            return self._short()
        if self._state == _START and self._tail == self._head:
            return "the server closed the connection without an answer"
        return "the server closed the connection before the end of the headers"

    def _take(self, state, line):
        if state == _START:
            self.status, self.reason = self._fields.status_line(line)
            self._state = _FIELDS
        elif state == _FIELDS:
            if line:
                self._fields.add(line)
            else:
                return self._begin_body()
        elif state == _CHUNK:
            self._left = chunk_size(line)
            self._state = _IN_CHUNK if self._left else _TRAILER
        elif state == _CHUNK_END:
            if line:
                raise HTTPError("the server sent a chunk that is longer than it said")
            self._state = _CHUNK
        elif line:
            self._fields.add(line, True)
        else:
            self._state = _DONE
        return None

    # How long the body is: RFC 9112 section 6.3.
    def _begin_body(self):
        fields = self._fields
        status = self.status
        if status < 200:
            self._interim += 1
            if status == 101 or self._interim > _MAX_INTERIM:
                raise HTTPError("the server does not come to a final answer")
            self._start_head()
            self._state = _START
            return None
        chunked = fields.chunked()
        self.length = None if chunked else fields.length()
        if self.method == "HEAD" or status == 204 or status == 304:
            self._state = _DONE
        elif chunked:
            self._state = _CHUNK
        elif self.length is None:
            self._state = _CLOSE
        else:
            self._state = _LENGTH
            self._left = self.length
        return HEAD
