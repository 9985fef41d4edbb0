# Frostnet: the states of a TCP connection
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9293 §3.3.2. The order matters: the code asks for ranges. From ESTABLISHED on a connection
# is synchronized and data may be acknowledged; a receiver takes data in RECEIVING states only.

from micropython import const

CLOSED = const(0)
LISTEN = const(1)
SYN_SENT = const(2)
SYN_RECEIVED = const(3)
ESTABLISHED = const(4)
FIN_WAIT_1 = const(5)
FIN_WAIT_2 = const(6)
CLOSE_WAIT = const(7)
CLOSING = const(8)
LAST_ACK = const(9)
TIME_WAIT = const(10)

NAMES = (
    "CLOSED",
    "LISTEN",
    "SYN_SENT",
    "SYN_RECEIVED",
    "ESTABLISHED",
    "FIN_WAIT_1",
    "FIN_WAIT_2",
    "CLOSE_WAIT",
    "CLOSING",
    "LAST_ACK",
    "TIME_WAIT",
)

# What each event does to the state, by the state it meets: RFC 9293 figure 5 and §3.10. An event
# that a state's row says nothing about (its own number) leaves it as it is.
#                  CL LI SS SR ES F1 F2 CW CI LA TW
# The user has no more to send (CLOSE): our FIN is queued.
# In SYN_RECEIVED the FIN waits until ESTABLISHED (§3.10.4 allows it), behind the SYN.
ON_SHUTDOWN = bytes((0, 0, 0, 3, 5, 5, 6, 9, 8, 9, 10))
# The peer's FIN was reached.
ON_FIN = bytes((0, 1, 2, 7, 7, 8, 10, 7, 8, 9, 10))
# Our FIN was acknowledged.
ON_FIN_ACKED = bytes((0, 1, 2, 3, 4, 6, 6, 7, 10, 0, 10))

# States in which the peer has not sent its FIN yet, so that its data count.
RECEIVING = bytes((0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0))
# States in which the program may still send.
SENDING = bytes((0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0))
