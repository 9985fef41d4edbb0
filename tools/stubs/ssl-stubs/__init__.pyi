# Frostnet: stubs of MicroPython's ssl module on the board
# MIT license; Copyright (c) 2026 The Frostnet authors

import io
import socket
from collections.abc import Callable

from typing_extensions import Buffer

BUNDLES: tuple[str, ...]
CERT_NONE: int
CERT_OPTIONAL: int
CERT_REQUIRED: int
MBEDTLS_VERSION: str
PROTOCOL_DTLS_CLIENT: int
PROTOCOL_DTLS_SERVER: int
PROTOCOL_TLS_CLIENT: int
PROTOCOL_TLS_SERVER: int

class _SSLSocket(io.RawIOBase):
    def cipher(self) -> tuple[str, str]: ...
    def getpeercert(self, binary_form: bool) -> bytes | None: ...
    def setblocking(self, flag: bool) -> None: ...

class SSLContext:
    verify_mode: int
    verify_callback: Callable[[bytes, int], int] | None
    def __init__(self, protocol: int) -> None: ...
    def get_ciphers(self) -> list[str]: ...
    def set_ciphers(self, ciphers: list[str]) -> None: ...
    def load_cert_chain(
        self, certfile: str | Buffer, keyfile: str | Buffer | None = None
    ) -> None: ...
    def load_verify_locations(
        self, cafile: str | Buffer | None = None, cadata: Buffer | None = None
    ) -> None: ...
    def load_default_certs(self) -> None: ...
    def wrap_socket(
        self,
        sock: socket.socket | io.RawIOBase,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        server_hostname: str | None = None,
    ) -> _SSLSocket: ...

def create_default_context(
    cafile: str | Buffer | None = None, cadata: Buffer | None = None
) -> SSLContext: ...
def wrap_socket(
    sock: socket.socket | io.RawIOBase,
    server_side: bool = False,
    key: str | Buffer | None = None,
    cert: str | Buffer | None = None,
    cert_reqs: int = ...,
    cadata: Buffer | None = None,
    server_hostname: str | None = None,
    do_handshake: bool = True,
) -> _SSLSocket: ...
