# Frostnet: tests of WebSocket frames and of their handshake
# MIT license; Copyright (c) 2026 The Frostnet authors

# Clauses are those of RFC 6455.

import random

from http import websocket as ws
from http.server import Refused, upgrade
from http.websocket import BINARY, CLOSE, NEED, PING, PONG, TEXT, Broken, Frames

MASK = b"\x37\xfa\x21\x3d"


def frame(opcode, payload=b"", final=True, mask=MASK, flags=0, size=None):
    """A client's frame; `size` is what its head says instead of the truth, as it is encoded."""
    n = len(payload)
    if size is None:
        if n < 126:
            size = bytes((n,))
        elif n < 65536:
            size = b"\x7e" + n.to_bytes(2, "big")
        else:
            size = b"\x7f" + n.to_bytes(8, "big")
    head = bytes(((0x80 if final else 0) | flags | opcode, size[0] | (0x80 if mask else 0)))
    body = bytes([c ^ mask[i & 3] for i, c in enumerate(payload)]) if mask else payload
    return head + size[1:] + (mask or b"") + body


def events(data, limit=65536, step=None):
    frames = Frames(limit)
    out = []
    for i in range(0, len(data), step or len(data)):
        frames.feed(data[i : i + (step or len(data))])
        while True:
            event = frames.next()
            if event == NEED:
                break
            out.append((event, frames.code if event == CLOSE else frames.message))
    return out


def code_of(data, limit=65536):
    try:
        events(data, limit)
    except Broken as e:
        assert str(e)
        return e.code
    return 0


def test_examples():
    # §5.7
    assert events(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58") == [(TEXT, "Hello")]
    assert ws.build(TEXT, "Hello") == b"\x81\x05Hello"
    assert ws.build(BINARY, bytes(256)) == b"\x82\x7e\x01\x00" + bytes(256)
    assert ws.build(BINARY, bytes(65536))[:10] == b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"


def test_sizes():
    for n in (0, 1, 3, 4, 5, 125, 126, 127, 65535, 65536):
        data = bytes([i * 7 & 0xFF for i in range(n)])
        assert events(frame(BINARY, data), 70000) == [(BINARY, data)], n


def test_in_pieces_of_any_size():
    data = frame(TEXT, b"one") + frame(PING, b"?") + frame(BINARY, bytes(300)) + frame(PONG)
    want = [(TEXT, "one"), (PING, b"?"), (BINARY, bytes(300)), (PONG, b"")]
    for step in (1, 2, 3, 7, 50, 1000):
        assert events(data, step=step) == want


def test_fragments_with_a_ping_between():
    # §5.4
    data = frame(TEXT, b"Hel", False) + frame(PING, b"x") + frame(0, b"l", False) + frame(0, b"o")
    assert events(data) == [(PING, b"x"), (TEXT, "Hello")]
    # A character may be cut in two
    data = frame(TEXT, b"\xc3", False) + frame(0, b"\xa4")
    assert events(data) == [(TEXT, "\u00e4")]


def test_fragments_out_of_order():
    assert code_of(frame(0, b"x")) == 1002
    assert code_of(frame(TEXT, b"a", False) + frame(TEXT, b"b")) == 1002
    assert code_of(frame(TEXT, b"a", False) + frame(BINARY, b"b")) == 1002


def test_frames_that_are_none():
    assert code_of(frame(TEXT, b"x", mask=b"")) == 1002  # §5.1
    for flags in (0x40, 0x20, 0x10):
        assert code_of(frame(TEXT, b"x", flags=flags)) == 1002  # §5.2
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        assert code_of(frame(opcode)) == 1002
    for opcode in (CLOSE, PING, PONG):  # §5.5
        assert code_of(frame(opcode, b"", False)) == 1002
        assert code_of(frame(opcode, bytes(126))) == 1002
    # §5.2: the shortest form of a length
    assert code_of(frame(BINARY, b"x", size=b"\x7e\x00\x01")) == 1002
    assert code_of(frame(BINARY, b"x", size=b"\x7f" + (65535).to_bytes(8, "big"))) == 1002
    assert code_of(frame(BINARY, b"x", size=b"\x7f\x80" + bytes(6) + b"\x01"), 1 << 70) == 1002


def test_limits():
    # Said when the head is here, not when the memory is full
    assert code_of(frame(BINARY, b"", size=b"\x7f" + (1 << 40).to_bytes(8, "big"))) == 1009
    assert code_of(frame(BINARY, bytes(101)), 100) == 1009
    assert code_of(frame(BINARY, bytes(100)), 100) == 0
    assert code_of(frame(BINARY, bytes(60), False) + frame(0, bytes(41)), 100) == 1009
    many = frame(BINARY, b"", False) + frame(0, b"", False) * 2000
    assert code_of(many) == 1009


def test_close():
    # §5.5.1, §7.4
    assert events(frame(CLOSE)) == [(CLOSE, 1005)]
    assert events(frame(CLOSE, b"\x03\xe8bye")) == [(CLOSE, 1000)]
    assert code_of(frame(CLOSE, b"\x03")) == 1002
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535):
        assert code_of(frame(CLOSE, code.to_bytes(2, "big"))) == 1002, code
    for code in (1000, 1003, 1007, 1011, 3000, 4999):
        assert code_of(frame(CLOSE, code.to_bytes(2, "big"))) == 0, code
    assert code_of(frame(CLOSE, b"\x03\xe8\xff")) == 1007
    assert ws.close(1000, "x") == b"\x88\x03\x03\xe8x" and ws.close(1005) == b"\x88\x00"
    assert len(ws.close(1000, "x" * 500)) == 127


def test_utf8():
    # §8.1, RFC 3629 §4
    for good in (b"", b"abc", b"\xc2\x80", b"\xdf\xbf", b"\xe0\xa0\x80", b"\xed\x9f\xbf",
                 b"\xee\x80\x80", b"\xef\xbf\xbf", b"\xf0\x90\x80\x80", b"\xf4\x8f\xbf\xbf",
                 "\u03ba\u1f79".encode()):  # fmt: skip
        assert ws.is_utf8(good), good
    for bad in (b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc2", b"\xc2a", b"\xe0\x80\x80",
                b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xe1\x80",
                b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80",
                b"\xf5\x80\x80\x80", b"\xfe", b"\xff",
                b"\xf8\x88\x80\x80\x80", b"a\xe4b"):  # fmt: skip
        assert not ws.is_utf8(bad), bad
        assert code_of(frame(TEXT, bad)) == 1007
        assert code_of(frame(BINARY, bad)) == 0


def test_garbage():
    random.seed(3)
    for _ in range(500):
        data = bytes([random.getrandbits(8) for _ in range(random.randint(1, 200))])
        code = code_of(data)
        assert code in (0, 1002, 1007, 1009)


def handshake(**changes):
    fields = {
        "host": "board",
        "upgrade": "websocket",
        "connection": "keep-alive, Upgrade",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version": "13",
    }
    for name, value in changes.items():
        name = name.replace("_", "-")
        if value is None:
            del fields[name]
        else:
            fields[name] = value
    return fields


def refused(*args):
    try:
        upgrade.accept(*args)
    except Refused as e:
        return e.status
    return 0


def test_handshake():
    # §1.3, §4.2
    answer = upgrade.accept("GET", 1, handshake())
    assert dict(answer)["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert upgrade.wanted(handshake()) and not upgrade.wanted({})
    assert refused("POST", 1, handshake()) == 400
    assert refused("GET", 0, handshake()) == 400
    assert refused("GET", 1, handshake(connection=None)) == 400
    assert refused("GET", 1, handshake(connection="close")) == 400
    for version in (None, "8", "14", "x"):
        assert refused("GET", 1, handshake(sec_websocket_version=version)) == 426
    for key in (None, "", "short", "dGhlIHNhbXBsZSBub25jZQ==" * 2, "\u00e4" * 24):
        assert refused("GET", 1, handshake(sec_websocket_key=key)) == 400, key


def test_pages_of_other_sites():
    # §10.2
    assert refused("GET", 1, handshake(origin="http://board")) == 0
    for origin in ("http://evil", "null", "http://board.evil", "https://board:8080", ""):
        assert refused("GET", 1, handshake(origin=origin)) == 403, origin
