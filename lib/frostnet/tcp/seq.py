# Frostnet: sequence numbers
# MIT license; Copyright (c) 2026 The Frostnet authors

# On the wire a sequence number is 32 bits and wraps. Inside a connection it never does: it is an
# int whose low 32 bits are the number on the wire, and that is compared with plain < and ==. The
# conversion happens in the two places where a segment comes in or goes out: `unwrap` below, and
# `& 0xFFFFFFFF` before a header is built. Small ints have 62 bits here: no stream gets there.


def unwrap(wire, near):
    """Return the sequence number with the low 32 bits `wire` that is nearest to `near`.

    Nearest: from near - 2**31 to near + 2**31 - 1, the comparison of RFC 9293 §3.4.
    """
    return near + ((wire - near + 0x80000000) & 0xFFFFFFFF) - 0x80000000
