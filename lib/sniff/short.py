# Frostnet: what is told of a piece of a frame that ends too soon
# MIT license; Copyright (c) 2026 The Frostnet authors


def short(what, off, end, size, need):
    """Say that of the `need` bytes of `what` only `buf[off:end]` is there, of `size` sent."""
    if end - off < size:
        return "[|%s]" % what
    return "[%s too short: %d of %d bytes]" % (what, size, need)


def be16(buf, at):
    """The 16 bits at `at`, most significant byte first."""
    return buf[at] << 8 | buf[at + 1]


def be32(buf, at):
    """The 32 bits at `at`, most significant byte first."""
    return buf[at] << 24 | buf[at + 1] << 16 | buf[at + 2] << 8 | buf[at + 3]
