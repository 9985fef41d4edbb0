# Frostnet: what a device left to do, done before a datagram is passed on
# MIT license; Copyright (c) 2026 The Frostnet authors

# A device that spares us checksums hands up datagrams without one, and joins TCP segments to one
# that no link takes (link/device.py). That is fine for who reads them here; who passes them on
# makes the checksum, and the segments as their sender did.

from micropython import const

from frostnet.link.device import PARTIAL, SIZE
from frostnet.wire import ethernet, ipv4
from frostnet.wire.addr import load
from frostnet.wire.checksum import checksum, pseudo
from frostnet.wire.fast import copy
from frostnet.wire.tcp import HEADER

_ETH = const(14)
_TCP_CHECKSUM = const(16)
_UDP_CHECKSUM = const(6)
_LAST = const(0x09)  # PSH and FIN are for the last segment


def complete(buf, off, data, end, src, dst):
    """Make the transport's checksum of the datagram at `off`, whose payload is `buf[data:end]`;
    False if nobody knows where that is.
    """
    proto = buf[off + ipv4.PROTO]
    if proto == ipv4.PROTO_TCP and end - data >= HEADER:
        at = data + _TCP_CHECKSUM
    elif proto == ipv4.PROTO_UDP and end - data >= 8:
        at = data + _UDP_CHECKSUM
    else:
        return False
    field = buf[off + ipv4.FRAGMENT] << 8 | buf[off + ipv4.FRAGMENT + 1]
    if field & (ipv4.MF | ipv4.OFFSET_MASK):
        return False
    n = end - data
    buf[at] = buf[at + 1] = 0
    check = checksum(buf, data, n, pseudo(src, dst) + proto + n)
    if not check and proto == ipv4.PROTO_UDP:
        check = 0xFFFF  # 0 would say that there is none
    buf[at] = check >> 8
    buf[at + 1] = check & 0xFF
    return True


def longest(buf, off, data, end, offload):
    """Return the length of the longest segment, IP header included, of a datagram that was joined;
    0 if it is none that can be cut.
    """
    if buf[off + ipv4.PROTO] != ipv4.PROTO_TCP or end - data < HEADER:
        return 0
    head = buf[data + 12] >> 2 & 0x3C
    if head < HEADER or head > end - data:
        return 0
    n = data - off + head + (offload >> SIZE)
    return n if n < end - off else end - off


def segments(buf, off, data, end, offload, src, dst, longest):
    """Iterate over the segments of a datagram that was joined, for which longest() says `longest`:
    each is in the returned (buffer, offset, offset of its payload, end) until the next is asked
    for.
    """
    size = offload >> SIZE
    head = data - off + (buf[data + 12] >> 2 & 0x3C)
    out = memoryview(bytearray(_ETH + longest))
    payload = _ETH + data - off
    ident = buf[off + ipv4.ID] << 8 | buf[off + ipv4.ID + 1]
    field = buf[off + ipv4.FRAGMENT] << 8
    seq = int.from_bytes(buf[data + 4 : data + 8], "big")
    at = off + head
    while True:
        n = end - at if end - at < size else size
        copy(out, _ETH, buf, off, head)
        copy(out, _ETH + head, buf, at, n)
        last = at + n
        total = head - (data - off) + n
        ipv4.complete(out, _ETH, data - off, total, ipv4.PROTO_TCP, ident & 0xFFFF, field)
        out[payload + 4 : payload + 8] = (seq & 0xFFFFFFFF).to_bytes(4, "big")
        if last < end:
            out[payload + 13] &= ~_LAST & 0xFF
        complete(out, _ETH, payload, payload + total, src, dst)
        yield out, _ETH, payload, payload + total
        ident += 1
        seq += n
        at = last
        if at >= end:
            return


def frames(frame, n, offload):
    """Iterate over the frames, as memoryviews, that `frame[:n]` is on the link: with checksums,
    and not joined. A view is valid until the next is asked for; `frame` stays as it is.
    """
    end = data = 0
    if offload and n >= _ETH + ipv4.HEADER and frame[12] << 8 | frame[13] == ethernet.TYPE_IPV4:
        data = _ETH + ((frame[_ETH] & 15) << 2)
        end = _ETH + (frame[_ETH + 2] << 8 | frame[_ETH + 3])
    if not _ETH + ipv4.HEADER <= data <= end <= n:
        yield frame[:n]
        return
    src = load(frame, _ETH + ipv4.SRC)
    dst = load(frame, _ETH + ipv4.DST)
    size = longest(frame, _ETH, data, end, offload) if offload >> SIZE else 0
    if size:
        for out, _, _, last in segments(frame, _ETH, data, end, offload, src, dst, size):
            out[:_ETH] = frame[:_ETH]
            yield out[:last]
        return
    if offload & PARTIAL:
        frame = memoryview(bytearray(frame[:n]))
        complete(frame, _ETH, data, end, src, dst)
    yield frame[:n]
