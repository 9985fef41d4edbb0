# Frostnet: what net.ss and net.netstat tell about TCP connections
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.tcp.connection import NEVER
from frostnet.tcp.states import ESTABLISHED
from frostnet.wire import addr

_UNLIMITED = const(1 << 30)  # an ssthresh that no loss has set


def timer(c, now):
    """Return what a connection waits for, as Unix names it: (name, s until then, retransmissions
    in a row, probes in a row).

    "on": an ACK, or else it sends again; "probe": the peer's window; "keepalive": a sign of life;
    "timewait": its end, nobody uses it any more; "off": nothing.
    """
    for name, when in (
        ("on", c.rtx_at),
        ("probe", c.persist_at),
        ("keepalive", c.keep_at),
        ("timewait", c.life_at),
    ):
        if when < NEVER:
            probes = c.keep_probes if name == "keepalive" else c.probes
            return name, max(when - now, 0) / 1000000, c.backoff, probes
    return "off", 0.0, 0, 0


def timer_text(timer):
    """Return the text of such a tuple as netstat -o has it."""
    return "%s (%.2f/%d/%d)" % timer


def pair(address, port):
    """Return the text of an address and a port, "*" for none."""
    return "%s:%s" % (addr.text(address), port or "*")


def ends(c):
    """Return the texts of a connection's own end and of the peer's."""
    return pair(c.laddr, c.ports >> 16), pair(c.raddr, c.ports & 0xFFFF)


def congestion(c):
    """Return (algorithm, cwnd, ssthresh) of a connection, in bytes; None for what is not known
    before the handshake is over, and for ssthresh before the first loss.
    """
    cc = c.cc
    if cc is None:
        return c.congestion.name, None, None
    return cc.name, cc.cwnd, cc.ssthresh if cc.ssthresh < _UNLIMITED else None


def scales(c):
    """Return the window scales that both sides use, (ours to send by, theirs); None if none."""
    if c.state >= ESTABLISHED and (c.snd_wscale or c.rcv_wscale):
        return c.snd_wscale, c.rcv_wscale
    return None
