# Frostnet: names, addresses and their text, for sockets
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet import runtime
from frostnet.wire import addr

_AF_INET = const(2)
_SOCK_STREAM = const(1)
_EINVAL = const(22)
_EAFNOSUPPORT = const(97)
_EAI_NONAME = const(-2)
_TYPE_A = const(1)


def split(address):
    """Take apart a socket address, (host, port) or longer as for IPv6: (str, int)."""
    if not isinstance(address, (tuple, list)):
        raise TypeError("address must be (host, port)")
    if len(address) < 2:
        raise ValueError("address must be (host, port)")
    port = address[1]
    if not isinstance(port, int):
        raise TypeError("port must be an integer")
    if not 0 <= port <= 65535:
        raise OSError(_EINVAL)
    return address[0], port


def pair(ip, port):
    """Socket address of a program from the stack's."""
    return addr.text(ip), port


def text(address):
    return "%s:%d" % address


# Address of a host that needs no look-up, or None.
def _known(host):
    if not host:
        return addr.ANY
    if host == "localhost":
        return addr.LOCALHOST
    try:
        return addr.parse(host)
    except ValueError:
        return None


def resolve(rt, host):
    """Address of `host`, dotted decimal or a name; waits for the answer. Under the lock.

    OSError: -2 if there is no such name, ETIMEDOUT if nobody answers, and what else stops it.
    """
    if isinstance(host, (bytes, bytearray)):
        host = str(host, "utf-8")
    ip = _known(host)
    if ip is not None:
        return ip
    resolver = rt.resolver
    if resolver is None:
        raise OSError(_EAI_NONAME)
    query = resolver.query(host, _TYPE_A)
    try:
        while not query.done:
            rt.wait()
    finally:
        if not query.done:
            query.cancel()  # Ctrl-C
    if query.error:
        raise OSError(query.error)
    return query.result[0]


def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    """[(family, type, protocol, "", (address, port))] of a host, which may be a name."""
    if not isinstance(port, int):
        port = int(port)  # ports by number only; requests and others pass digits
    if af != 0 and af != _AF_INET:
        raise OSError(_EAI_NONAME)
    ip = _known(host)
    if ip is None:
        rt = runtime.current()
        rt.lock()
        try:
            ip = resolve(rt, host)
        finally:
            rt.unlock()
    return [(_AF_INET, type or _SOCK_STREAM, proto, "", (addr.text(ip), port))]


def inet_pton(af, text):
    """Network form (4 bytes) of a dotted-decimal address."""
    if af != _AF_INET:
        raise OSError(_EAFNOSUPPORT)
    try:
        return addr.parse(text).to_bytes(4, "big")
    except ValueError:
        raise OSError(_EINVAL)


def inet_ntop(af, data):
    """Dotted-decimal text of 4 bytes."""
    if af != _AF_INET:
        raise OSError(_EAFNOSUPPORT)
    if len(data) != 4:
        raise ValueError("address must have 4 bytes")
    return addr.text(int.from_bytes(data, "big"))
