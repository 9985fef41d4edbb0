# Frostnet: options of TCP sockets
# MIT license; Copyright (c) 2026 The Frostnet authors

# What a program sets before there is a connection is kept by the socket, and given to its
# connection before the SYN is made, or to each that a listening socket takes.

import struct

from micropython import const

from frostnet.sockets.base import SO_KEEPALIVE, SO_RCVBUF, SO_SNDBUF, TCP_NODELAY
from frostnet.tcp.connection import Connection

# Numbers are told apart without their level here, so these are not those of any other system.
TCP_KEEPIDLE = const(0x41)  # seconds, as the next
TCP_KEEPINTVL = const(0x42)
TCP_KEEPCNT = const(0x43)
TCP_USER_TIMEOUT = const(0x44)  # milliseconds; 0: the default

_BUFFER_MIN = const(1024)
_BUFFER_MAX = const(1048576)
_SECOND = const(1000000)

_EINVAL = const(22)
_ENOPROTOOPT = const(92)

# Least and most that each may be.
_RANGES = {
    SO_KEEPALIVE: (0, 1),
    TCP_NODELAY: (0, 1),
    SO_RCVBUF: (_BUFFER_MIN, _BUFFER_MAX),
    SO_SNDBUF: (_BUFFER_MIN, _BUFFER_MAX),
    TCP_KEEPIDLE: (1, 32767),
    TCP_KEEPINTVL: (1, 32767),
    TCP_KEEPCNT: (1, 127),
    TCP_USER_TIMEOUT: (0, 86400000),
}


def checked(option, value):
    """Return the int that `value`, an int or packed bytes, means for `option`.

    Sizes of buffers are moved into what is possible, as everywhere. OSError: ENOPROTOOPT for an
    option that TCP does not have, EINVAL for a value that it cannot have.
    """
    if option not in _RANGES:
        raise OSError(_ENOPROTOOPT)
    if not isinstance(value, int):
        if len(value) != 4:
            raise OSError(_EINVAL)
        value = struct.unpack("i", value)[0]
    least, most = _RANGES[option]
    if option in (SO_RCVBUF, SO_SNDBUF):
        return min(max(value, least), most)
    if most == 1:
        return 1 if value else 0
    if not least <= value <= most:
        raise OSError(_EINVAL)
    return value


def apply(conn, option, value):
    """Set an option of a connection to a value that was checked."""
    if option == TCP_NODELAY:
        conn.nodelay = bool(value)
    elif option == SO_RCVBUF:
        conn.rx.limit = value
    elif option == SO_SNDBUF:
        conn.tx.limit = value
    elif option == TCP_USER_TIMEOUT:
        conn.user_timeout = value * 1000 or Connection.user_timeout
    else:
        if option == TCP_KEEPIDLE:
            conn.keep_idle = value * _SECOND
        elif option == TCP_KEEPINTVL:
            conn.keep_interval = value * _SECOND
        elif option == TCP_KEEPCNT:
            conn.keep_count = value
        conn.keep_alive(bool(value) if option == SO_KEEPALIVE else conn.keepalive)


def setter(options):
    """Return fn(conn), which gives a connection these options, {option: value}.

    It is the stack's while a socket listens: it knows the options and not the socket.
    """

    def tune(conn):
        for option, value in options.items():
            apply(conn, option, value)

    return tune


def value_of(conn, option):
    """Return the value of an option of a connection. OSError: ENOPROTOOPT."""
    if option == SO_RCVBUF:
        return conn.rx.limit
    if option == SO_SNDBUF:
        return conn.tx.limit
    return _plain_value(conn, option)


def default(tcp, option):
    """Return the value that a connection begins with."""
    if option == SO_RCVBUF:
        return tcp.rcvbuf
    if option == SO_SNDBUF:
        return tcp.sndbuf
    return _plain_value(Connection, option)


def _plain_value(conn, option):
    if option == TCP_NODELAY:
        return int(conn.nodelay)
    if option == SO_KEEPALIVE:
        return int(conn.keepalive)
    if option == TCP_USER_TIMEOUT:
        return conn.user_timeout // 1000
    if option == TCP_KEEPIDLE:
        return conn.keep_idle // _SECOND
    if option == TCP_KEEPINTVL:
        return conn.keep_interval // _SECOND
    if option == TCP_KEEPCNT:
        return conn.keep_count
    raise OSError(_ENOPROTOOPT)
