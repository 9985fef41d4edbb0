# Frostnet: the handshake of a WebSocket (RFC 6455 section 4.2)
# MIT license; Copyright (c) 2026 The Frostnet authors

import binascii
import hashlib

from http.server.error import Refused
from http.server.head import tokens

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Upgrade(Refused):
    """The client speaks another version, or none; the answer names ours."""

    fields = (("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"))


def wanted(fields):
    """Return whether a request asks for a WebSocket."""
    return "websocket" in tokens(fields.get("upgrade", ""))


def accept(method, minor, fields):
    """Return the fields of the answer, whose status is 101. Refused; Upgrade for 426.

    A browser tells from where the page came that asks: only ours may (section 10.2).
    """
    if method != "GET" or not minor or "upgrade" not in tokens(fields.get("connection", "")):
        raise Refused(400, "this is no handshake of a WebSocket")
    if fields.get("sec-websocket-version") != "13":
        raise Upgrade(426, "this server speaks version 13 of WebSocket")
    key = fields.get("sec-websocket-key", "").encode()
    try:
        if len(key) != 24 or len(binascii.a2b_base64(key)) != 16:
            raise ValueError
    except ValueError:
        raise Refused(400, "the handshake's key is none")
    origin = fields.get("origin")
    if origin is not None and origin.partition("://")[2] != fields.get("host"):
        raise Refused(403, "a page of another site must not connect here")
    digest = hashlib.sha1(key + _GUID).digest()
    return [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", binascii.b2a_base64(digest).decode().strip()),
    ]
