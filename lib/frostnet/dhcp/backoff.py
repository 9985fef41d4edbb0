# Frostnet: how long a DHCP client waits before it asks again
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

_SECOND = const(1_000_000)
_FIRST = const(4)  # s; doubles with every try (RFC 2131 section 4.1)
_LAST = const(64)
_RENEW = const(60)  # s: least time between tries to renew (RFC 2131 section 4.4.5)


def wait(tries, rand):
    """Return µs to wait after a message that was sent `tries` times before."""
    # One second more or less, so that hosts which started together come apart
    return (min(_FIRST << min(tries, 8), _LAST) - 1) * _SECOND + rand(32) % (2 * _SECOND)


def renewal(now, limit, length):
    """Return µs to wait while renewing until `limit` a lease that is `length` µs long."""
    # Half of the time that is left; a short lease gets a few tries too
    least = _RENEW * _SECOND
    if length:
        least = min(least, length // 8)
    return max((limit - now) // 2, least)


def early(span, rand):
    """Return µs by which to renew before time: hosts that booted together do not come together
    (RFC 2131 section 4.4.5)."""
    return rand(32) % (span // 64 + 1)
