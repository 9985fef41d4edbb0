# Frostnet: hostile frames: mutations that know what a frame is made of
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

import frames as f

_ARP = ((14, 2), (16, 2), (18, 1), (19, 1), (20, 2), (22, 6), (28, 4), (32, 6), (38, 4))
_IP = ((14, 1), (15, 1), (16, 2), (18, 2), (20, 2), (22, 1), (23, 1), (24, 2), (26, 4), (30, 4))
# Of what follows the IP header.
_UDP = ((0, 2), (2, 2), (4, 2), (6, 2))
_TCP = ((0, 2), (2, 2), (4, 4), (8, 4), (12, 1), (13, 1), (14, 2), (16, 2), (18, 2))
_ICMP = ((0, 1), (1, 1), (2, 2), (4, 2), (6, 2), (8, 1), (10, 2), (14, 2), (17, 1), (20, 4))

# What a number is changed by: edges of windows, of halves of the sequence space, of buffers.
_STEPS = (1, 2, 3, 8, 20, 536, 1000, 1460, 4096, 16384, 65535, 65536, 1 << 20, 1 << 30,
          (1 << 31) - 1, 1 << 31, (1 << 31) + 1)  # fmt: skip
_ADDRESSES = (0, 1, f.ALL, 0x7F000001, 0xE0000001, 0xE00000FB, 0xF0000000, 0x0A0000FF, 0x0A000000,
              0x0A000001, 0x0A000002, 0x0A000003, 0x0A000063, 0xA9FE0101, 0xC6336401)  # fmt: skip
_TYPES = (0x0800, 0x0806, 0x8035, 0x8100, 0x86DD, 0x05FF, 0)
_LENGTHS = (0, 1, 2, 3, 4, 10, 18, 34, 40, 63, 64, 191, 192, 254, 255)


class Mutator:
    """`one(frame)` is a changed copy, `several(frame)` a list of frames that belong together."""

    def __init__(self, rng):
        self.rng = rng
        self.others = []  # frames to splice from

    def pick(self, values):
        return values[self.rng.below(len(values))]

    def noise(self, n):
        return bytes([self.rng.below(256) for _ in range(n)])

    def one(self, frame):
        b = bytearray(frame)
        again = 1
        while again:
            self._change(b)
            again = self.rng.below(3) == 0
        if self.rng.below(3) and len(b) != len(frame):
            fit(b)
        if self.rng.below(10):
            repair(b)
        b[1514:] = b""
        return bytes(b) or b"\0"

    def _change(self, b):
        rng = self.rng
        what = rng.below(100)
        ipv4 = len(b) >= 34 and b[12] == 8 and not b[13]
        data = 14 + (b[14] & 15) * 4 if ipv4 else 14
        if what < 35:
            self._field(b, ipv4, data)
        elif what < 45 and ipv4 and b[23] == 6 and len(b) >= data + 20:
            self._tcp(b, data)
        elif what < 52 and ipv4:
            b[14:data] = self._ip_options(b, data)
            fit(b)
        elif what < 62:
            at = rng.below(len(b) + 1)  # cut
            b[at:] = b""
        elif what < 66:
            b.extend(self.noise(rng.below(64)))
        elif what < 80 and len(b) > data + 8:
            # In the payload: lengths of options and labels, pointers, counts.
            at = data + 8 + rng.below(len(b) - data - 8)
            kind = rng.below(4)
            if kind == 0:
                b[at] = self.pick(_LENGTHS)
            elif kind == 1:
                b[at : at + 2] = struct.pack(">H", 0xC000 | rng.below(len(b)))[: len(b) - at]
            elif kind == 2:
                b[at] ^= 1 << rng.below(8)
            else:
                b[at : at + rng.below(20)] = b""
        elif what < 86 and self.others:
            other = self.pick(self.others)
            at = rng.below(min(len(b), len(other)) + 1)
            n = rng.below(40)
            b[at : at + n] = other[at : at + n]
        elif what < 92 and ipv4:
            at = 26 + 4 * rng.below(2)
            b[at : at + 4] = struct.pack(">I", self.pick(_ADDRESSES))
        elif what < 94:
            b[12:14] = struct.pack(">H", self.pick(_TYPES))
        else:
            for _ in range(1 + rng.below(4)):
                if b:
                    b[rng.below(len(b))] = rng.below(256)

    # An edge value in one field of a header.
    def _field(self, b, ipv4, data):
        rng = self.rng
        if not ipv4:
            at, n = self.pick(_ARP)
        elif rng.below(3) == 0 or len(b) < data + 8:
            at, n = self.pick(_IP)
        else:
            at, n = self.pick({1: _ICMP, 6: _TCP, 17: _UDP}.get(b[23], _UDP))
            at += data
        if at + n > len(b):
            return
        top = (1 << 8 * n) - 1
        old = int.from_bytes(b[at : at + n], "big")
        kind = rng.below(6)
        if kind == 0:
            new = self.pick((0, 1, top, top - 1, top >> 1, (top >> 1) + 1))
        elif kind == 1:
            new = old ^ 1 << rng.below(8 * n)
        elif kind == 2:
            new = rng.getrandbits(8 * n)
        elif kind < 5:
            step = self.pick(_STEPS)
            new = old + step if kind == 3 else old - step
        else:
            new = old + 1 - 2 * rng.below(2)
        b[at : at + n] = (new & top).to_bytes(n, "big")

    # Flags, numbers and options.
    def _tcp(self, b, data):
        rng = self.rng
        kind = rng.below(4)
        if kind == 0:
            b[data + 13] = self.pick((0, 1, 2, 3, 4, 5, 6, 16, 17, 18, 20, 24, 41, 48, 63, 255))
        elif kind == 1:
            at = data + 4 + 4 * rng.below(2)
            old = int.from_bytes(b[at : at + 4], "big")
            step = self.pick(_STEPS) * (1 - 2 * rng.below(2))
            b[at : at + 4] = ((old + step) & f.ALL).to_bytes(4, "big")
        else:
            end = data + max(b[data + 12] >> 4 << 2, 20)
            options = self._options(b, data)
            b[data + 20 : end] = options
            b[data + 12] = (5 + len(options) // 4) << 4
            fit(b)

    def _options(self, b, data):
        rng = self.rng
        out = b""
        ack = int.from_bytes(b[data + 8 : data + 12], "big")
        while len(out) < 40 and rng.below(4):
            kind = rng.below(8)
            if kind == 0:
                out += f.mss(self.pick((0, 1, 47, 48, 64, 536, 1460, 65535)))
            elif kind == 1:
                out += f.wscale(self.pick((0, 7, 14, 15, 255)))
            elif kind == 2:
                out += f.SACK_PERMITTED
            elif kind == 3:
                out += f.timestamps(rng.bits(), rng.bits())
            elif kind == 4:
                at = ack + self.pick(_STEPS) * (1 - 2 * rng.below(2))
                out += f.sack(*[(at + 1000 * i, at + 1000 * i + rng.below(2000))
                                for i in range(1 + rng.below(4))])  # fmt: skip
            elif kind == 5:
                out += bytes((rng.below(40), self.pick(_LENGTHS)))
            elif kind == 6:
                out += b"\x01"
            else:
                out += self.noise(1 + rng.below(8))
        out = out[:40]
        return out + bytes(-len(out) % 4)

    def _ip_options(self, b, data):
        kind = self.rng.below(5)
        if kind == 0:
            options = self.noise(self.rng.below(41))
        else:
            number = self.pick((0, 1, 7, 68, 130, 131, 137, 148))
            length = self.pick(_LENGTHS)
            options = bytes((number, length, self.pick((0, 3, 4, 5, 40, 255)))) + self.noise(
                min(length, 37)
            )
        options = options[:40]
        options += bytes(-len(options) % 4)
        head = bytes(b[14:34]) + options
        return bytes((0x40 | len(head) // 4,)) + head[1:]

    def several(self, frame):
        """Fragments of a datagram: whole, overlapping, twice, out of order, incomplete."""
        rng = self.rng
        if len(frame) < 42 or frame[12:14] != b"\x08\x00" or frame[20] & 0x3F or frame[21]:
            return [self.one(frame)]
        data = 14 + (frame[14] & 15) * 4
        end = min(len(frame), 14 + (frame[16] << 8 | frame[17]))
        payload = frame[data:end]
        size = self.pick((8, 16, 24, 64, 512, 1024))
        ident = rng.below(0x10000)
        out = []
        for at in range(0, min(len(payload), 20 * size), size):
            piece = payload[at : at + size]
            more = at + size < len(payload)
            kind = rng.below(20)
            where = at
            if kind == 0:
                where = max(0, at - 8)
            elif kind == 1:
                where = at + 8
            elif kind == 2:
                where = 65528 - 8 * rng.below(3)
            elif kind == 3:
                continue
            elif kind == 4:
                more = not more
            elif kind == 5:
                piece = self.noise(len(piece))
            head = bytearray(frame[:data])
            head[16:18] = struct.pack(">H", data - 14 + len(piece))
            head[18:20] = struct.pack(">H", ident)
            head[20:22] = struct.pack(">H", (0x2000 if more else 0) | where >> 3)
            b = bytearray(head + piece)
            repair(b)
            out.insert(rng.below(len(out) + 1) if rng.below(3) == 0 else len(out), bytes(b))
            if rng.below(12) == 0:
                out.append(out[-1])
        return out or [frame]

    def error(self, sent):
        """An ICMP error about a frame that the host sent."""
        rng = self.rng
        kind = self.pick((3, 3, 3, 4, 5, 11, 12, rng.below(256)))
        code = self.pick((0, 1, 2, 3, 4, 4, 4, 13, rng.below(256)))
        word = self.pick((0, 67, 68, 296, 552, 576, 1006, 1400, 1499, 1500, 65535, rng.bits()))
        quoted = bytearray(sent[14 : 14 + self.pick((0, 8, 20, 27, 28, 40, 60, 576))])
        if quoted and rng.below(3) == 0:
            quoted[rng.below(len(quoted))] ^= 1 << rng.below(8)
        src = self.pick((f.PEER, f.ROUTER, f.FAR))
        dst = int.from_bytes(sent[26:30], "big") if len(sent) >= 30 else f.ME
        return f.icmp(kind, code, word, bytes(quoted), src=src, dst=dst, eth_dst=sent[6:12])


def fit(b):
    """Let the lengths of IP and UDP say what is there."""
    if len(b) < 34 or b[12] != 8 or b[13]:
        return
    b[16:18] = struct.pack(">H", len(b) - 14)
    data = 14 + (b[14] & 15) * 4
    if b[23] == 17 and len(b) >= data + 8:
        b[data + 4 : data + 6] = struct.pack(">H", len(b) - data)


def repair(b):
    """Make the checksums right, as far as the frame makes sense."""
    if len(b) < 34 or b[12] != 8 or b[13]:
        return
    data = 14 + (b[14] & 15) * 4
    if data < 34 or data > len(b):
        return
    b[24] = b[25] = 0
    b[24:26] = struct.pack(">H", f.ones(bytes(b[14:data])))
    end = min(len(b), 14 + (b[16] << 8 | b[17]))
    proto = b[23]
    at = {1: 2, 6: 16, 17: 6}.get(proto)
    if at is None or b[20] & 0x3F or b[21] or end < data + at + 2:
        return
    at += data
    if proto == 17 and not b[at] and not b[at + 1]:
        return
    b[at] = b[at + 1] = 0
    total = 0
    if proto != 1:
        src, dst = struct.unpack(">II", bytes(b[26:34]))
        total = (src >> 16) + (src & 0xFFFF) + (dst >> 16) + (dst & 0xFFFF) + proto + end - data
    b[at : at + 2] = struct.pack(">H", f.ones(bytes(b[data:end]), total))
