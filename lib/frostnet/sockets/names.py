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


def port_of(address):
    """Port of a socket address, (host, port) or longer as for IPv6; the host is address[0]."""
    try:
        port = address[1]
        if 0 <= port <= 65535:
            return port
    except (TypeError, IndexError):
        raise TypeError("address must be (host, port)")
    raise OSError(_EINVAL)


# Addresses by their text, if they needed no look-up, and texts by address: both cost more than
# the rest of sendto() and recvfrom().
_KNOWN = const(32)
_known = {}
_texts = {}


def pair(ip, port):
    """Socket address of a program from the stack's."""
    text = _texts.get(ip)
    if text is None:
        if len(_texts) >= _KNOWN:
            _texts.clear()
        _texts[ip] = text = addr.text(ip)
    return text, port


def text(address):
    return "%s:%d" % address


# Address of a host that needs no look-up, or None.
def _numeric(host):
    if isinstance(host, (bytes, bytearray)):
        host = str(host, "utf-8")
    if not host:
        ip = addr.ANY
    elif host == "localhost":
        ip = addr.LOCALHOST
    else:
        try:
            ip = addr.parse(host)
        except ValueError:
            return None
    if len(_known) >= _KNOWN:
        _known.clear()
    _known[host] = ip
    return ip


def resolve(rt, host):
    """Address of `host`, dotted decimal or a name; waits for the answer. Under the lock.

    OSError: -2 if there is no such name, ETIMEDOUT if nobody answers, and what else stops it.
    """
    ip = _known.get(host)
    if ip is None:
        ip = _numeric(host)
    if ip is None:
        ip = _look_up(rt, host)[0]
    return ip


# Addresses of a name.
def _look_up(rt, host):
    resolver = rt.resolver
    if resolver is None:
        raise OSError(_EAI_NONAME)
    if isinstance(host, (bytes, bytearray)):
        host = str(host, "utf-8")
    query = resolver.query(host, _TYPE_A)
    try:
        while not query.done:
            rt.wait()
    finally:
        if not query.done:
            query.cancel()  # Ctrl-C
    if query.error:
        raise OSError(query.error)
    return query.result


def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    """[(family, type, protocol, "", (address, port)), …] of a host, which may be a name.

    Waits for the answer, 10 s at most. OSError: -2 if there is no such name, -3 if the servers
    could not find out, ENETDOWN at once while the link is down, ENETUNREACH without a server,
    ETIMEDOUT if nobody answers.
    """
    if not isinstance(port, int):
        port = int(port)  # ports by number only; requests and others pass digits
    if af != 0 and af != _AF_INET:
        raise OSError(_EAI_NONAME)
    ip = _numeric(host)
    if ip is not None:
        found = (ip,)
    else:
        rt = runtime.current()
        rt.lock()
        try:
            found = _look_up(rt, host)
        finally:
            rt.unlock()
    kind = type or _SOCK_STREAM
    return [(_AF_INET, kind, proto, "", (addr.text(ip), port)) for ip in found]


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
