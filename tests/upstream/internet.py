# Frostnet: a stand-in for the Internet that MicroPython's tests use
# MIT license; Copyright (c) 2026 The Frostnet authors
"""`Internet` is a namespace in which the names of net_inet/ and net_hosted/ are found and served:
micropython.org and others by HTTP and HTTPS, test.mosquitto.org by TLS with a certificate that it
signed itself. A round trip takes as long as to a real site: tests look at connections that are on
their way.

The certificates are the tests' own. `root.pem` signed `authority.pem`, which signed that of the
sites (sites.pem: key, certificate, authority). The keys of the first two are not kept.
"""

import contextlib
import socket
import ssl
from pathlib import Path

from hostlib.badlink import BadLink
from hostlib.lan import HOST, TAP, Lan
from hostlib.peers import TcpPeer

CERTIFICATES = Path(__file__).parent / "certificates"
DOMAINS = ("org", "www.github.com", "api.pushbullet.com")  # whose names are found
# Names under which tests load certificates of the real sites' authorities from the folder that
# they run in, and what stands in for those.
LOADED = {"isrg.der": "root.pem", "mpycert.der": "authority.pem"}
NOWHERE = "192.168.77.254"  # the way to every address that is none of the sites'
DELAY = 15  # ms each way

_PAGE = b"<html><body><p>Not quite MicroPython</p></body></html>"
# What net_inet/asyncio_tcp_read_headers.py.exp has of micropython.org, and what it leaves out.
_ANSWER = (
    b"HTTP/1.1 200 OK\r\n"
    b"Server: stand-in\r\n"
    b"Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    b"Content-Type: text/html\r\n"
    b"Content-Length: 54\r\n"
    b"Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    b"Connection: close\r\n"
    b"Vary: Accept-Encoding\r\n"
    b'ETag: "54306c85-36"\r\n'
    b"Strict-Transport-Security: max-age=15768000\r\n"
    b"Accept-Ranges: bytes\r\n\r\n" + _PAGE
)
_REFUSAL = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_HEAD_MAX = 65536


class Site(TcpPeer):
    """Answers each request with the same page, and everything else (such as TLS where none is
    spoken) with status 400. With `certificate`, a name in the folder, it speaks TLS."""

    def __init__(self, port, certificate=None):
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(CERTIFICATES / certificate)
        super().__init__(host=HOST, port=port)

    def handle(self, conn):
        # Tests hang up in every state, and refuse certificates.
        with contextlib.suppress(OSError):
            if self.context:
                with self.context.wrap_socket(conn, server_side=True) as secure:
                    self._answer(secure)
                    secure.setblocking(False)
                    with contextlib.suppress(ssl.SSLWantReadError):
                        secure.unwrap()  # says that this was all, and waits for no reply
                    self._end(secure)
            else:
                self._answer(conn)
                self._end(conn)

    @staticmethod
    def _end(conn):
        conn.shutdown(socket.SHUT_WR)
        conn.settimeout(10)
        while conn.recv(4096):  # what nobody read would reset the connection
            pass

    @staticmethod
    def _answer(conn):
        head = b""
        while b"\r\n\r\n" not in head and len(head) < _HEAD_MAX:
            if not (piece := conn.recv(4096)):
                return
            head += piece
            if not b"GET /".startswith(head[:5]):
                conn.sendall(_REFUSAL)
                return
        conn.sendall(_ANSWER)


class Internet(Lan):
    """A `Lan` in which the Internet is: see above. `link` is the wire to it."""

    def __init__(self, workdir):
        super().__init__(workdir)
        self._open = contextlib.ExitStack()
        try:
            # What is for nobody here must get no answer at all: it waits for a neighbour that
            # there is not, or is dropped.
            self.exec("sysctl", "-qw", "net.ipv4.ip_forward=0")
            self.ip("route", "add", "default", "via", NOWHERE, "dev", TAP)
            self.start_dnsmasq("--address=/#/", *(f"--address=/{name}/{HOST}" for name in DOMAINS))
            with self.inside():
                for site in ((80,), (443, "sites.pem"), (8883, "selfsigned.pem")):
                    self._open.enter_context(Site(*site))
            self.link = self._open.enter_context(BadLink(self, delay=DELAY))
        except BaseException:
            self.close()
            raise

    @property
    def resolving(self):
        """`prefix` for a command that finds names by our server: CPython, which tells
        run-tests.py what to expect."""
        conf = self.workdir / "resolv.conf"
        conf.write_text(f"nameserver {HOST}\n")
        # `ip netns exec` gives its command a mount namespace of its own.
        script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        return (*self.prefix, "sh", "-c", script, str(conf))

    def certificates(self, folder):
        """Write the files of `LOADED` into a folder."""
        for name, source in LOADED.items():
            pem = (CERTIFICATES / source).read_text()
            (folder / name).write_bytes(ssl.PEM_cert_to_DER_cert(pem))

    def close(self):
        self._open.close()
        super().close()
