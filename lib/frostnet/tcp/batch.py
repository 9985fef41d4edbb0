# Frostnet: a batch of expected segments of one connection
# MIT license; Copyright (c) 2026 The Frostnet authors

# Most segments come in runs: data in order, or ACKs for what we send. From the second one on the
# connection's numbers are in an array, in which fast.predict() does all that a further one needs;
# `finish` brings them back, at the end of the poll or when something else comes, whichever is
# first. Nobody may look at the connection in between.

from array import array

from micropython import const

# Items of `hot`, 32 bits each; fast.py knows them by number. What is expected:
PORTS = const(0)
RADDR = const(1)
LADDR = const(2)
RCV_NXT = const(3)
SND_UNA = const(4)
FLIGHT = const(5)  # snd_max - snd_una
WINDOW = const(6)  # rcv_adv - rcv_nxt
SND_WND = const(7)
MAX_WND = const(8)
POS = const(9)  # where the payload goes in the chunk
ROOM = const(10)  # and how much fits
MASK = const(11)  # 0xFFFFFFFF
HEADER = const(12)  # bytes of it: 20, or 32 with timestamps
SHIFT = const(13)  # by which the window is scaled
TS_RECENT = const(14)  # with timestamps: none before this, and it is replaced if the next
LAST_ACK = const(15)  # number expected is still this one (RFC 7323 §4.3)
TSECR = const(16)  # of the last ACK that moved snd_una
# What came:
SEGMENTS = const(17)  # with payload
BYTES = const(18)
ACKS = const(19)  # that moved snd_una
ACKED = const(20)  # and by how much
CHECKED = const(21)  # of the segment that comes next: its checksum needs no look
_SIZE = const(22)

_ALL = const(0xFFFFFFFF)

_nothing = bytearray(4)  # the chunk of a connection that has none


class Batch:
    """`c` is the connection that has a batch, or None."""

    def __init__(self):
        self.c = None
        self.hot = array("I", [0] * _SIZE)
        self.chunk = None

    def begin(self, c):
        """Expect more segments for `c`, whose state is ESTABLISHED and nothing is out of order."""
        hot = self.hot
        hot[PORTS] = c.ports
        hot[RADDR] = c.raddr
        hot[LADDR] = c.laddr
        hot[RCV_NXT] = c.rcv_nxt & _ALL
        hot[SND_UNA] = c.snd_una & _ALL
        hot[FLIGHT] = c.snd_max - c.snd_una
        hot[WINDOW] = c.rcv_adv - c.rcv_nxt
        hot[SND_WND] = c.snd_wnd
        hot[MAX_WND] = c.max_wnd
        hot[MASK] = _ALL
        hot[SHIFT] = c.snd_wscale
        if c.ts_ok:
            hot[HEADER] = 32
            hot[TS_RECENT] = c.ts_recent
            hot[LAST_ACK] = c.last_ack_sent & _ALL
        else:
            hot[HEADER] = 20
        chunk = c.rx.tail()
        hot[POS] = pos = c.rx.end()
        hot[ROOM] = 0 if chunk is None else len(chunk) - pos
        self.chunk = _nothing if chunk is None else chunk
        hot[SEGMENTS] = hot[BYTES] = hot[ACKS] = hot[ACKED] = hot[CHECKED] = 0
        self.c = c

    def finish(self):
        """Let the connection know what came."""
        c = self.c
        self.c = None
        self.chunk = None
        hot = self.hot
        if hot[HEADER] == 32:
            c.ts_recent = hot[TS_RECENT]  # not older than the segment before the batch
            if hot[ACKS]:
                c.tsecr = hot[TSECR]
        if hot[ACKS]:
            c.snd_una += hot[ACKED]
            c.acks += hot[ACKS]
        n = hot[BYTES]
        if n:
            c.rx.commit(n)
            c.rcv_nxt += n
            c.delack += hot[SEGMENTS]
            if n > c.rcv_mss:
                c.delack += 1  # the device may have joined several
            if c.notify:
                c.notify()
        c.snd_wnd = hot[SND_WND]
        c.max_wnd = hot[MAX_WND]
        c.snd_wl1 = c.rcv_nxt
