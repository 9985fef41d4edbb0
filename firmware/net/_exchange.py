# Frostnet: a request and the head of its answer, through redirections, for net.wget
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

import socket
from frostnet.wire import addr
from http import CHUNKED, HEAD, Reader, carried, form, redirect, request
from http.chunks import Chunks
from net._data import Data
from net._error import EAGAIN, ECONNRESET, EINVAL, EPROTO, ETIMEDOUT, NetError, explain
from net._host import resolve

# One buffer for all answers: a multiple of any filesystem's block, so that full ones are written
# straight through, and large enough that calls are few.
_BUFFER = const(16384)
_CHUNK = const(8192)  # of what is sent

_FORM = "application/x-www-form-urlencoded"
_BYTES = "application/octet-stream"


class Upload:
    """The body of a request: its `length` in bytes, or CHUNKED, and its type, `kind`.

    `data` is bytes, a text or a dictionary, which are sent as a form, or a stream.
    """

    def __init__(self, data, headers):
        self.kind = _FORM if isinstance(data, (str, dict)) else _BYTES
        if isinstance(data, dict):
            data = form.encode(data)
        self._chunks = chunks = Chunks(_CHUNK)
        self.data = Data(data, _CHUNK, chunks.space)
        if self.data.stream:
            said = _content_length(headers)
            if said is not None:
                self.data.length = said
        self.length = CHUNKED if self.data.length is None else self.data.length
        self._ended = False

    def next(self):
        """Return the next piece, with its framing, or `None` at the end."""
        piece = self.data.next()
        if self.length != CHUNKED or self._ended:
            return piece
        self._ended = piece is None
        return self._chunks.frame(0 if piece is None else len(piece))

    def rewind(self):
        self.data.rewind()
        self._ended = False


class Exchange:
    """Asks until the answer is no redirection: `url` is then where it came from, and `reader`
    has its head. `receive()` gets more for the reader. `sending(n)` is told of the bytes sent."""

    def __init__(self, rt, url, method, headers, upload, timeout, verify):
        self.rt = rt
        self.url = url
        self.timeout = timeout
        self.verify = verify
        self.reader = Reader(_BUFFER)
        self.sending = None
        self._first = (url, method, headers, upload)
        self._sock = None
        self._answered = False  # the head of the answer is here

    def ask(self, extra=None):
        """Ask for the first URL, with the header fields `extra`; NetError, HTTPError."""
        url, method, headers, upload = self._first
        if extra:
            headers = dict(headers)
            headers.update(extra)
        count = 0
        while True:
            self.close()
            self.url = url
            self._ask(method, headers, upload)
            reader = self.reader
            target = redirect(url, method, reader.status, reader.headers, count)
            if target is None:
                return
            if target[1] != method and target[1] == "GET":
                upload = None
            headers = carried(headers, url, target[0], upload)
            url, method = target
            count += 1

    def receive(self):
        """Wait for more of the answer; NetError."""
        reader = self.reader
        try:
            reader.fed(self._sock.recv_into(reader.space()))
        except OSError as e:
            received = reader.received
            if not received or e.errno not in (ECONNRESET, ETIMEDOUT):
                raise explain(e, self.url.authority)
            what = "broke off" if e.errno == ECONNRESET else "fell silent"
            text = "%s %s after %d bytes: try again" % (self.url.authority, what, received)
            raise NetError(e.errno, text)

    def close(self):
        if self._sock:
            self._sock.close()
            self._sock = None

    def _ask(self, method, headers, upload):
        url = self.url
        length, kind = (upload.length, upload.kind) if upload else (None, None)
        if upload:
            upload.rewind()
        elif method in ("POST", "PUT", "PATCH"):
            length = 0  # RFC 9110 section 8.6
        head = request(url, method, headers, length, kind)
        address = addr.text(resolve(self.rt, url.host))
        self._sock = sock = socket.socket()
        sock.settimeout(self.timeout)
        self.reader.reset(method)
        self._answered = False
        try:
            sock.connect((address, url.port))
            if url.scheme == "https":
                from net._secure import secure

                self._sock = sock = secure(
                    sock, url.host, url.authority, self.timeout, self.verify
                )
            sock.sendall(head)
        except OSError as e:
            raise explain(e, url.authority)
        if upload:
            self._send(upload)
        while not self._answered:
            if self.reader.next() == HEAD:
                return
            self.receive()

    # Send the body, or so much of it as the server wants: one that has seen enough says so before
    # the end, and may then break the connection off (RFC 9112 section 9.5).
    def _send(self, upload):
        while True:
            piece = upload.next()
            if piece is None:
                return
            try:
                self._sock.sendall(piece)
            except OSError as e:
                if self._enough():
                    return
                raise explain(e, self.url.authority)
            if self._enough():
                return
            if self.sending:
                self.sending(upload.data.sent)

    # Whether there is an answer that makes the rest of the body needless.
    def _enough(self):
        reader = self.reader
        sock = self._sock
        sock.settimeout(0)
        try:
            while not self._answered:
                reader.fed(sock.recv_into(reader.space()))
                self._answered = reader.next() == HEAD
        except OSError as e:
            if e.errno != EAGAIN:
                raise explain(e, self.url.authority)
            return False
        finally:
            sock.settimeout(self.timeout)
        return reader.status >= 300


def _content_length(headers):
    for name, value in headers.items():
        if name.lower() == "content-length":
            try:
                number = int(value)
            except (TypeError, ValueError):
                number = -1
            if number < 0:
                raise NetError(EINVAL, "Content-Length is a number of bytes")
            return number
    return None


def check_packing(url, headers, asked):
    """NetError if the answer is packed though the header fields `asked` did not say so.

    A file that is itself called .gz is what it is called.
    """
    coding = headers.get("content-encoding", "identity").lower()
    if coding in ("identity", "") or url.path.lower().endswith((".gz", ".tgz")):
        return
    if any(name.lower() == "accept-encoding" for name in asked):
        return
    text = (
        "the server sends it packed (%s), unasked: to load it as it is, say "
        'headers={"Accept-Encoding": "%s"}'
    )
    raise NetError(EPROTO, text % (coding[:40], coding[:40]))
