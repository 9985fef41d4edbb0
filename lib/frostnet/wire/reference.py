# Frostnet: what fast.py and fast_headers.py do, in plain Python; tests hold the two equal
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire.addr import load


def checksum(buf, off, n, start):
    """As RFC 1071 §4.1 writes it: word by word."""
    total = start + copy_sum(bytearray(n), 0, buf, off, n)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def copy(dst, doff, src, soff, n):
    dst[doff : doff + n] = src[soff : soff + n]


def copy_sum(dst, doff, src, soff, n):
    total = 0
    for i in range(n):
        byte = dst[doff + i] = src[soff + i]
        total += byte if i & 1 else byte << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def frame(buf, end, limit, mac, found):
    if end < 14:
        return -4
    if end > limit:
        return -5
    if buf[6] & 1:
        return -2
    if not buf[0] & 1 and bytes(buf[:6]) != mac:
        return -1
    kind = buf[12] << 8 | buf[13]
    if kind != 0x0800:
        return -6 if kind == 0x0806 else -3
    result = ipv4(buf, 14, end, found)
    if result < 0x10000:
        if buf[0] & 1:
            result |= 0x1000
        src, dst = found[2], found[3]
        at = 4 + 2 * ((src ^ dst) & 7)
        if (found[at], found[at + 1]) != (src, dst):
            result |= 0x2000
    return result


def ipv4(buf, off, end, found):
    n = end - off
    if n < 20:
        return 1 << 16
    if buf[off] >> 4 != 4:
        return 2 << 16
    size = (buf[off] & 15) << 2
    total = buf[off + 2] << 8 | buf[off + 3]
    if size < 20 or size > total:
        return 3 << 16
    if total > n:
        return 4 << 16
    if checksum(buf, off, size, 0):
        return 5 << 16
    found[0] = off + size
    found[1] = off + total
    found[2] = load(buf, off + 12)
    found[3] = load(buf, off + 16)
    result = buf[off + 9]
    if size > 20:
        result |= 0x100
    if buf[off + 6] & 0x3F or buf[off + 7]:
        result |= 0x200
    if not buf[off + 8]:
        result |= 0x400
    if not 0 < buf[off + 12] < 224 or buf[off + 12] == 127:
        result |= 0x800
    return result


def udp(buf, off, end, start):
    n = end - off
    if n < 8:
        return -1
    size = buf[off + 4] << 8 | buf[off + 5]
    if not 8 <= size <= n:
        return -2
    if start >= 0 and (buf[off + 6] or buf[off + 7]):
        if checksum(buf, off, size, start + 17 + size):
            return -3
    port = buf[off + 2] << 8 | buf[off + 3]
    if not port:
        return -4
    return (size - 8) << 32 | buf[off] << 24 | buf[off + 1] << 16 | port


def udp_build(out, at, ports, src, n):
    out[at : at + 4] = ports.to_bytes(4, "big")
    out[at + 4 : at + 6] = (n + 8).to_bytes(2, "big")
    out[at + 6 : at + 8] = b"\0\0"
    out[at + 8 : at + 8 + n] = src[:n]


def datagram(out, head, n, proto, check_at, ident):
    out[:34] = head
    out[16:18] = (n + 20).to_bytes(2, "big")
    if not head[20] & 0x40:
        ident[0] = (ident[0] + 1) & 0xFFFFFFFF
        out[18:20] = (ident[0] & 0xFFFF).to_bytes(2, "big")
    out[23] = proto
    out[24:26] = b"\0\0"
    out[24:26] = checksum(out, 14, 20, 0).to_bytes(2, "big")
    if check_at >= 0:
        at = 34 + check_at
        out[at : at + 2] = b"\0\0"
        check = checksum(out, 34, n, load(out, 26) + load(out, 30) + proto + n)
        if not check and proto == 17:
            check = 0xFFFF
        out[at : at + 2] = check.to_bytes(2, "big")
