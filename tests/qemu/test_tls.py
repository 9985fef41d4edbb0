# Frostnet: TLS on the board, with CPython's OpenSSL at the other end
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The certificates (tests/hostlib/certificates) are made for these tests: `server.pem` is for
frostnet.test, `expired.pem` was that in 2020, `ca.pem` signed both."""

import hashlib
import json
import socket
import ssl
import threading

import pytest

from hostlib import pattern, peers

FOLDER = peers.CERTIFICATES
CA = (FOLDER / "ca.pem").read_bytes()
SIZE = 500_000

CLIENT = f"""
import hashlib, os, socket, ssl
CA = {CA!r}
def context(ca=CA):
    it = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    it.verify_mode = ssl.CERT_REQUIRED
    if ca:
        it.load_verify_locations(cadata=ca)
    return it
def connect(port, name="frostnet.test", it=None):
    s = socket.socket()
    s.settimeout(30)
    s.connect(("10.0.2.2", port))
    try:
        return (it or context()).wrap_socket(s, server_hostname=name)
    except Exception:
        s.close()
        raise
def why(*args, **kw):
    try:
        connect(*args, **kw)
    except (OSError, ValueError) as e:
        print(type(e).__name__, *e.args)
"""


def server_context(certificate="server.pem"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FOLDER / certificate, FOLDER / "server-key.pem")
    return context


class TlsEcho(peers.TcpEcho):
    """An echo over TLS; `failed` has the handshakes that did not end well."""

    def __init__(self, certificate="server.pem", **kw):
        self.context = server_context(certificate)
        self.failed = []
        super().__init__(**kw)

    def handle(self, conn):
        try:
            conn = self.context.wrap_socket(conn, server_side=True)
        except OSError as e:
            self.failed.append(e)
            return
        with conn:
            super().handle(conn)


def connect(port):
    """A connection to the board's server, whose certificate must be right."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=30)
    context = ssl.create_default_context(cadata=CA.decode())
    return context.wrap_socket(plain, server_hostname="frostnet.test")


@pytest.mark.timeout(120)
def test_client_gets_back_what_it_sent(board):
    with TlsEcho() as echo:
        out = board.exec(
            CLIENT
            + f"""
c = connect({echo.port})
print(*c.cipher())
print(c.getpeercert(True).hex())
data = os.urandom(16384)
sent, got = hashlib.sha256(), hashlib.sha256()
buf = bytearray(len(data))
for i in range({SIZE} // len(data)):
    sent.update(data)
    c.write(data)
    n = 0
    while n < len(buf):
        n += c.readinto(memoryview(buf)[n:])
    got.update(buf)
c.close()
print(sent.digest() == got.digest(), c.cipher())
""",
            100,
        )
    cipher, certificate, same = out.split("\n")[:3]
    assert cipher.endswith("TLSv1.2") and "ECDHE" in cipher
    assert bytes.fromhex(certificate) == ssl.PEM_cert_to_DER_cert(
        (FOLDER / "server.pem").read_text()
    )
    assert same == "True None"


@pytest.mark.timeout(120)
def test_certificates_are_checked(board):
    """RFC 5280 §6, RFC 9525 §6: the authority, the time, and the name must be right."""
    with TlsEcho() as good, TlsEcho("expired.pem") as expired:
        out = board.exec(
            CLIENT
            + f"""
why({good.port}, "other.test")
why({expired.port})
why({good.port}, it=context(None))
why({good.port}, None)
""",
            100,
        ).splitlines()
    text = "\n".join(out)
    assert "does not match with the expected CN" in text
    assert "validity has expired" in text
    assert "MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED" in text
    assert "requires server_hostname" in text


@pytest.mark.timeout(120)
def test_server_with_three_clients_by_asyncio(board):
    certificate = (FOLDER / "server.pem").read_bytes()
    key = (FOLDER / "server-key.pem").read_bytes()
    code = f"""
import asyncio, ssl
it = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
it.load_cert_chain({certificate!r}, {key!r})
async def echo(reader, writer):
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    writer.close()
async def main():
    async with await asyncio.start_server(echo, "0.0.0.0", 4433, ssl=it):
        print("ready")
        await asyncio.sleep(1000)
asyncio.run(main())
"""
    data = pattern.data(100_000)
    results = []

    def work(conn):
        # One thing after the other: an SSLSocket is not made for two threads.
        digest = hashlib.sha256()
        with conn:
            for at in range(0, len(data), 10_000):
                digest.update(peers.ask(conn, data[at : at + 10_000]))
        results.append(digest.digest())

    with board.serving(code):
        port = board.forward("tcp", 4433)
        threads = [threading.Thread(target=work, args=(connect(port),)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == [hashlib.sha256(data).digest()] * 3


@pytest.mark.timeout(120)
def test_what_is_scheduled_runs_during_a_handshake(boot):
    """The network's poll is scheduled like this timer. A handshake computes for tens of
    milliseconds, most of them within a few calls of the library. QEMU's clock counts the guest's
    instructions, so what else the host does is no part of them."""
    board = boot(args=("-icount", "shift=0"))
    board.wait_prompt(60)
    board.wait_lease(60)
    with TlsEcho() as echo:
        out = board.exec(
            CLIENT
            + f"""
import machine, time
last = worst = 0
def tick(timer):
    global last, worst
    now = time.ticks_us()
    worst = max(worst, now - last)
    last = now
ctx = context()
shares = []
for i in range(3):
    s = socket.socket()
    s.connect(("10.0.2.2", {echo.port}))
    c = ctx.wrap_socket(s, server_hostname="frostnet.test", do_handshake_on_connect=False)
    worst = 0
    begin = last = time.ticks_us()
    timer = machine.Timer(period=1, callback=tick)
    c.write(b"x")
    shares.append(worst / (time.ticks_us() - begin))
    timer.deinit()
    c.close()
print(shares)
""",
            100,
        )
    # Without the library's help it is a third.
    assert min(json.loads(out)) < 0.2, out


def test_closed_sockets_say_so(board):
    with TlsEcho() as echo:
        out = board.exec(
            CLIENT
            + f"""
c = connect({echo.port})
c.close()
for call in (lambda: c.setblocking(False), lambda: c.read(1), lambda: c.write(b"x")):
    try:
        call()
    except OSError as e:
        print("OSError")
print(c.cipher(), c.close())
""",
            60,
        )
    assert out.splitlines() == ["OSError"] * 3 + ["None None"]


@pytest.mark.timeout(120)
def test_wget_by_https(board):
    with peers.Http(context=server_context()) as web:
        board.exec(f"import net\nf = open('/ca.pem', 'wb')\nf.write({CA!r})\nf.close()")
        board.exec("from frostnet import runtime\nhosts = runtime.current().resolver.hosts")
        board.exec("for name in ('frostnet.test', 'other.test'): hosts.add(name, 0x0a000202)")
        for form in ("size", "chunked", "eof"):
            url = web.url(f"/{form}/100003", "frostnet.test")
            board.exec(f"net.wget('{url}', '/body', verify='/ca.pem')", 30)
            assert board.exec("file_hash('/body')").split()[1] == pattern.sha256(100_003)
        # The certificate has the address as well, and the name follows a redirection.
        url = web.url("/redirect/2")
        assert board.exec(f"print(len(net.wget('{url}', verify='/ca.pem')))", 30) == "1000\n"
        other = web.url("/size/1", "other.test")
        assert board.exec(f"print(len(net.wget('{other}', verify=False)))", 30) == "1\n"
        ask = "\ntry: net.wget(%s)\nexcept net.NetError as e: print(e.errno, e)"
        out = board.exec(ask % f"'{other}', verify='/ca.pem'", 30)
        assert out.startswith("13 other.test") and "is not to be believed" in out
        out = board.exec(ask % f"'{url}'", 30)
        assert out.startswith("2 no authorities") and "/lib/ca-bundle.pem" in out
        # The bundle that is believed when nothing else is said.
        board.exec("import os\nos.rename('/ca.pem', '/ca-bundle.pem')")
        assert board.exec(f"print(len(net.wget('{url}')))", 30) == "1000\n"
    with peers.Http() as plain:
        url = plain.url("/size/1").replace("http:", "https:")
        assert "does not agree on TLS" in board.exec(ask % f"'{url}', verify=False", 30)
    board.exec("import os\nfor name in ('/ca-bundle.pem', '/body'): os.remove(name)")


@pytest.mark.timeout(120)
def test_wget_posts_by_https(board):
    """What is sent in pieces, between which the answer is looked for without waiting."""
    with peers.Http(context=server_context()) as web:
        board.exec("import io, json, net\nbody = 'abcdefgh' * 5000")
        for data in ("body", "io.StringIO(body)"):
            ask = f"net.wget('{web.url('/x')}', data={data}, verify=False, quiet=True)"
            out = board.exec(
                f"said = json.loads({ask})\nprint(said['method'], said['body'] == body)"
            )
            assert out == "POST True\n"
