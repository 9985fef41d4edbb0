# Frostnet: a builder of device trees for tests
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct


def block(data):
    return data + bytes(-len(data) & 3)


class Tree:
    """Properties and nodes in, blob out."""

    def __init__(self):
        self.names = b""
        self.body = b""

    def begin(self, name, **props):
        self.body += struct.pack(">I", 1) + block(name.encode() + b"\0")
        for key, value in props.items():
            self.prop(key.replace("_", "-"), value)

    def prop(self, name, value):
        if isinstance(value, str):
            value = value.encode() + b"\0"
        elif isinstance(value, list):
            value = b"".join(struct.pack(">I", cell) for cell in value)
        self.body += struct.pack(">III", 3, len(value), len(self.names)) + block(value)
        self.names += name.encode() + b"\0"

    def end(self, n=1):
        self.body += struct.pack(">I", 2) * n

    def blob(self):
        body = self.body + struct.pack(">I", 9)
        at = 40 + 16
        total = at + len(body) + len(self.names)
        header = (0xD00DFEED, total, at, at + len(body), 40, 17, 16, 0, len(self.names), len(body))
        return struct.pack(">10I", *header) + bytes(16) + body + self.names
