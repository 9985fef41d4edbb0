# Frostnet: MicroPython's socket module
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.sockets import datagram, stream
from frostnet.sockets.base import (
    AF_INET,
    AF_INET6,
    IPPROTO_ICMP,
    IPPROTO_IP,
    IPPROTO_TCP,
    IPPROTO_UDP,
    MSG_DONTWAIT,
    MSG_PEEK,
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
from frostnet.sockets.names import getaddrinfo, inet_ntop, inet_pton

# Not SO_RCVTIMEO and the like: a program may ask by hasattr() what there is.

socket.kinds[SOCK_STREAM] = (stream.socket, IPPROTO_TCP)
socket.kinds[SOCK_DGRAM] = (datagram.socket, IPPROTO_UDP)
