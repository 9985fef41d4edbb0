# Frostnet: what both sides of a TFTP transfer agree on
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 2348 (blksize), RFC 2349 (timeout, tsize), RFC 7440 (windowsize).

from micropython import const

from tftp.packets import BAD_OPTION, TftpError

BLOCK = const(512)  # bytes of data in a block unless agreed otherwise (RFC 1350 §2)
BLOCK_MIN = const(8)
BLOCK_MAX = const(65464)
BUFFER = const(65536)  # bytes of a transfer that may wait for their ACK
_WINDOW_MAX = const(16)  # a socket takes 32 datagrams
_SECONDS_MAX = const(255)
_DIGITS = const(15)


class Agreed:
    """`block` in bytes, `window` in blocks; `seconds` until something is repeated, and the `size`
    of the file: 0 and -1 where it was not spoken of."""

    block = BLOCK
    window = 1
    seconds = 0
    size = -1


def grant(wanted, block_max, size, reading):
    """The server's part: what it takes of {name: text}, and the (name, int) pairs of its OACK.

    `size` is the length of the file that is read, -1 if it is not known. What does not make sense
    is passed over, as if it had not been there (RFC 2347).
    """
    agreed = Agreed()
    pairs = []
    n = _number(wanted, "blksize")
    if n >= BLOCK_MIN:
        agreed.block = min(n, block_max, BLOCK_MAX)
        pairs.append(("blksize", agreed.block))
    n = _number(wanted, "timeout")
    if 1 <= n <= _SECONDS_MAX:
        agreed.seconds = n
        pairs.append(("timeout", n))
    n = _number(wanted, "tsize")
    if n >= 0:
        agreed.size = size if reading else n
        if agreed.size >= 0:
            pairs.append(("tsize", agreed.size))
    n = _number(wanted, "windowsize")
    if n >= 1:
        agreed.window = min(n, _WINDOW_MAX, max(BUFFER // agreed.block, 1))
        pairs.append(("windowsize", agreed.window))
    return agreed, pairs


def accept(answered, offered):
    """The client's part: what an OACK's {name: text} means, after the (name, int) pairs of the
    request. TftpError if it says what was not asked for (RFC 2347)."""
    agreed = Agreed()
    offered = dict(offered)
    for name in answered:
        n = _number(answered, name)
        most = offered.get(name)
        if most is None:
            raise TftpError(BAD_OPTION, "an option that was not asked for")
        if name == "blksize" and BLOCK_MIN <= n <= most:
            agreed.block = n
        elif name == "windowsize" and 1 <= n <= most:
            agreed.window = n
        elif name == "timeout" and n == most:
            agreed.seconds = n
        elif name == "tsize" and n >= 0:
            agreed.size = n
        else:
            raise TftpError(BAD_OPTION, "%s is not what was asked for" % name)
    return agreed


# -1 for what is not there or no number.
def _number(options, name):
    text = options.get(name, "")
    return int(text) if text.isdigit() and len(text) <= _DIGITS else -1
