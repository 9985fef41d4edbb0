# Frostnet: names, addresses and their text, for sockets
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import addr

_AF_INET = const(2)
_ENODEV = const(19)
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


def iface_named(stack, name):
    """The interface with this name, str or bytes; None for "". OSError(ENODEV)."""
    if not isinstance(name, str):
        name = str(bytes(name).rstrip(b"\0"), "utf-8")
    name = name.rstrip("\0")
    if not name:
        return None
    for iface in stack.ifaces + [stack.lo]:
        if iface.name == name:
            return iface
    raise OSError(_ENODEV)


def numeric(host):
    """Address of a host that needs no look-up, or None."""
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
        except AttributeError:
            raise TypeError("host must be text")
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
        ip = numeric(host)
    if ip is None:
        ip = look_up(rt, host)[0]
    return ip


def look_up(rt, host):
    """Addresses of a name; waits for them."""
    query = ask(rt, host)
    try:
        while not query.done:
            rt.wait()
    finally:
        if not query.done:
            query.cancel()  # Ctrl-C
    return answer(query)


def ask(rt, host):
    """The resolver's Query for the addresses of `host`; under the lock."""
    resolver = rt.resolver
    if resolver is None:
        raise OSError(_EAI_NONAME)
    if isinstance(host, (bytes, bytearray)):
        host = str(host, "utf-8")
    return resolver.query(host, _TYPE_A)


def answer(query):
    """The addresses that a Query which is done has found, or its error as OSError."""
    if query.error:
        raise OSError(query.error)
    return query.result


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
