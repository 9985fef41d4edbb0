# Frostnet: initial sequence numbers
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 6528: ISN = M + F(four-tuple, secret), where M is a clock that ticks every 4 µs. Nobody
# without the secret can tell one connection's numbers from another's, and the numbers of one
# four-tuple still grow, as RFC 9293 §3.4.1 wants.

import hashlib


def isn(now, secret, laddr, lport, raddr, rport):
    """Return the number to begin with at `now`, 0..0xFFFFFFFF. `secret` is bytes."""
    h = keyed(secret, laddr, lport, raddr, rport)
    return ((now >> 2) + int.from_bytes(h[:4], "big")) & 0xFFFFFFFF


def ts_offset(secret, laddr, lport, raddr, rport):
    """Return what to add to our timestamps, RFC 7323 §5.4: one four-tuple's always grow."""
    return int.from_bytes(keyed(secret, laddr, lport, raddr, rport)[4:8], "big")


def keyed(secret, laddr, lport, raddr, rport, more=b""):
    """Return 32 bytes that are different for each four-tuple, and known to us alone."""
    h = hashlib.sha256(secret)
    # 16 bytes hold any address.
    h.update(laddr.to_bytes(16, "big") + raddr.to_bytes(16, "big"))
    h.update((lport << 16 | rport).to_bytes(4, "big") + more)
    return h.digest()
