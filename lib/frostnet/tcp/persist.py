# Frostnet: zero-window probes
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9293 §3.8.6.1: nothing is on its way whose ACK would open the window, and the ACK that did
# may have been lost: ask, ever more seldom.

from micropython import const

from frostnet.tcp.segment import transmit

_FIN = const(0x01)
_ACK = const(0x10)
_NEVER = const(1 << 61)
_PERSIST_MAX = const(60000000)
_SHARE = const(3)  # 1 << 3 questions fit into an orphan's time: some may be lost


def probe(c, now):
    """The persist timer ran out: send one byte (or what fits), or the FIN, into the window."""
    una = c.snd_una
    n = c.tx_seq + c.tx.len - una
    if n + c.fin <= 0:
        c.persist_at = _NEVER  # the last probe was taken, and nothing is left to ask for
        return
    flags = _ACK
    if n > 1:
        # The silly-window override, RFC 9293 §3.8.6.2.1: an open but small window is used.
        most = c.snd_wnd if c.snd_wnd > 1 else 1
        if n > most:
            n = most
        if n > c.smss:
            n = c.smss
    elif n <= 0:
        n = 0
        flags = _ACK | _FIN
    c.rtt_seq = 0
    if transmit(c, una, n, flags):
        c.tcp.counters.tcp_probe += 1
        if una + n + (flags & _FIN) > c.snd_max:
            c.snd_max = una + n + (flags & _FIN)
    c.probes += 1
    if c.watch is not None:
        c.watch.tell("window probe", n, c.probes)
    delay = c.rto << (c.probes if c.probes < 9 else 9)
    most = max(c.rto, c.user_timeout >> _SHARE) if c.orphan else _PERSIST_MAX
    c.persist_at = now + min(delay, most)
