# Frostnet: Python's ssl module over MicroPython's tls
# MIT license; Copyright (c) 2026 The Frostnet authors

import tls
from tls import (
    CERT_NONE,
    CERT_OPTIONAL,
    CERT_REQUIRED,
    MBEDTLS_VERSION,
    PROTOCOL_DTLS_CLIENT,
    PROTOCOL_DTLS_SERVER,
    PROTOCOL_TLS_CLIENT,
    PROTOCOL_TLS_SERVER,
)

# Where a bundle of authorities (PEM) is looked for; the first one found is taken.
BUNDLES = ("/lib/ca-bundle.pem", "/ca-bundle.pem")


# What is text names a file; bytes are the thing itself, DER or PEM.
def _load(what):
    if isinstance(what, str):
        with open(what, "rb") as f:
            return f.read()
    return what


class SSLContext:
    """A configuration for any number of connections; keys and certificates in PEM or DER.

    As on other boards a client believes any server until `verify_mode` says otherwise;
    create_default_context() makes one that checks. OSError or ValueError where a file or what it
    holds cannot be used.
    """

    def __init__(self, protocol):
        self._tls = tls.SSLContext(protocol)
        self._tls.verify_mode = CERT_NONE

    @property
    def verify_mode(self):
        return self._tls.verify_mode

    @verify_mode.setter
    def verify_mode(self, mode):
        self._tls.verify_mode = mode

    @property
    def verify_callback(self):
        return self._tls.verify_callback

    @verify_callback.setter
    def verify_callback(self, callback):
        self._tls.verify_callback = callback

    def get_ciphers(self):
        return self._tls.get_ciphers()

    def set_ciphers(self, ciphers):
        self._tls.set_ciphers(ciphers)

    def load_cert_chain(self, certfile, keyfile=None):
        """Our own certificate, and its key: names of files, or their content as bytes."""
        self._tls.load_cert_chain(_load(certfile), _load(certfile if keyfile is None else keyfile))

    def load_verify_locations(self, cafile=None, cadata=None):
        """The authorities to believe: the name of a file, or its content as bytes."""
        self._tls.load_verify_locations(_load(cafile) if cadata is None else cadata)

    def load_default_certs(self):
        """The bundle of authorities on the filesystem. OSError if there is none."""
        for name in BUNDLES:
            try:
                data = _load(name)
            except OSError:
                continue
            self._tls.load_verify_locations(data)
            return
        raise OSError("no authorities to check certificates with: put a bundle at " + BUNDLES[0])

    def wrap_socket(
        self, sock, server_side=False, do_handshake_on_connect=True, server_hostname=None
    ):
        """A stream that is `sock` encrypted.

        OSError if the handshake fails; ValueError with the reason if the peer's certificate is
        not to be believed, or if CERT_REQUIRED has no `server_hostname` to compare it with.
        """
        return self._tls.wrap_socket(
            sock,
            server_side=server_side,
            do_handshake_on_connect=do_handshake_on_connect,
            server_hostname=server_hostname,
        )


def create_default_context(cafile=None, cadata=None):
    """A context for clients that believe a server only with a certificate for its name."""
    context = SSLContext(PROTOCOL_TLS_CLIENT)
    context.verify_mode = CERT_REQUIRED
    if cafile or cadata:
        context.load_verify_locations(cafile, cadata)
    else:
        context.load_default_certs()
    return context


def wrap_socket(
    sock,
    server_side=False,
    key=None,
    cert=None,
    cert_reqs=CERT_NONE,
    cadata=None,
    server_hostname=None,
    do_handshake=True,
):
    """As MicroPython had it before contexts: no check of certificates unless it is asked for."""
    context = SSLContext(PROTOCOL_TLS_SERVER if server_side else PROTOCOL_TLS_CLIENT)
    if key is not None or cert is not None:
        context.load_cert_chain(cert, key)
    if cadata is not None:
        context.load_verify_locations(cadata=cadata)
    context.verify_mode = cert_reqs
    return context.wrap_socket(sock, server_side, do_handshake, server_hostname)
