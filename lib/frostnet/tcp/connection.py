# Frostnet: a TCP connection: its state (TCB) and what its user may do
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.ring import Ring
from frostnet.tcp import keepalive
from frostnet.tcp.cubic import Cubic
from frostnet.tcp.output import output
from frostnet.tcp.rto import INITIAL
from frostnet.tcp.segment import arm, send_reset
from frostnet.tcp.states import (
    CLOSED,
    ESTABLISHED,
    FIN_WAIT_2,
    ON_SHUTDOWN,
    SENDING,
    SYN_RECEIVED,
    SYN_SENT,
    TIME_WAIT,
)
from frostnet.tcp.timeouts import expired
from frostnet.timers import Timer
from frostnet.wire.tcp import DEFAULT_MSS

# Keepalive, RFC 9293 §3.8.4: no less than two hours by default (MUST-28). In µs, and a number.
KEEP_IDLE = const(7200000000)
KEEP_INTERVAL = const(75000000)
KEEP_COUNT = const(9)

NEVER = const(1 << 61)  # later than any time
BUFFER = const(65535)  # most bytes kept in either direction: the largest unscaled window
# Time-outs in µs. RFC 9293 §3.9.1.1: five minutes for data.
USER_TIMEOUT = const(300000000)
# The same, when nobody waits for it any more: R2 of §3.8.3 is at least 100 s.
ORPHAN_TIMEOUT = const(100000000)
FIN_WAIT_2_TIMEOUT = const(60000000)  # an abandoned connection waits for the peer's FIN

_MTU = const(1500)  # of nearly every path
_EPIPE = const(32)


class _Timer(Timer):
    """As Timer(fn) with a bound method, which would take a block of the heap more."""

    def __init__(self, c):
        self.c = c
        self.due = None
        self._when = 0
        self._serial = 0

    def fn(self, now):
        if self.c:
            expired(self.c, now)


class Connection:
    """One connection. Names are those of RFC 9293 §3.3.1 and RFC 6298.

    Sequence numbers do not wrap here (tcp/seq.py), times are in µs.
    """

    # What many connections never change stays here: that saves them time and memory.
    chain = None  # next one with the same place in the table
    error = 0
    soft_error = 0  # what an ICMP error said, should the connection time out
    notify = None  # called when data, the end, an error or the connection has come
    wanted = 0  # call it once, too, when `tx` has room for as many bytes again
    listener = None  # that this connection waits in
    nodelay = False
    orphan = False  # its user let go
    fin_seq = None  # where the peer's FIN is, once it was seen
    eof = False
    acks = 0  # ACKs whose consequences wait until the batch ends
    quick = 0  # how many more segments to acknowledge at once
    heard = -(1 << 40)  # when data last came: long ago, so the first ACKs are quick
    challenge_at = 0  # when a challenge ACK may be sent again
    cc = None  # congestion control, made when the MSS is known
    user_timeout = USER_TIMEOUT  # µs without progress, once established
    keepalive = False
    keep_idle = KEEP_IDLE  # what keepalive does, tcp/keepalive.py
    keep_interval = KEEP_INTERVAL
    keep_count = KEEP_COUNT
    keep_probes = 0  # questions without an answer
    keep_at = NEVER
    snd_wnd = max_wnd = 0  # the peer's window, and the largest it ever offered
    snd_wl1 = 0  # number of the segment that told the window
    mss = smss = DEFAULT_MSS  # the peer's, and what is left of it beside our options
    sack_ok = wscale_ok = False  # what both SYNs had, tcp/options.py; and ts_ok
    rcv_wscale = 0
    rcv_mss = _MTU - 40  # what we offer
    ts_recent = 0  # the peer's timestamp to echo, from ts_recent_at; tcp/paws.py
    ts_recent_at = 0
    ts_offset = 0  # between our timestamps and milliseconds
    tsecr = 0  # what the last ACK that moved snd_una echoed
    last_ack_sent = 0
    dsack = None  # (left, right) of a duplicate to tell the peer of; tcp/sack.py
    snd_sml = -1  # end of the last segment smaller than the MSS
    fin = 0  # 1 when our FIN follows the last byte of `tx`
    rcv_nxt = 0  # `rx` holds what the user did not read yet, this is what follows
    ooo = None  # Reassembly, while there are holes
    syn_at = 0  # when our SYN was sent last
    syn_again = False  # it was sent more than once
    rtt_seq = 0  # the round trip is measured again when this is acknowledged
    srtt = rttvar = backoff = 0  # RFC 6298 §2.1, tcp/rto.py
    min_rtt = NEVER
    rto = pto = INITIAL
    flight = None  # tcp/flight.py; while something is on its way
    dupacks = 0  # not 0 while anything is unusual about ACKs, tcp/recovery.py
    rec = None  # Recovery, once there was a loss
    congestion = Cubic  # or NewReno
    persist_at = NEVER
    retransmits = 0  # segments that were sent again
    rtx_una = -1  # snd_una at the last time-out
    probes = 0  # zero-window probes without an answer that opened the window
    life_at = NEVER  # when an abandoned connection is given up
    hole = None  # Hole, while smaller segments are tried; tcp/pmtu.py
    raise_at = NEVER  # when the full size is tried again
    watch = None  # Watched, while somebody wants to hear of what happens; tcp/watch.py

    def __init__(self, tcp, path, lport, raddr, rport, iss, state, now):
        self.tcp = tcp
        self.path = path
        self.laddr = path.src
        self.raddr = raddr
        self.ports = lport << 16 | rport  # as `wire.tcp.build` wants them
        if path.mtu != _MTU:
            self.rcv_mss = path.mtu - 40
        self.state = state
        self.marked = False  # for output at the end of the poll
        self.plain = 0  # which segments header prediction takes, options.predictable()
        self.ts_ok = False
        self.snd_wscale = 0

        # Sending. `tx` holds what was not acknowledged yet, `tx_seq` is its first byte.
        self.iss = self.snd_una = self.snd_nxt = iss
        self.snd_max = iss  # highest snd_nxt so far; a time-out moves snd_nxt back
        self.tx = Ring(tcp.sndbuf)
        self.tx_seq = iss + 1

        # Receiving.
        self.rcv_adv = 0  # right edge of the window that the peer was offered; it never moves back
        self.rx = Ring(tcp.rcvbuf)
        self.ack_now = False
        self.delack = 0  # data segments that were not acknowledged yet

        # Retransmission.
        self.since = now  # when the peer last made progress

        self.timer = _Timer(self)
        self.rtx_at = NEVER
        self.delack_at = NEVER

    # What a user asks.

    def available(self):
        """Return how many bytes can be read now."""
        return self.rx.len

    def room(self):
        """Return how many bytes `send` would take now."""
        return self.tx.limit - self.tx.len if SENDING[self.state] and not self.fin else 0

    def unfinished(self):
        """Return whether the peer has yet to acknowledge something, our FIN included."""
        return self.state != CLOSED and (self.snd_una < self.snd_max or self.tx.len or self.fin)

    def take_error(self):
        """Return the errno that ended the connection, and clear it."""
        error = self.error
        self.error = 0
        return error

    # What a user does.

    def recv_into(self, buf, off, n, peek=False):
        """Copy up to `n` bytes to `buf[off:]`; return how many, 0 when there is none now."""
        rx = self.rx
        if n > rx.len:
            n = rx.len
        if n <= 0:
            return 0
        rx.peek(0, buf, off, n)
        if not peek:
            rx.drop(n)
            if self.widened():
                self.widen()
        return n

    def widened(self):
        """Return whether what the user has read opened the window by so much that the peer should
        hear of it (RFC 9293 §3.8.6.2.2). recv_into() sees to that; widen() does it.
        """
        rx = self.rx
        limit = rx.limit
        offered = self.rcv_adv - self.rcv_nxt
        gain = limit - rx.len - offered
        # A quarter of the buffer keeps a fast sender going with one such ACK per 16 KiB.
        much = limit >> 2
        if gain < much and (offered >= much or gain < 2 * self.rcv_mss):
            return False
        return self.state >= ESTABLISHED and not self.eof

    def widen(self):
        """Tell the peer how large the window is."""
        self.ack_now = True
        output(self, self.tcp.stack.now)
        if self.watch is not None:
            self.watch.look(self.tcp.stack.now)

    def send(self, buf, off, n):
        """Take up to `n` bytes of `buf[off:]`, a memoryview, and send what may be sent.

        Returns how many were taken. OSError(EPIPE) after shutdown or when the connection ended.
        """
        if self.fin or not SENDING[self.state]:
            raise OSError(_EPIPE)
        n = self.tx.write(buf, off, n)
        if n > 0 and self.state >= ESTABLISHED:
            output(self, self.tcp.stack.now)
        return n

    def shutdown(self):
        """Send no more: the FIN follows the data that are still to be sent."""
        state = self.state
        if state == SYN_SENT:
            self.drop(0)
        elif SENDING[state] and not self.fin:
            self.fin = 1
            self.plain = 0
            self.state = ON_SHUTDOWN[state]
            if self.watch is not None:
                self.watch.state()
            output(self, self.tcp.stack.now)

    def close(self):
        """Shut down and let go: what was sent is still delivered, without anybody waiting.

        Data that nobody read, or that come later, are answered with a reset (RFC 9293 §3.6.1).
        """
        if self.orphan or self.state == CLOSED:
            return
        self.orphan = True
        if self.notify is not None:
            self.notify = None
        if self.rx.len:
            self.abort()
            return
        self.shutdown()
        self.rx.clear()
        if self.user_timeout > ORPHAN_TIMEOUT:
            self.user_timeout = ORPHAN_TIMEOUT
        if self.state == FIN_WAIT_2:
            self.expire_later()

    def abort(self):
        """Reset the connection and forget it, RFC 9293 §3.10.5."""
        if SYN_RECEIVED <= self.state < TIME_WAIT:
            send_reset(self)
        self.drop(0)

    def keep_alive(self, on):
        """Ask an idle peer now and then whether it still lives, or do not: RFC 9293 §3.8.4.

        `keep_idle` µs without hearing of it, then every `keep_interval`; ETIMEDOUT after
        `keep_count` questions. To change these call this again.
        """
        self.keepalive = on
        keepalive.start(self, self.tcp.stack.now)

    # What the rest of the protocol does.

    def expire_later(self):
        """In FIN_WAIT_2 without a user: do not wait for the peer's FIN for ever."""
        self.life_at = self.tcp.stack.now + FIN_WAIT_2_TIMEOUT
        arm(self, self.life_at)

    def give_up(self, error):
        """The peer had its time: tell it once, should it only read; the user finds `error`.

        RFC 9293 §3.8.3, §3.9.1.1: for synchronized states; nobody knows of the others.
        """
        if ESTABLISHED <= self.state < TIME_WAIT:
            send_reset(self)
        self.drop(error)

    def time_wait(self, now):
        """Both FINs are acknowledged: leave a compact record behind, keep what is to be read."""
        self.tcp.timewait.add(self, now)
        self.drop(0, TIME_WAIT)

    def drop(self, error, state=CLOSED):
        """The connection is gone; its user finds `error`. What was received can still be read."""
        if self.state != CLOSED:
            self.state = state
            self.plain = 0
            self.tcp.remove(self)
        if error:
            self.error = error
        if self.watch is not None:
            self.watch.state()
        self.tcp.stack.timers.cancel(self.timer)
        self.timer.c = None  # the timers' heap may name it for a while, but not this connection
        self.tx.clear()
        self.flight = None
        if self.ooo is not None:
            self.ooo = None
        if self.orphan:
            self.rx.clear()
        listener = self.listener
        if listener is not None:
            self.listener = None
            listener.forget(self)
        if self.notify:
            self.notify()
