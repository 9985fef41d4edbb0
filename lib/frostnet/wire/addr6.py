# Frostnet: text of IPv6 addresses
# MIT license; Copyright (c) 2026 The Frostnet authors

# What DNS tells is shown; there is no IPv6 to use it with.


def text(buf, off=0):
    """Return the text of the 16 bytes at buf[off] in the form of RFC 5952 §4 and §5."""
    groups = [buf[i] << 8 | buf[i + 1] for i in range(off, off + 16, 2)]
    tail = ""
    if groups[:6] == [0, 0, 0, 0, 0, 0xFFFF]:
        tail = "%d.%d.%d.%d" % tuple(buf[off + 12 : off + 16])
        groups = groups[:6]
    # The first of the longest runs of at least two zeros is left out.
    best = at = 0
    length = 1
    while at < len(groups):
        n = 0
        while at + n < len(groups) and groups[at + n] == 0:
            n += 1
        if n > length:
            best = at
            length = n
        at += n + 1
    parts = ["%x" % group for group in groups]
    if tail:
        parts.append(tail)
    if length < 2:
        return ":".join(parts)
    return ":".join(parts[:best]) + "::" + ":".join(parts[best + length :])
