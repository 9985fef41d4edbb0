# Frostnet: the numbers of telnet (RFC 854, 857, 858, 856, 1073, 1091)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

# Commands, after IAC.
SE = const(240)
NOP = const(241)
DM = const(242)
BREAK = const(243)
IP = const(244)
AO = const(245)
AYT = const(246)
EC = const(247)
EL = const(248)
GA = const(249)
SB = const(250)
WILL = const(251)
WONT = const(252)
DO = const(253)
DONT = const(254)
IAC = const(255)

# Options.
BINARY = const(0)
ECHO = const(1)
SGA = const(3)
TTYPE = const(24)
NAWS = const(31)
