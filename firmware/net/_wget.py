# Frostnet: net.wget
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

import socket
from frostnet.wire import addr
from http import DATA, HEAD, NEED, URL, HTTPError, Reader, redirect, request
from net._error import (
    EACCES,
    ECONNRESET,
    EIO,
    ENOENT,
    EPROTO,
    ETIMEDOUT,
    NetError,
    explain,
)
from net._host import network, resolve
from net._progress import Progress, size_text
from net._sink import open_sink

# One buffer for all: a multiple of any filesystem's block, so that full ones are written straight
# through, and large enough that calls are few.
_BUFFER = const(16384)


class WgetResult:
    """`status`, `headers` {name in lower case: text}, `size` in bytes, `seconds`, `url` after
    redirections, and `path` of the file, or `None`."""

    def __init__(self, url, reader, seconds, path):
        self.url = str(url)
        self.status = reader.status
        self.headers = reader.headers
        self.size = reader.received
        self.seconds = seconds
        self.path = path

    def __repr__(self):
        return "<wget %s: %d, %d bytes>" % (self.url, self.status, self.size)

    @property
    def rate(self):
        """Bytes per second."""
        return self.size / self.seconds if self.seconds else 0


def wget(url, dest=None, callback=None, headers=None, timeout=10, quiet=False, verify=True):
    """See net.wget; NetError, or what `callback` or a stream raises."""
    rt = network()
    try:
        return _Transfer(rt, URL(url), headers, timeout, quiet, verify).run(dest, callback)
    except HTTPError as e:
        raise NetError(EPROTO, str(e))
    except MemoryError:
        raise NetError(12, "it does not fit into memory: give a file name to load into")


class _Transfer:
    """One run of wget: follows redirections, then moves the body."""

    def __init__(self, rt, url, headers, timeout, quiet, verify):
        self.rt = rt
        self.url = url
        self.headers = headers
        self.timeout = timeout
        self.quiet = quiet
        self.verify = verify
        self.reader = Reader(_BUFFER)
        self.sock = None

    def run(self, dest, callback):
        started = self.rt.clock()
        try:
            self._follow()
            self._check_status()
            sink = open_sink(dest, callback, self.url, self.reader.length)
            progress = None
            if not self.quiet and dest != "-" and (dest is not None or callback):
                progress = Progress(self.rt.clock, sink.name, self.reader.length)
            try:
                self._body(sink, progress)
                # Ctrl-C waits: it must not come between removing an old file and renaming
                self.rt.lock()
                try:
                    path = sink.finish()
                finally:
                    self.rt.unlock()
            finally:
                sink.close()  # of an unfinished file nothing stays
                if progress:
                    progress.end()
        finally:
            if self.sock:
                self.sock.close()
        if dest is None and not callback:
            return sink.data()
        seconds = (self.rt.clock() - started) / 1000000
        result = WgetResult(self.url, self.reader, seconds, path)
        if progress:
            text = "%s in %.2f s, %s/s" % (size_text(result.size), seconds, size_text(result.rate))
            print(text + (": " + path if path else ""))
        return result

    # The connection

    def _follow(self):
        # Ask until the answer is not a redirection.
        count = 0
        while True:
            self._ask()
            reader = self.reader
            target = redirect(self.url, "GET", reader.status, reader.headers, count)
            if target is None:
                return
            self.sock.close()
            self.url = target[0]
            count += 1

    def _ask(self):
        url = self.url
        address = addr.text(resolve(self.rt, url.host))
        self.sock = sock = socket.socket()
        sock.settimeout(self.timeout)
        self.reader.reset()
        try:
            sock.connect((address, url.port))
            if url.scheme == "https":
                from net._secure import secure

                self.sock = sock = secure(sock, url.host, url.authority, self.timeout, self.verify)
            sock.sendall(request(url, "GET", self.headers))
        except OSError as e:
            raise explain(e, url.authority)
        while self.reader.next() != HEAD:
            self._receive()

    def _receive(self):
        reader = self.reader
        try:
            reader.fed(self.sock.recv_into(reader.space()))
        except OSError as e:
            received = reader.received
            if not received or e.errno not in (ECONNRESET, ETIMEDOUT):
                raise explain(e, self.url.authority)
            what = "broke off" if e.errno == ECONNRESET else "fell silent"
            text = "%s %s after %d bytes: try again" % (self.url.authority, what, received)
            raise NetError(e.errno, text)

    def _check_status(self):
        reader = self.reader
        status = reader.status
        if 200 <= status < 300:
            return
        number = {401: EACCES, 403: EACCES, 404: ENOENT, 410: ENOENT}.get(status, EIO)
        text = "the server answered %d %s for %s" % (status, reader.reason, self.url)
        raise NetError(number, text, status)

    # The body

    def _body(self, sink, progress):
        reader = self.reader
        write = sink.write
        gather = sink.gather
        while True:
            # A file takes full buffers at a time, everybody else what is here
            if gather and not reader.gathered():
                self._receive()
                continue
            event = reader.next()
            if event == DATA:
                write(reader.data())
                if progress:
                    progress.update(reader.received)
            elif event == NEED:
                self._receive()
            else:
                return
