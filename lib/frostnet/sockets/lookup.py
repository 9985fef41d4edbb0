# Frostnet: getaddrinfo(), which waits, and agetaddrinfo(), which lets others go on
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet import runtime
from frostnet.sockets import names
from frostnet.wire.addr import text

_AF_INET = const(2)
_SOCK_STREAM = const(1)
_SOCK_RAW = const(3)

_EAI_NONAME = const(-2)
_EAI_SOCKTYPE = const(-7)
_EAI_SERVICE = const(-8)


def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    """[(family, type, protocol, "", (address, port)), …] of a host, which may be a name.

    Waits for the answer, 10 s at most. OSError: -2 if there is no such name, -3 if the servers
    could not find out, -7 for an unknown type, -8 for a port that is no number; ENETDOWN at once
    while the link is down, ENETUNREACH without a server, ETIMEDOUT if nobody answers.
    """
    port = _checked(port, af, type)
    ip = names.numeric(host)
    if ip is not None:
        return _entries((ip,), port, type, proto)
    rt = runtime.current()
    rt.lock()
    try:
        found = names.look_up(rt, host)
    finally:
        rt.unlock()
    return _entries(found, port, type, proto)


async def agetaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    """getaddrinfo() to be awaited: asyncio's other tasks go on meanwhile.

    A task that is cancelled, or runs out of time, asks no longer.
    """
    port = _checked(port, af, type)
    ip = names.numeric(host)
    if ip is not None:
        return _entries((ip,), port, type, proto)
    from asyncio import ThreadSafeFlag

    rt = runtime.current()
    flag = ThreadSafeFlag()
    rt.lock()
    try:
        query = names.ask(rt, host)
        query.notify = flag.set
    finally:
        rt.unlock()
    try:
        if not query.done:
            await flag.wait()
    finally:
        if not query.done:
            rt.lock()
            try:
                query.cancel()
            finally:
                rt.unlock()
    return _entries(names.answer(query), port, type, proto)


def _entries(found, port, type, proto):
    kind = type or _SOCK_STREAM
    return [(_AF_INET, kind, proto, "", (text(ip), port)) for ip in found]


# The port as a number. Ports of services are not known by name, but some programs pass digits.
def _checked(port, af, type):
    if af != 0 and af != _AF_INET:
        raise OSError(_EAI_NONAME)
    if not 0 <= type <= _SOCK_RAW:
        raise OSError(_EAI_SOCKTYPE)
    if port is None:
        return 0
    try:
        port = int(port)
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        raise OSError(_EAI_SERVICE, "the port must be a number from 0 to 65535, not a name")
    return port
