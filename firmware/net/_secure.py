# Frostnet: the face of a socket over TLS, for commands
# MIT license; Copyright (c) 2026 The Frostnet authors

import select

from micropython import const

from net._error import EACCES, EAGAIN, ENOENT, EPROTONOSUPPORT, ETIMEDOUT, NetError

_MS = const(1000)


class Secure:
    """`sendall`, `recv_into`, `settimeout` and `close` over a TLS stream, as of a socket: a
    silence of `timeout` seconds is ETIMEDOUT, with 0 seconds what would wait is EAGAIN."""

    def __init__(self, sock, stream, timeout):
        # Non-blocking: a TLS stream that blocks returns only what fills the buffer.
        sock.setblocking(False)
        self._sock = sock
        self._stream = stream
        self._poll = select.poll()
        self.settimeout(timeout)

    def settimeout(self, timeout):
        self._ms = -1 if timeout is None else int(timeout * _MS)

    def sendall(self, data):
        view = memoryview(data)
        while len(view):
            n = self._stream.write(view)
            if n is None:
                self._wait(select.POLLOUT)
            else:
                view = view[n:]

    def recv_into(self, buf):
        while True:
            n = self._stream.readinto(buf)
            if n is not None:
                return n
            self._wait(select.POLLIN)

    def close(self):
        self._stream.close()
        self._sock.close()

    def _wait(self, event):
        if not self._ms:
            raise OSError(EAGAIN)
        self._poll.register(self._stream, event)
        if not self._poll.poll(self._ms):
            raise OSError(ETIMEDOUT)


def secure(sock, host, peer, timeout, verify):
    """Return a Secure over the connected `sock`, whose peer has proven to be `host`.

    `verify` is True (the bundle on the filesystem is believed), the name of a bundle, or False
    (anybody is believed). NetError; the socket stays open then.
    """
    try:
        import ssl
    except ImportError:
        raise NetError(EPROTONOSUPPORT, "https needs TLS, which is not in this image: use http://")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if verify:
            context.verify_mode = ssl.CERT_REQUIRED
            if verify is True:
                context.load_default_certs()
            else:
                context.load_verify_locations(verify)
    except (OSError, ValueError):
        where = ssl.BUNDLES[0] if verify is True else verify
        raise NetError(
            ENOENT,
            "no authorities to check %s with: put a bundle (PEM) at %s, or say verify=False"
            % (peer, where),
        )
    try:
        stream = context.wrap_socket(sock, server_hostname=host)
    except ValueError as e:
        why = " ".join(str(e).split())
        raise NetError(EACCES, "%s is not to be believed: %s" % (peer, why))
    except OSError as e:
        if e.errno == ETIMEDOUT:
            raise
        raise NetError(EPROTONOSUPPORT, "%s does not agree on TLS: %s" % (peer, e.args[-1]))
    return Secure(sock, stream, timeout)
