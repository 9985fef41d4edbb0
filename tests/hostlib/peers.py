# Frostnet: servers on the host
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Servers on the host that the guest talks to. All listen on a free port of 127.0.0.1, which the
guest reaches as 10.0.2.2, unless `host` says otherwise. Each is a context manager with `.port`;
sockets are made in the constructor, in the calling thread's network namespace.
"""

import hashlib
import http.server
import json
import select
import socket
import ssl
import threading
import time
from pathlib import Path

from . import pattern

LOCALHOST = "127.0.0.1"
CERTIFICATES = Path(__file__).parent / "certificates"


def ask(s, data):
    """Send to an echo, and read as many bytes back, or up to the end."""
    s.sendall(data)
    return read(s, len(data))


def read(s, size):
    """Read `size` bytes, or up to the end."""
    out = bytearray()
    while len(out) < size and (piece := s.recv(65536)):
        out += piece
    return bytes(out)


class Peer:
    """A thread that serves until closed. A subclass has `serve()` and looks at `self.closing`."""

    def __init__(self):
        self.closing = threading.Event()
        self.errors = []
        self._thread = threading.Thread(target=self._main, daemon=True)
        self._thread.start()

    def _main(self):
        try:
            self.serve()
        except Exception as e:
            if not self.closing.is_set():
                self.errors.append(e)

    def serve(self):
        raise NotImplementedError

    def close(self):
        self.closing.set()
        self._thread.join(5)
        if self.errors:
            raise self.errors[0]

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            self.close()
        except Exception:
            if kind is None:
                raise


def readable(sock, closing):
    """Wait for data or the end; True when there is data."""
    while not closing.is_set():
        if select.select([sock], [], [], 0.05)[0]:
            return True
    return False


class TcpPeer(Peer):
    """Accepts connections; `handle(conn)` runs in a thread of its own for each."""

    def __init__(self, host=LOCALHOST, port=0):
        self.listener = socket.create_server((host, port), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.accepted = 0
        self._workers = []
        super().__init__()

    def serve(self):
        while readable(self.listener, self.closing):
            conn, _ = self.listener.accept()
            self.accepted += 1
            worker = threading.Thread(target=self._work, args=(conn,), daemon=True)
            self._workers.append(worker)
            worker.start()

    def _work(self, conn):
        with conn:
            conn.settimeout(30)
            try:
                self.handle(conn)
            except OSError as e:
                if not self.closing.is_set():
                    self.errors.append(e)

    def handle(self, conn):
        raise NotImplementedError

    def close(self):
        self.closing.set()
        for worker in self._workers:
            worker.join(5)
        self.listener.close()
        super().close()


class TcpEcho(TcpPeer):
    """RFC 862."""

    def handle(self, conn):
        while data := conn.recv(65536):
            conn.sendall(data)


class Source(TcpPeer):
    """Sends `size` bytes of the pattern, half-closes, and takes the guest's count: 8 bytes, big
    endian. `results` has (seconds, count) of each connection; the clock starts at accept and
    stops when the count is here, which is after the guest read the last byte."""

    def __init__(self, size, **kw):
        self.payload = pattern.data(size)
        self.results = []
        self.done = threading.Semaphore(0)
        super().__init__(**kw)

    def handle(self, conn):
        begin = time.perf_counter()
        conn.sendall(self.payload)
        conn.shutdown(socket.SHUT_WR)
        count = b""
        while len(count) < 8 and (piece := conn.recv(8 - len(count))):
            count += piece
        seconds = time.perf_counter() - begin
        self.results.append((seconds, int.from_bytes(count, "big") if len(count) == 8 else -1))
        self.done.release()


class Sink(TcpPeer):
    """Takes everything, then closes. `results` has (seconds, size, sha256 as hex) of each
    connection; the clock runs from accept to the end of the stream, without the hash."""

    def __init__(self, **kw):
        self.results = []
        self.done = threading.Semaphore(0)
        super().__init__(**kw)

    def handle(self, conn):
        begin = time.perf_counter()
        pieces = []
        while data := conn.recv(262144):
            pieces.append(data)
        seconds = time.perf_counter() - begin
        conn.close()
        digest = hashlib.sha256()
        for data in pieces:
            digest.update(data)
        self.results.append((seconds, sum(map(len, pieces)), digest.hexdigest()))
        self.done.release()


class Silent(TcpPeer):
    """Accepts, says nothing and keeps the connection until closed."""

    def handle(self, conn):
        self.closing.wait()


class UdpEcho(Peer):
    """RFC 862 over UDP."""

    def __init__(self, host=LOCALHOST, port=0):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, port))
        self.port = self.sock.getsockname()[1]
        self.count = 0
        super().__init__()

    def serve(self):
        while readable(self.sock, self.closing):
            data, peer = self.sock.recvfrom(65535)
            self.count += 1
            self.sock.sendto(data, peer)

    def close(self):
        super().close()
        self.sock.close()


class _HttpHandler(http.server.BaseHTTPRequestHandler):
    """Paths: /size/N, /chunked/N, /eof/N, /redirect/N (N hops, then /size/1000), /moved, /loop,
    /slow, /missing, /short (says more than it sends), /badchunk."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.server.requests.append(self.path)
        name, _, arg = self.path.lstrip("/").partition("/")
        getattr(self, "get_" + name, self.get_missing)(arg)

    def _head(self, code, *headers):
        self.send_response(code)
        for key, value in headers:
            self.send_header(key, value)
        self.end_headers()

    def _echo(self):
        """Any other method is answered with what was sent, as JSON."""
        size = int(self.headers.get("Content-Length", 0))
        said = {
            "method": self.command,
            "path": self.path,
            "headers": dict(self.headers.items()),
            "body": self.rfile.read(size).decode(),
        }
        body = json.dumps(said).encode()
        self._head(200, ("Content-Type", "application/json"), ("Content-Length", str(len(body))))
        self.wfile.write(body)

    do_POST = do_PUT = do_PATCH = do_DELETE = _echo

    def get_size(self, arg):
        body = pattern.data(int(arg))
        self._head(200, ("Content-Length", str(len(body))))
        self.wfile.write(body)

    def get_chunked(self, arg):
        body = memoryview(pattern.data(int(arg)))
        self._head(200, ("Transfer-Encoding", "chunked"))
        at, step = 0, 1
        while at < len(body):
            piece = body[at : at + step]
            self.wfile.write(b"%x\r\n" % len(piece) + piece + b"\r\n")
            at += step
            step = step * 3 % 9973 + 1
        self.wfile.write(b"0\r\n\r\n")

    def get_eof(self, arg):
        self.close_connection = True
        self._head(200, ("Connection", "close"))
        self.wfile.write(pattern.data(int(arg)))

    def get_redirect(self, arg):
        hops = int(arg)
        where = "/redirect/%d" % (hops - 1) if hops > 1 else "/size/1000"
        self._head(302, ("Location", where), ("Content-Length", "0"))

    def get_moved(self, arg):
        """To /size/1000, by the whole address."""
        scheme = "https" if isinstance(self.connection, ssl.SSLSocket) else "http"
        name, port = self.headers["Host"].partition(":")[0], self.server.server_address[1]
        where = f"{scheme}://{name}:{port}/size/1000"
        self._head(302, ("Location", where), ("Content-Length", "0"))

    def get_loop(self, arg):
        self._head(301, ("Location", "/loop"), ("Content-Length", "0"))

    def get_slow(self, arg):
        self._head(200, ("Content-Length", "5"))
        for byte in b"slow\n":
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.1)

    def get_short(self, arg):
        self.close_connection = True
        self._head(200, ("Content-Length", "1000"))
        self.wfile.write(b"x" * 10)

    def get_badchunk(self, arg):
        self.close_connection = True
        self._head(200, ("Transfer-Encoding", "chunked"))
        self.wfile.write(b"5\r\nhello\r\nzz\r\nnonsense\r\n")

    def get_missing(self, arg):
        body = b"no such thing\n"
        self._head(404, ("Content-Length", str(len(body))))
        self.wfile.write(body)


class Http:
    """Python's HTTP server with the paths of `_HttpHandler`; https with an SSLContext."""

    def __init__(self, host=LOCALHOST, context=None):
        self.server = http.server.ThreadingHTTPServer((host, 0), _HttpHandler)
        self.scheme = "http"
        if context:
            self.scheme = "https"
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server.daemon_threads = True
        self.server.requests = self.requests = []
        self.server.handle_error = lambda *args: None  # a guest that hangs up is no news
        self.port = self.server.server_address[1]
        self._thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def url(self, path, host="10.0.2.2"):
        return "%s://%s:%d%s" % (self.scheme, host, self.port, path)

    def close(self):
        self.server.shutdown()
        self._thread.join(5)
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


class Dns:
    """A DNS server for the names in `zone` ({name: [(type, value), …]}), by dnslib.

    `ignore` first queries get no answer; `queries` has (id, name, type, source port) of each.
    """

    def __init__(self, zone, host=LOCALHOST, port=0, ttl=60, ignore=0):
        from dnslib.server import BaseResolver, DNSServer

        outer = self

        class Resolver(BaseResolver):
            def resolve(self, request, handler):
                return outer._answer(request, handler)

        self.zone, self.ttl, self.ignore = zone, ttl, ignore
        self.queries = []
        self._server = DNSServer(Resolver(), address=host, port=port, logger=_Quiet())
        self.port = self._server.server.server_address[1]
        self._server.start_thread()

    def _answer(self, request, handler):
        import dnslib

        name = str(request.q.qname).rstrip(".").lower()
        kind = dnslib.QTYPE[request.q.qtype]
        self.queries.append((request.header.id, name, kind, handler.client_address[1]))
        if self.ignore > 0:
            self.ignore -= 1
            raise dnslib.DNSError("ignored on purpose")
        reply = request.reply()
        if name not in self.zone:
            reply.header.rcode = dnslib.RCODE.NXDOMAIN
            return reply
        seen = 0
        while name in self.zone and seen < 16:
            target = None
            for rtype, value in self.zone[name]:
                if rtype in (kind, "CNAME"):
                    data = getattr(dnslib, rtype)(value)
                    reply.add_answer(
                        dnslib.RR(name, getattr(dnslib.QTYPE, rtype), rdata=data, ttl=self.ttl)
                    )
                if rtype == "CNAME":
                    target = value.rstrip(".").lower()
            name, seen = target, seen + 1
        return reply

    def close(self):
        self._server.stop()
        self._server.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


class _Quiet:
    """dnslib's logger interface, without output."""

    def __getattr__(self, name):
        return lambda *args, **kw: None
