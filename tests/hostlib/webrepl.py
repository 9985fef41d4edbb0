# Frostnet: a client for WebREPL
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The terminal is text messages; files go in binary ones, each request of 82 bytes (struct
webrepl_file in MicroPython's extmod/modwebrepl.c) answered by "WB" and a status."""

import struct
import time

import websocket

_PUT, _GET, _VERSION = 1, 2, 3
_PIECE = 1024


class WebRepl:
    """A connection to ws://127.0.0.1:port/; a context manager."""

    def __init__(self, port, timeout=20):
        self._socket = websocket.create_connection(f"ws://127.0.0.1:{port}/", timeout=timeout)
        self.text = ""

    def write(self, text):
        self._socket.send(text)

    def expect(self, text, timeout=20):
        """Read until `text` has come; returns what came before it and it."""
        deadline = time.monotonic() + timeout
        while text not in self.text:
            assert time.monotonic() < deadline, f"no {text!r} in {self.text!r}"
            opcode, data = self._socket.recv_data()
            assert opcode in (websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY), (
                f"closed before {text!r}, after {self.text!r}"
            )
            self.text += data.decode()
        end = self.text.index(text) + len(text)
        out, self.text = self.text[:end], self.text[end:]
        return out

    def login(self, password):
        self.expect("Password: ")
        self.write(password + "\r")

    def ended(self):
        """True when the board closes the connection."""
        try:
            while True:
                opcode, _ = self._socket.recv_data()
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    return True
        except websocket.WebSocketConnectionClosedException:
            return True

    # -- files

    def _request(self, kind, name="", size=0):
        name = name.encode()
        head = struct.pack("<2sBBQLH64s", b"WA", kind, 0, 0, size, len(name), name)
        self._socket.send_binary(head)

    def _binary(self):
        while True:
            opcode, data = self._socket.recv_data()
            if opcode == websocket.ABNF.OPCODE_BINARY:
                return data
            self.text += data.decode()

    def _status(self):
        data = self._binary()
        assert data[:2] == b"WB" and len(data) == 4, data
        return int.from_bytes(data[2:], "little")

    def put(self, name, data):
        self._request(_PUT, name, len(data))
        assert self._status() == 0
        for at in range(0, len(data), _PIECE):
            self._socket.send_binary(data[at : at + _PIECE])
        assert self._status() == 0

    def get(self, name):
        self._request(_GET, name)
        assert self._status() == 0
        out = b""
        while True:
            self._socket.send_binary(b"\0")
            piece = self._binary()
            assert int.from_bytes(piece[:2], "little") == len(piece) - 2
            if len(piece) == 2:
                break
            out += piece[2:]
        assert self._status() == 0
        return out

    def version(self):
        self._request(_VERSION)
        return tuple(self._binary())

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
