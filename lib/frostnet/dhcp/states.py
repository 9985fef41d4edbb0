# Frostnet: the states of a DHCP client (RFC 2131 section 4.4, figure 5 and table 5)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import dhcp

STOPPED = const(0)
INIT = const(1)  # waiting to begin: for the link, or after a refusal or a conflict
SELECTING = const(2)
REQUESTING = const(3)
BOUND = const(4)
RENEWING = const(5)
REBINDING = const(6)
REBOOTING = const(7)  # asks for the lease that it had before the link was lost (INIT-REBOOT)
CHECKING = const(8)  # `careful`: probes what was granted

NAMES = ("STOPPED", "INIT", "SELECTING", "REQUESTING", "BOUND", "RENEWING", "REBINDING")
NAMES += ("REBOOTING", "CHECKING")

# What a state sends (RFC 2131 table 5): message, to the broadcast address, with the address
# wanted as an option, with the server's id, with our address in ciaddr.
SENDS = {
    SELECTING: (dhcp.DISCOVER, True, True, False, False),
    REQUESTING: (dhcp.REQUEST, True, True, True, False),
    REBOOTING: (dhcp.REQUEST, True, True, False, False),
    RENEWING: (dhcp.REQUEST, False, False, False, True),
    REBINDING: (dhcp.REQUEST, True, False, False, True),
}

# Which replies a state takes (RFC 2131 figure 5), by method. Everything else is counted and
# dropped: in BOUND nobody was asked.
_ANSWERS = {dhcp.ACK: "_ack", dhcp.NAK: "_nak"}
TAKES = {
    SELECTING: {dhcp.OFFER: "_offer"},
    REQUESTING: _ANSWERS,
    REBOOTING: _ANSWERS,
    RENEWING: _ANSWERS,
    REBINDING: _ANSWERS,
}

# Where a state leads when its time is up. REBINDING ends with the lease itself.
NEXT = {
    INIT: SELECTING,
    REQUESTING: SELECTING,  # another server may do
    REBOOTING: SELECTING,
    BOUND: RENEWING,
    RENEWING: REBINDING,
}
