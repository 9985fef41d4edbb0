# Frostnet: headers parsed and built per packet, in viper; reference.py says the same readably
# MIT license; Copyright (c) 2026 The Frostnet authors

# The rules of fast.py hold here too. Sums are added up as little-endian words and stored as
# they are: their bytes are in the right order then (RFC 1071 §2 (B)).

import micropython
from micropython import const

# Pairs of source and destination behind the four words that frame() finds: see there. A pair's
# place are the low bits of source ^ destination.
PAIRS = const(4)
PAIR_MASK = const(7)
FOUND = const(20)  # words altogether


@micropython.viper
def frame(buf: ptr8, end: int, limit: int, mac: ptr8, found: ptr32) -> int:
    """Check the Ethernet header of `buf[:end]` (at most `limit` bytes, sent to `mac` or a group)
    and the IPv4 header after it (RFC 1122 §3.2.1).

    `found`, array("I"), gets offset of the data, their end, source, destination; behind these are
    the pairs of addresses that were accepted before, at PAIRS.

    Return the protocol, | what is unusual: wire.ipv4's OPTIONS, FRAGMENTED … A malformed IP header
    is BAD times an index into wire.ipv4's ERRORS. What is not IP is below 0: wire.ethernet's ARP,
    or an index into its ERRORS.
    """
    if end < 14:
        return -4
    if end > limit:
        return -5
    if buf[6] & 1:
        return -2
    result = 0
    if buf[0] & 1:
        result = 0x1000
    elif ptr32(int(buf))[0] != ptr32(int(mac))[0] or ptr16(int(buf))[2] != ptr16(int(mac))[2]:
        return -1
    if buf[12] != 8 or buf[13]:
        return -6 if buf[12] == 8 and buf[13] == 6 else -3
    head = ptr8(int(buf) + 14)
    if end < 34:
        return 0x10000
    if head[0] >> 4 != 4:
        return 0x20000
    size = (head[0] & 15) << 2
    total = head[2] << 8 | head[3]
    if size < 20 or size > total:
        return 0x30000
    if total > end - 14:
        return 0x40000
    found[0] = 14 + size
    found[1] = 14 + total
    result |= int(head[9])
    if size > 20:
        result |= 0x100
    words = ptr32(int(head))
    total = 0
    while size:
        total += words[0]
        words = ptr32(int(words) + 4)
        size -= 4
    total = (total & 0xFFFF) + (total >> 16 & 0xFFFF) + (total >> 32)
    total = (total & 0xFFFF) + (total >> 16)
    if total != 0xFFFF:
        return 0x50000
    if head[6] & 0x3F or head[7]:
        result |= 0x200
    if not head[8]:
        result |= 0x400
    size = int(head[12])
    if size == 0 or size == 127 or size >= 224:
        result |= 0x800
    size = size << 24 | head[13] << 16 | head[14] << 8 | head[15]
    total = head[16] << 24 | head[17] << 16 | head[18] << 8 | head[19]
    found[2] = size
    found[3] = total
    words = ptr32(int(found) + 16 + (((size ^ total) & 7) << 3))
    if int(words[0]) != size or int(words[1]) != total:
        result |= 0x2000
    return result


@micropython.viper
def udp(buf: ptr8, off: int, end: int, start: int) -> int:
    """Check the header at `off`, and the checksum if there is one; `start` is the sum of the
    addresses, below 0 if the checksum needs no look.

    Return payload length << 32 | source port << 16 | destination port; below 0 it is malformed:
    an index into wire.udp's ERRORS.
    """
    n = end - off
    if n < 8:
        return -1
    head = ptr8(int(buf) + off)
    size = head[4] << 8 | head[5]
    if size < 8 or size > n:
        return -2
    if start >= 0 and (head[6] or head[7]):
        words = ptr32(int(head))
        total = 0
        n = size
        while n >= 8:
            total += words[0]
            total += words[1]
            words = ptr32(int(words) + 8)
            n -= 8
        tail = ptr8(int(words))
        if n & 4:
            total += words[0]
            tail = ptr8(int(words) + 4)
        if n & 2:
            total += tail[0] | tail[1] << 8
        if n & 1:
            total += tail[n & 2]
        total = (total & 0xFFFF) + (total >> 16 & 0xFFFF) + (total >> 32)
        total = (total & 0xFFFF) + (total >> 16)
        total = (total & 0xFFFF) + (total >> 16)
        total = ((total & 0xFF) << 8 | total >> 8) + start + 17 + size
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        if total != 0xFFFF:
            return -3
    n = head[2] << 8 | head[3]
    if n == 0:
        return -4
    return size - 8 << 32 | head[0] << 24 | head[1] << 16 | n


@micropython.viper
def udp_build(out: ptr8, at: int, ports: int, src: ptr32, n: int):
    """Write a UDP header and the `n` bytes of `src` at `at`; the checksum is left 0.

    `ports` is source << 16 | destination.
    """
    out = ptr8(int(out) + at)
    size = n + 8
    out[0] = ports >> 24
    out[1] = ports >> 16
    out[2] = ports >> 8
    out[3] = ports
    out[4] = size >> 8
    out[5] = size
    out[6] = 0
    out[7] = 0
    dst = ptr32(int(out) + 4)
    while n >= 8:
        dst[1] = src[0]
        dst[2] = src[1]
        dst = ptr32(int(dst) + 8)
        src = ptr32(int(src) + 8)
        n -= 8
    out = ptr8(int(dst) + 4)
    tail = ptr8(int(src))
    while n > 0:
        n -= 1
        out[n] = tail[n]


@micropython.viper
def datagram(out: ptr8, head: ptr8, n: int, proto: int, check_at: int, ident: ptr32):
    """Complete a frame whose transport part, `n` bytes, begins at 34: Ethernet and IP header
    after the model `head`, 34 bytes, with length, identification, protocol and checksum; and
    the transport's checksum `check_at` bytes into it, unless that is below 0.

    `ident`, array("I"), has the last identification. That is 0, and means nothing, in a datagram
    which is never fragmented (RFC 6864 §4.1).
    """
    words = ptr32(int(out))
    model = ptr32(int(head))
    words[0] = model[0]
    words[1] = model[1]
    words[2] = model[2]
    words[3] = model[3]
    words[4] = model[4]
    words[5] = model[5]
    words[6] = model[6]
    words[7] = model[7]
    ptr16(int(out))[16] = ptr16(int(head))[16]
    total = n + 20
    out[16] = total >> 8
    out[17] = total
    if not head[20] & 0x40:
        total = int(ident[0]) + 1
        ident[0] = total
        out[18] = total >> 8
        out[19] = total
    out[23] = proto
    words = ptr32(int(out) + 14)
    total = int(words[0]) + words[1] + words[2] + words[3] + words[4]
    total = (total & 0xFFFF) + (total >> 16 & 0xFFFF) + (total >> 32)
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    ptr16(int(out) + 24)[0] = total ^ 0xFFFF
    if check_at < 0:
        return
    check = ptr16(int(out) + 34 + check_at)
    check[0] = 0
    # The pseudo-header (RFC 793 §3.1): addresses, protocol, length.
    total = int(words[3]) + words[4] + (proto << 8) + ((n & 0xFF) << 8 | n >> 8)
    words = ptr32(int(out) + 34)
    while n >= 16:
        total += words[0]
        total += words[1]
        total += words[2]
        total += words[3]
        words = ptr32(int(words) + 16)
        n -= 16
    while n >= 4:
        total += words[0]
        words = ptr32(int(words) + 4)
        n -= 4
    out = ptr8(int(words))
    if n & 2:
        total += out[0] | out[1] << 8
    if n & 1:
        total += out[n - 1]
    total = (total & 0xFFFF) + (total >> 16 & 0xFFFF) + (total >> 32)
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    if total == 0xFFFF and proto == 17:
        total = 0  # a checksum of 0 would say that there is none
    check[0] = total ^ 0xFFFF
