# Frostnet: selective acknowledgement, the receiver's part
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 2018 §4: the block with the newest segment comes first, then those that were told most
# recently. RFC 2883: a segment that was there already is told once, in front of all others, so
# that the sender learns that it need not have sent it again.

from array import array

from micropython import const

from frostnet.wire.tcp_options import MAX_BLOCKS

_MASK = const(0xFFFFFFFF)

edges = array("I", [0] * (2 * MAX_BLOCKS))  # as wire.tcp_options.build_options wants them


def fill(c):
    """Put what `c` should tell now into `edges`; return how many blocks that are."""
    most = MAX_BLOCKS - 1 if c.ts_ok else MAX_BLOCKS
    n = 0
    dsack = c.dsack
    if dsack:
        c.dsack = None
        edges[0] = dsack[0] & _MASK
        edges[1] = dsack[1] & _MASK
        n = 1
    if c.ooo:
        for start, end in c.ooo.recent():
            if n == most:
                break
            edges[2 * n] = start & _MASK
            edges[2 * n + 1] = end & _MASK
            n += 1
    return n


def duplicate(c, start, end):
    """Tell the peer with the next ACK that [start, end) came twice; it must be sent at once."""
    if c.sack_ok:
        c.dsack = (start, end)
