# Frostnet: frames of the WebSocket protocol, the server's side (RFC 6455)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from http.error import HTTPError

# Events
NEED = const(0)  # feed more bytes
TEXT = const(1)  # a whole message: `message`, a str
BINARY = const(2)  # `message`, bytes
CLOSE = const(8)  # `code` (1005: none was given) and `message`, the reason: a str
PING = const(9)  # `message`: to be sent back in a PONG
PONG = const(10)

# Codes of section 7.4.1
NORMAL = const(1000)
GOING_AWAY = const(1001)
PROTOCOL_ERROR = const(1002)
NO_CODE = const(1005)
BAD_DATA = const(1007)
TOO_BIG = const(1009)
INTERNAL = const(1011)

_CONTINUATION = const(0)
_MAX_CONTROL = const(125)  # bytes in a control frame
_MAX_PIECES = const(1024)  # frames of one message

_FINE = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014)


class Broken(HTTPError):
    """The client breaks the protocol: close with `code`."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Frames:
    """Takes a client's frames apart. `limit` is the most bytes of a message.

        frames.feed(bytes)
        while (event := frames.next()) != NEED: …

    Broken, once: there is nothing to be had of such a client any more.
    """

    def __init__(self, limit=65536):
        self.message = None
        self.code = 0
        self._limit = limit
        self._buf = bytearray()
        self._pieces = []  # of a message in fragments
        self._size = 0  # bytes in them
        self._kind = 0  # TEXT or BINARY while fragments are awaited

    def feed(self, data):
        """Bytes have come."""
        self._buf.extend(data)

    def next(self):
        """Return the next event. Broken."""
        while True:
            frame = self._frame()
            if frame is None:
                return NEED
            event = self._take(*frame)
            if event != NEED:
                return event

    # (final, opcode, payload) of the next frame, None while it is not complete. What is wrong
    # with it is said as soon as its head is here.
    def _frame(self):
        buf = self._buf
        if len(buf) < 2:
            return None
        first, second = buf[0], buf[1]
        opcode = first & 0x0F
        if first & 0x70:
            raise Broken(PROTOCOL_ERROR, "a bit of an extension that was not agreed on")
        if not second & 0x80:
            raise Broken(PROTOCOL_ERROR, "a frame without a mask")
        size = second & 0x7F
        at = 2
        if opcode >= CLOSE:
            if opcode > PONG or not first & 0x80 or size > _MAX_CONTROL:
                raise Broken(PROTOCOL_ERROR, "a control frame that is none")
        elif opcode > BINARY:
            raise Broken(PROTOCOL_ERROR, "a frame of an unknown kind")
        elif bool(opcode) == bool(self._kind):
            raise Broken(PROTOCOL_ERROR, "fragments out of order")
        if size > 125:
            n = 2 if size == 126 else 8
            at += n
            if len(buf) < at:
                return None
            size = int.from_bytes(memoryview(buf)[2:at], "big")
            if size < (126 if n == 2 else 65536) or size >> 63:
                raise Broken(PROTOCOL_ERROR, "a length that is not as short as it can be")
        if opcode < CLOSE and self._size + size > self._limit:
            raise Broken(TOO_BIG, "a message of more than %d bytes" % self._limit)
        end = at + 4 + size
        if len(buf) < end:
            return None
        payload = unmask(memoryview(buf)[at : at + 4], memoryview(buf)[at + 4 : end])
        self._buf = buf[end:]
        return first & 0x80, opcode, payload

    def _take(self, final, opcode, payload):
        if opcode == CLOSE:
            return self._closed(payload)
        if opcode >= PING:
            self.message = payload
            return opcode
        if opcode:
            self._kind = opcode
        self._pieces.append(payload)
        self._size += len(payload)
        if not final:
            if len(self._pieces) >= _MAX_PIECES:
                raise Broken(TOO_BIG, "a message in more than %d pieces" % _MAX_PIECES)
            return NEED
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        kind = self._kind
        self._pieces = []
        self._size = self._kind = 0
        self.message = _text(data) if kind == TEXT else data
        return kind

    def _closed(self, payload):
        self.code = NO_CODE
        self.message = ""
        if len(payload) == 1:
            raise Broken(PROTOCOL_ERROR, "half of a code")
        if payload:
            self.code = payload[0] << 8 | payload[1]
            if self.code not in _FINE and not 3000 <= self.code < 5000:
                raise Broken(PROTOCOL_ERROR, "a code that is none")
            self.message = _text(payload[2:])
        return CLOSE


def unmask(mask, data):
    """Return the bytes of `data` without the mask of 4 bytes (section 5.3)."""
    n = len(data)
    if not n:
        return b""
    # One long number is much faster than a loop over bytes.
    key = (bytes(mask) * ((n + 3) >> 2))[:n]
    value = int.from_bytes(data, "big") ^ int.from_bytes(key, "big")
    return value.to_bytes(n, "big")


def build(opcode, payload=b""):
    """Return the frame that carries bytes or a str, in one piece."""
    if isinstance(payload, str):
        payload = payload.encode()
    n = len(payload)
    if n < 126:
        head = bytes((0x80 | opcode, n))
    elif n < 65536:
        head = bytes((0x80 | opcode, 126, n >> 8, n & 0xFF))
    else:
        head = bytes((0x80 | opcode, 127)) + n.to_bytes(8, "big")
    return head + bytes(payload)


def close(code, reason=""):
    """Return the frame that closes with `code`; NO_CODE: without one."""
    if code == NO_CODE:
        return build(CLOSE)
    return build(CLOSE, bytes((code >> 8, code & 0xFF)) + reason.encode()[: _MAX_CONTROL - 2])


def _text(data):
    if not is_utf8(data):
        raise Broken(BAD_DATA, "text that is not UTF-8")
    return str(data, "utf-8")


def is_utf8(data):
    """Return whether bytes are UTF-8 as RFC 3629 has it: no surrogates, nothing overlong."""
    try:
        if len(str(data, "utf-8")) == len(data):
            return True  # all of it is ASCII
    except UnicodeError:
        return False
    i = 0
    end = len(data)
    while i < end:
        c = data[i]
        i += 1
        if c < 0x80:
            continue
        more = 1 if c < 0xE0 else 2 if c < 0xF0 else 3
        if not 0xC2 <= c <= 0xF4 or i + more > end:
            return False
        # The second byte tells what is overlong, a surrogate or beyond the last character.
        low = 0xA0 if c == 0xE0 else 0x90 if c == 0xF0 else 0x80
        high = 0x9F if c == 0xED else 0x8F if c == 0xF4 else 0xBF
        if not low <= data[i] <= high:
            return False
        for k in range(i + 1, i + more):
            if not 0x80 <= data[k] <= 0xBF:
                return False
        i += more
    return True
