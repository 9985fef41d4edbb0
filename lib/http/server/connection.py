# Frostnet: one client's connection: requests in, the framing of answers out (RFC 9112)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from http.error import HTTPError
from http.server.body import Body
from http.server.error import Refused
from http.server.heads import Head, Heads
from http.server.lines import first, lines
from http.status import has_body

MAX_LINE = const(8000)  # bytes of a request's first line (RFC 9112 section 3)
MAX_HEAD = const(16384)  # and of all of its head
_MAX_BLANK = const(4)  # empty lines before a request
_DRAIN = const(65536)  # bytes of a body that nobody wants which are read to keep the connection

# Events
NEED = const(0)  # feed more bytes
REQUEST = const(1)  # a head is complete: method, target, minor, fields, length
DATA = const(2)  # a piece of its body: data()
END = const(3)  # the request is complete

# What the client is at, and what we are at
_HEAD = const(0)
_BODY = const(1)
_DONE = const(2)
_IDLE = const(0)
_SENDING = const(1)
_SENT = const(2)

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


class Connection:
    """Takes requests apart, one after the other, and says how answers are framed.

        conn.feed(bytes)
        while (event := conn.next()) != NEED:
            if event == REQUEST: look at conn.method, conn.target, conn.fields
            elif event == DATA: conn.data() is a piece of the body
            elif event == END:
                send(conn.begin(200, [("Content-Type", "text/plain")], len(text)) + text)
                conn.finish()
                if not conn.again(): close

    The next request is looked at after `again()`, so whatever is pipelined waits. Refused, with
    the status to answer, if a request breaks the rules or a limit: then `again()` is False.
    `heads` may be shared by the connections of a server; `head` is the request's.
    """

    head = method = target = None
    minor = 1
    fields = {}
    length = 0  # of the body, -1 if that is not known

    def __init__(self, heads=None):
        self._heads = heads or Heads()
        self._buf = b""
        self._off = 0  # bytes before it are done with
        self._scanned = 0  # no end of a head begins before it
        self._blank = 0
        self._body = None
        self._n = 0
        self._client = _HEAD
        self._ours = _IDLE
        self._drained = 0
        self.keep = True  # another request may follow
        self.chunked = False  # the answer's body goes in chunks
        self.bodiless = False  # the answer has no body, whatever its fields say of one
        self.expects = False  # the client waits for CONTINUE before it sends the body

    # In

    def feed(self, data):
        """Bytes have come."""
        off = self._off
        if off == len(self._buf):
            self._buf = bytes(data)
            self._scanned = 0
        else:
            self._buf = self._buf[off:] + bytes(data)
            self._scanned = max(0, self._scanned - off)
        self._off = 0

    def begun(self):
        """Return whether the head of a request has begun to come, but is not complete."""
        return self._client == _HEAD and self._off < len(self._buf)

    def data(self):
        """Return the memoryview of the piece that DATA announced; valid until the next call."""
        at = self._body.at
        return memoryview(self._buf)[at : at + self._n]

    def next(self):
        """Return the next event. Refused."""
        try:
            if self._client == _HEAD:
                return self._next_head()
            if self._client == _BODY:
                return self._next_piece()
            return NEED
        except Refused:
            self.keep = False
            self._client = _DONE
            raise

    def _next_head(self):
        buf = self._buf
        off = self._off
        n = len(buf) - off
        if not n:
            return NEED
        if buf[off] == 0x0D:
            off = self._skip_blank(buf, off)
            n = len(buf) - off
            if not n:
                return NEED
        end = buf.find(b"\r\n\r\n", max(off, self._scanned))
        if end < 0:
            self._scanned = max(off, len(buf) - 3)
        if end < 0 or end - off > MAX_LINE:
            self._check_start(buf, off, n if end < 0 else end - off)
        if end < 0:
            return NEED
        self._off = self._scanned = end + 4
        self._begin_request(buf[off:end])
        return REQUEST

    def _skip_blank(self, buf, off):
        while buf[off : off + 2] == b"\r\n":
            off += 2
            self._blank += 1
            if self._blank > _MAX_BLANK:
                raise Refused(400, "there are empty lines, but no request")
        self._off = off
        return off

    # A head that is not complete, or long: what is wrong with it already?
    def _check_start(self, buf, off, n):
        line = buf.find(b"\n", off, off + MAX_LINE)
        if line < 0 and n > MAX_LINE:
            raise Refused(414, "the first line of the request is too long")
        if n > MAX_HEAD:
            raise Refused(431, "the head of the request is too long")
        if not 0x41 <= buf[off] <= 0x5A or (line >= 0 and buf[line - 1] != 0x0D):
            raise Refused(400, "this is no request of HTTP/1.1")

    def _begin_request(self, data):
        head = self._heads.get(data)
        if head is None:
            head = Head(data)
            # Of a request that is refused from here on the answer knows that much.
            self.method = head.method
            self.minor = head.minor
            head.check()
            self._heads.put(data, head)
        self.head = head
        self.method = head.method
        self.target = head.target
        self.minor = head.minor
        self.fields = head.fields
        self.length = length = head.length
        self.keep = head.keep
        self.expects = head.expects
        self._blank = 0
        if length:
            self._body = Body(length)
        self._client = _BODY

    def _next_piece(self):
        body = self._body
        if body is None or body.done:
            self._client = _DONE
            return END
        self._n, used = body.take(self._buf, self._off, len(self._buf))
        self._off += used
        if used:
            self.expects = False
        if self._n:
            if self._ours == _SENT:
                self._drained += self._n
            return DATA
        if body.done:
            self._client = _DONE
            return END
        return NEED

    def unread(self):
        """Return whether some of the request's body has not been read."""
        return self._client == _BODY

    # Out

    def answering(self):
        """Return whether an answer has begun that is not complete."""
        return self._ours == _SENDING

    def proceed(self):
        """Return what to send before the body is waited for: CONTINUE, or nothing."""
        if self.expects:
            self.expects = False
            return CONTINUE
        return b""

    def begin(self, status, fields, length=None, more=b""):
        """Return the head of the answer, whose body has `length` bytes; None: not known before.

        `fields` are (name, value) pairs, or what http.server.lines made of them before; `more` are
        lines as well. HTTPError for a line end in one of them.
        """
        if self._ours != _IDLE:
            raise HTTPError("this request was answered already")
        if not isinstance(fields, bytes):
            fields = lines(fields)
        body = has_body(status)
        self.bodiless = self.method == "HEAD" or not body
        self.chunked = length is None and body and self.minor > 0
        if (length is None and body and not self.minor) or self.expects:
            # The end of the connection is the end of the body; or nobody knows whether the
            # client sends its body (RFC 9110 section 10.1.1).
            self.keep = False
        if self.chunked:
            framing = b"Transfer-Encoding: chunked\r\n"
        elif body and length is not None:
            framing = b"Content-Length: %d\r\n" % length
        else:
            framing = b""
        if self.minor and (self.keep or status < 200):
            end = b"\r\n"
        else:
            end = b"Connection: keep-alive\r\n\r\n" if self.keep else b"Connection: close\r\n\r\n"
        self._ours = _SENDING
        return b"".join((first(status), fields, more, framing, end))

    def finish(self):
        """The answer is complete."""
        self._ours = _SENT

    def again(self):
        """Return whether another request may come; if so `next()` looks for it.

        The request must have been read to its end: while `unread()`, call `next()` first. Of a
        body that nobody wants a bounded amount is read.
        """
        if self._drained > _DRAIN:
            self.keep = False
        if not self.keep or self._ours != _SENT or self._client != _DONE:
            return False
        self._client = _HEAD
        self._ours = _IDLE
        self._drained = 0
        self._body = None
        return True

    def too_much(self):
        """Return whether more of an unwanted body came than is worth reading."""
        return self._drained > _DRAIN


def chunk_head(n):
    """Return what stands before a chunk of `n` bytes; after it comes a line end."""
    return b"%x\r\n" % n
