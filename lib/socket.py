# Frostnet: MicroPython's socket module
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.sockets import datagram, stream
from frostnet.sockets.base import (
    AF_INET,
    AF_INET6,
    AF_PACKET,
    IPPROTO_ICMP,
    IPPROTO_IP,
    IPPROTO_TCP,
    IPPROTO_UDP,
    MSG_DONTWAIT,
    MSG_PEEK,
    SO_BINDTODEVICE,
    SO_BROADCAST,
    SO_ERROR,
    SO_KEEPALIVE,
    SO_LINGER,
    SO_RCVBUF,
    SO_REUSEADDR,
    SO_SNDBUF,
    SOCK_DGRAM,
    SOCK_RAW,
    SOCK_STREAM,
    SOL_SOCKET,
    TCP_NODELAY,
    socket,
)
from frostnet.sockets.multicast import (
    IP_ADD_MEMBERSHIP,
    IP_DROP_MEMBERSHIP,
    IP_MULTICAST_IF,
    IP_MULTICAST_LOOP,
    IP_MULTICAST_TTL,
    IP_TTL,
)
from frostnet.sockets.tcp_options import (
    TCP_KEEPCNT,
    TCP_KEEPIDLE,
    TCP_KEEPINTVL,
    TCP_USER_TIMEOUT,
)
from frostnet.sockets.lookup import agetaddrinfo, getaddrinfo
from frostnet.sockets.names import inet_ntop, inet_pton

# Of packet sockets: types of frames, and whom one was for.
ETH_P_ALL = const(3)
ETH_P_IP = const(0x0800)
ETH_P_ARP = const(0x0806)
ETH_P_IPV6 = const(0x86DD)
PACKET_HOST = const(0)
PACKET_BROADCAST = const(1)
PACKET_MULTICAST = const(2)
PACKET_OTHERHOST = const(3)
PACKET_OUTGOING = const(4)

# Not SO_RCVTIMEO and the like: a program may ask by hasattr() what there is.

socket.kinds[AF_INET] = {SOCK_STREAM: stream.socket, SOCK_DGRAM: datagram.socket}
socket.kinds[AF_PACKET] = {}


# Kinds that few programs use are there from their first use on.
def _load(af, kind):
    kinds = socket.kinds.get(af)
    if kinds is None:
        raise OSError(97)  # EAFNOSUPPORT
    if af == AF_INET and kind == SOCK_RAW:
        from frostnet.sockets.raw import socket as found
    elif af == AF_PACKET and kind in (SOCK_RAW, SOCK_DGRAM):
        from frostnet.sockets import packet

        found = packet.socket if kind == SOCK_RAW else packet.cooked
    else:
        raise OSError(22)  # EINVAL
    kinds[kind] = found
    return found


socket.load = _load


def create_connection(address, timeout=None, source_address=None):
    """A stream socket that is connected to `address`, (host, port).

    Each address of the host is tried, for `timeout` seconds (None: for as long as it takes),
    which the socket keeps. OSError: what the last one failed with.
    """
    error = None
    for af, kind, proto, _, peer in getaddrinfo(address[0], address[1], 0, SOCK_STREAM):
        s = socket(af, kind, proto)
        try:
            s.settimeout(timeout)
            if source_address:
                s.bind(source_address)
            s.connect(peer)
            return s
        except BaseException as e:
            s.close()
            if not isinstance(e, OSError):
                raise
            error = e
    raise error


def htons(n):
    """A 16-bit number in network order, and back."""
    return n >> 8 & 0xFF | (n & 0xFF) << 8


def htonl(n):
    """A 32-bit number in network order, and back."""
    return htons(n >> 16) | htons(n) << 16


ntohs = htons
ntohl = htonl
