# Frostnet: a web server on one host, clients on another, and answers taken apart
# MIT license; Copyright (c) 2026 The Frostnet authors

import binascii
import os

from httpd import HTTPD
from service_bench import Bench, read_to_end
from simtools import pattern

# A folder of this process: several may test at a time.
ROOT = "/tmp/frostnet-httpd-" + binascii.hexlify(os.urandom(6)).decode()
FILES = (
    ("/hello.txt", b"hello world"),
    ("/sub/index.html", b"<p>index"),
    ("/empty/a b&<c>.js", b"x"),
    ("/big.bin", pattern(300000)),
    ("/none", b""),
)
FOLDERS = ("", "/sub", "/empty")

GET = b"GET %s HTTP/1.1\r\nHost: board\r\n\r\n"
LAST = b"GET %s HTTP/1.1\r\nHost: board\r\nConnection: close\r\n\r\n"
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: board\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def make(port):
    """A server of the files of ROOT, which it makes."""
    for folder in FOLDERS:
        try:
            os.mkdir(ROOT + folder)
        except OSError:
            pass  # the server is made anew
    for name, data in FILES:
        write(name, data)
    age()
    return HTTPD(port, ROOT, dashboard=False)


def write(name, data):
    with open(ROOT + name, "wb") as file:
        file.write(data)


def age(seconds=1700000000):
    """Let all files have been changed then."""
    assert os.system("find %s -type f -exec touch -d @%d {} +" % (ROOT, seconds)) == 0


def clear():
    for folder in reversed(FOLDERS):
        try:
            names = os.listdir(ROOT + folder)
        except OSError:
            continue
        for name in names:
            os.remove(ROOT + folder + "/" + name)
        os.rmdir(ROOT + folder)


class Web(Bench):
    """The server on host b, its clients on host a."""

    def __init__(self, server=make, **options):
        super().__init__(server, **options)
        self.server = self.service

    def __exit__(self, *exc):
        super().__exit__(*exc)
        clear()

    def ask(self, data, close=True):
        """Answers to what is sent, as bytes; `close`: the last one ends the connection."""
        s = self.client()
        s.sendall(data)
        if close:
            return read_to_end(s)
        return s

    def get(self, path="/hello.txt", method="GET", body=b"", **fields):
        """(status, fields, body) of one request."""
        lines = ["%s %s HTTP/1.1" % (method, path), "Host: board", "Connection: close"]
        if body:
            lines.append("Content-Length: %d" % len(body))
        for name, value in fields.items():
            lines.append("%s: %s" % (name.replace("_", "-"), value))
        return parsed(self.ask("\r\n".join(lines).encode() + b"\r\n\r\n" + body))


def parsed(data):
    """(status, fields, body) of the only answer in `data`."""
    status, fields, body, rest = one(data)
    assert not rest, rest[:100]
    return status, fields, body


def one(data, head_only=False):
    """(status, fields, body, what follows) of the first answer in `data`."""
    head, sep, rest = data.partition(b"\r\n\r\n")
    assert sep, data[:200]
    lines = head.decode().split("\r\n")
    version, status, _ = lines[0].split(" ", 2)
    assert version == "HTTP/1.1"
    fields = {}
    for line in lines[1:]:
        name, value = line.split(": ", 1)
        assert name.lower() not in fields
        fields[name.lower()] = value
    if head_only or status in ("304", "204", "100"):
        return int(status), fields, b"", rest
    if fields.get("transfer-encoding") == "chunked":
        body = b""
        while True:
            size, _, rest = rest.partition(b"\r\n")
            n = int(size, 16)
            body += rest[:n]
            assert rest[n : n + 2] == b"\r\n"
            rest = rest[n + 2 :]
            if not n:
                return int(status), fields, body, rest
    if "content-length" in fields:
        n = int(fields["content-length"])
        assert len(rest) >= n, (len(rest), n)
        return int(status), fields, rest[:n], rest[n:]
    return int(status), fields, rest, b""


def post(fields, body=b"", path=b"/sink"):
    """A request with a body; `fields` say how long it is."""
    return b"POST " + path + b" HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n\r\n" + body


def frame(opcode, data=b"", final=0x80):
    """A client's frame, with a mask that changes nothing."""
    n = len(data)
    size = bytes((0x80 | n,)) if n < 126 else b"\xfe" + n.to_bytes(2, "big")
    return bytes((final | opcode,)) + size + bytes(4) + data


class Chat:
    """The server's side of WebSockets."""

    def __init__(self, web):
        self.open = []
        self.closed = []
        web.server.websocket("/ws", self.message, self.open.append, self.closed.append, 70000)

    def message(self, ws, message):
        if message == "!":
            raise ValueError
        if message == "bye":
            ws.close(1001, "later")
        ws.send(message)


def connect(web):
    """A socket on which a WebSocket has begun."""
    s = web.ask(HANDSHAKE, False)
    status, fields, body, rest = one(s.recv(1000), True)
    assert status == 101 and fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert "content-length" not in fields and not rest
    return s
