# Frostnet: simulator: a frame device that sums, cuts and joins
# MIT license; Copyright (c) 2026 The Frostnet authors

# A port of the virtual wire that does with frames what a card with offloads does: it makes
# checksums, cuts large segments when they leave, and joins small ones when they arrive. It is
# written without the stack's own code. On the wire there are ordinary frames.

import struct

from micropython import const
from simport import Port

_ETH = const(14)
_IP_MAX = const(65535)
_PARTIAL = const(1)  # link/device.py
_VALID = const(2)
_FINAL = const(0x09)  # PSH and FIN are the last segment's


def sum16(data, total=0):
    if len(data) & 1:
        data = bytes(data) + b"\0"
    total += sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def pseudo(frame, n):
    """The sum of the pseudo-header of a frame with `n` bytes of transport."""
    return sum16(frame[26:34], frame[23] + n)


class OffloadPort(Port):
    """Port with `csum` and `tso`, which hands up joined frames if `join`.

    `partial`: those have no checksum yet, as from a host on the same machine. `cut` and `joined`
    count frames that were cut or joined, `largest` is the longest one that was sent.
    """

    csum = True

    def __init__(self, mac, mtu=1500, wire=None, tso=_IP_MAX, join=True, partial=True):
        super().__init__(mac, mtu, wire)
        self.tso = tso
        self.join = join
        self.partial = partial
        self.rx_max = _IP_MAX if join else 0
        self.cut = self.joined = self.largest = 0
        self._tx = memoryview(bytearray(_ETH + max(tso, mtu)))

    def send_partial(self, n, start, offset, head, size):
        frame = bytearray(self._tx[:n])
        self.largest = max(self.largest, n)
        at = start + offset
        sum_so_far = frame[at] << 8 | frame[at + 1]
        assert sum_so_far == pseudo(frame, n - start), "not the pseudo-header's sum"
        if size:
            assert n - head > 0 and head == start + (frame[start + 12] >> 4 << 2), "header"
            pieces = cut(frame, start, head, size)
            self.cut += len(pieces) > 1
        else:
            check = sum16(frame[start:]) ^ 0xFFFF
            frame[at : at + 2] = (check or 0xFFFF).to_bytes(2, "big")
            pieces = [frame]
        for piece in pieces:
            assert len(piece) <= _ETH + self.mtu, "a segment of %d bytes" % len(piece)
        self._tx_queue.extend(bytes(piece) for piece in pieces)
        for i in range(n):
            self._tx[i] = 0xEE

    def receive(self, handle, budget):
        while budget:
            if not self._rx_queue:
                self._release()
                return False
            frame = bytearray(self._rx_queue.pop(0))
            self.counters.rx_frames += 1
            self.counters.rx_bytes += len(frame)
            offload = 0
            if self.join and is_plain_tcp(frame) and good(frame):
                size = payload(frame)
                while self._rx_queue and follows(frame, self._rx_queue[0], size):
                    append(frame, self._rx_queue.pop(0))
                    self.joined += 1
                    offload = size << 2
                offload |= _PARTIAL if self.partial else _VALID
                if self.partial:
                    frame[50:52] = pseudo(frame, len(frame) - 34).to_bytes(2, "big")
            handle(memoryview(frame), len(frame), offload)
            budget -= 1
        return True


def cut(frame, start, head, size):
    """What a card makes of a large segment: a list of frames."""
    out = []
    seq = struct.unpack(">I", frame[start + 4 : start + 8])[0]
    ident = frame[18] << 8 | frame[19]
    for at in range(head, len(frame), size):
        data = frame[at : at + size]
        piece = bytearray(frame[:head]) + data
        struct.pack_into(">H", piece, 16, len(piece) - _ETH)
        struct.pack_into(">H", piece, 18, ident + len(out) & 0xFFFF if ident else 0)
        piece[24:26] = b"\0\0"
        struct.pack_into(">H", piece, 24, sum16(piece[14:34]) ^ 0xFFFF)
        struct.pack_into(">I", piece, start + 4, seq + at - head & 0xFFFFFFFF)
        if at + size < len(frame):
            piece[start + 13] &= ~_FINAL
        piece[start + 16 : start + 18] = b"\0\0"
        n = len(piece) - start
        struct.pack_into(">H", piece, start + 16, sum16(piece[start:], pseudo(piece, n)) ^ 0xFFFF)
        out.append(piece)
    return out


def is_plain_tcp(frame):
    """A TCP segment without IP options or fragmentation, with data or not."""
    return (
        len(frame) >= 54
        and frame[12:15] == b"\x08\x00\x45"
        and frame[23] == 6
        and not frame[20] & 0x3F
        and not frame[21]
        and struct.unpack(">H", frame[16:18])[0] == len(frame) - _ETH
        and frame[46] >> 4 >= 5
        and 34 + (frame[46] >> 4 << 2) <= len(frame)
    )


def good(frame):
    """Whether the transport's checksum is right."""
    return sum16(frame[34:], pseudo(frame, len(frame) - 34)) == 0xFFFF


def payload(frame):
    return len(frame) - 34 - (frame[46] >> 4 << 2)


def follows(frame, other, size):
    """Whether a card would append `other`: the same flow, next in line, nothing special."""
    if not is_plain_tcp(other) or not good(other):
        return False
    head = 34 + (frame[46] >> 4 << 2)
    seq, next_seq = (struct.unpack(">I", f[38:42])[0] for f in (frame, other))
    return (
        0 < payload(other) <= size
        and payload(frame) % size == 0
        and frame[47] == 0x10
        and other[47] & ~0x08 == 0x10
        and next_seq == seq + payload(frame) & 0xFFFFFFFF
        and frame[26:38] == other[26:38]
        and frame[42:47] == other[42:47]
        and frame[48:50] == other[48:50]
        and frame[52:head] == other[52:head]
        and len(frame) + payload(other) <= _ETH + _IP_MAX
    )


def append(frame, other):
    """Join them."""
    frame.extend(other[34 + (other[46] >> 4 << 2) :])
    frame[47] |= other[47]
    struct.pack_into(">H", frame, 16, len(frame) - _ETH)
    frame[24:26] = b"\0\0"
    struct.pack_into(">H", frame, 24, sum16(frame[14:34]) ^ 0xFFFF)
