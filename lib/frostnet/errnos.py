# Frostnet: error numbers that the stack raises
# MIT license; Copyright (c) 2026 The Frostnet authors

# The `errno` module of MicroPython lacks several of these; the values are its own (Linux's).

from micropython import const

EAGAIN = const(11)
EACCES = const(13)
ENODEV = const(19)
EINVAL = const(22)
EPROTO = const(71)
EDESTADDRREQ = const(89)
EMSGSIZE = const(90)
ENOPROTOOPT = const(92)
EOPNOTSUPP = const(95)
EADDRINUSE = const(98)
EADDRNOTAVAIL = const(99)
ENETDOWN = const(100)
ENETUNREACH = const(101)
ENOBUFS = const(105)
EISCONN = const(106)
ENOTCONN = const(107)
ECONNREFUSED = const(111)
EHOSTUNREACH = const(113)
