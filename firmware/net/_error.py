# Frostnet: errors for people
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

ENOENT = const(2)
EIO = const(5)
EAGAIN = const(11)
ENOMEM = const(12)
EACCES = const(13)
ENODEV = const(19)
EINVAL = const(22)
ENOSPC = const(28)
EPROTO = const(71)
EPROTONOSUPPORT = const(93)
EMSGSIZE = const(90)
EADDRINUSE = const(98)
ENETDOWN = const(100)
ENETUNREACH = const(101)
ECONNABORTED = const(103)
ECONNRESET = const(104)
ENOBUFS = const(105)
ENOTCONN = const(107)
ETIMEDOUT = const(110)
ECONNREFUSED = const(111)
EHOSTUNREACH = const(113)

# What to do about it, by errno; %s is the peer.
_SENTENCES = {
    ENETDOWN: "the link is down: plug the cable in (QEMU's monitor: set_link net0 on)",
    ENETUNREACH: "there is no way to %s: look at net.ifconfig() for an address and a gateway",
    EHOSTUNREACH: "%s does not answer on its network: check the address, and that it is on",
    ECONNREFUSED: "%s refused the connection: check the port, and that a server listens there",
    ECONNRESET: "%s broke the connection off: try again",
    ECONNABORTED: "the connection to %s was broken off: try again",
    ETIMEDOUT: "%s did not answer in time: check the address and firewalls, or wait longer "
    "with timeout=",
    EMSGSIZE: "too large a packet for the link to %s: use a smaller size",
    ENOBUFS: "the network has its hands full: try again in a moment",
    ENOMEM: "there is not enough memory: free some with gc.collect()",
}


class NetError(OSError):
    """A command could not do its work. `errno` is the number (negative: from DNS), `str()` a
    sentence that says what to do; `status` is that of HTTP, if there was one."""

    def __init__(self, errno, text, status=0):
        super().__init__(errno, text)
        self.status = status

    def __str__(self):
        return self.args[1]

    def __repr__(self):
        return "NetError: " + self.args[1]


def explain(error, peer):
    """Return the NetError for an OSError that `peer`, a text, has to do with."""
    if isinstance(error, NetError):
        return error
    number = error.errno
    if not isinstance(number, int):
        return NetError(EIO, str(error))
    sentence = _SENTENCES.get(number)
    if sentence is None:
        return NetError(number, "%s: %s" % (peer, error))
    return NetError(number, sentence % peer if "%s" in sentence else sentence)
