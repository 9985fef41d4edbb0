# Frostnet: what happens to TCP connections, told as it happens
# MIT license; Copyright (c) 2026 The Frostnet authors

# What is rare tells of itself where it happens: `if c.watch is not None: c.watch.tell(…)`. What
# changes with every ACK is looked at when the connection had its turn, at the end of a poll: while
# anybody watches, something stands before TCP.output_pending for that. So nobody pays for what
# nobody watches, and a connection that is watched takes the same way through the stack as others.

from micropython import const

from frostnet.tcp.states import CLOSED, ESTABLISHED, NAMES, TIME_WAIT
from frostnet.timers import Timer

_UNLIMITED = const(1 << 30)  # an ssthresh that no loss has set

# What may be told, and the names of the values that go with it. Numbers of bytes and segments are
# counted from what was not acknowledged yet when somebody began to watch.
EVENTS = {
    "begin": ("state",),  # the connection is new, or its state when one began to watch
    "state": ("before", "state"),
    "end": ("error", "retransmits"),  # it is CLOSED, or in TIME_WAIT; errno or 0
    # In bytes and µs; rtt and rttvar 0 before the first sample, cwnd and ssthresh 0: none yet
    "values": ("send_window", "recv_window", "rtt", "rttvar", "rto", "cwnd", "ssthresh"),
    "window shut": (),  # the peer takes no more
    "window open": ("send_window",),  # and takes some again
    "stalled": ("send_window", "waiting"),  # data wait for room in the peer's window
    "window probe": ("bytes", "number"),  # RFC 9293 §3.8.6.1
    "goes on": ("send_window",),
    "buffer full": (),  # we take no more: our program does not read
    "buffer free": ("recv_window",),
    "sack": ("left", "right", "news"),  # the peer has this; how much of it we did not know
    "dsack": ("left", "right"),  # this came twice, RFC 2883
    "lost": ("bytes",),  # so much is taken for lost, by what ACKs said
    "recovery": ("unacked", "ssthresh"),  # fast recovery begins
    "recovered": ("cwnd", "ssthresh"),
    "spurious": ("cwnd",),  # there was no loss: the window is what it was
    "sent again": ("left", "bytes"),
    "tail probe": (),  # RFC 8985 §7
    "timeout": ("rto", "backoff", "unacked"),  # rto in µs: the next one
    "mss": ("mss",),  # segments have another size from here on
    "out of order": ("bytes", "gap"),  # data came so many bytes too early
    "dropped": ("counter",),  # a segment came to nothing, and was counted there
    "challenge": (),  # RFC 5961: an ACK asks whether the peer meant that
    "reset": (),  # the peer sent one
    "reset sent": (),
    "not sent": ("error",),  # no route or neighbour
    "unreachable": ("error",),  # an ICMP error, or a neighbour that does not answer
    "keepalive": ("number",),  # the peer is asked whether it lives
    "alive": (),
}
_NUMBERS = ("left", "right")


def attach(c, fn, interval):
    """Have `fn(c, event, values)` called, inside the stack, for what happens to connection `c`
    until it ends: a name of EVENTS and a tuple; "values" every `interval` µs at most, and only if
    they have changed. If it raises, nobody watches `c` any more, and `bug_watch` counts it.
    """
    watch = c.watch
    if watch is None:
        watch = c.watch = Watched(c, interval)
        _edge(c.tcp).count += 1
    elif interval < watch.interval:
        watch.interval = interval
    watch.listeners += (fn,)
    fn(c, "begin", (NAMES[c.state],))
    watch.look(c.tcp.stack.now)


def detach(c, fn):
    """Undo attach(); nothing happens if `fn` is not attached."""
    watch = c.watch
    if watch is not None:
        # Methods of the same object are equal, and not the same.
        watch.listeners = tuple([other for other in watch.listeners if other != fn])
        if not watch.listeners:
            watch.release()


def attach_new(tcp, fn):
    """Have `fn(c)` called for each new connection, inside the stack, before its SYN is sent."""
    edge = _edge(tcp)
    edge.new += (fn,)


def detach_new(tcp, fn):
    """Undo attach_new()."""
    edge = tcp.watching
    if edge is not None:
        edge.new = tuple([other for other in edge.new if other != fn])
        edge.rest()


def _edge(tcp):
    if tcp.watching is None:
        tcp.watching = _Edge(tcp)
    return tcp.watching


class Watched:
    """A connection that somebody watches."""

    def __init__(self, c, interval):
        self.c = c
        self.interval = interval
        self.listeners = ()
        self._base = c.snd_una
        self._state = c.state
        self._shut = self._full = False
        self._told = None  # values as they were told last
        self._next = 0  # when they may be told again
        self._timer = Timer(self._late)
        c.tcp.counters.register(("bug_watch",))

    def tell(self, event, *values):
        """`event` of EVENTS has happened."""
        try:
            names = EVENTS[event]
            if names and names[0] == "left":
                values = self._counted(names, values)
            for fn in self.listeners:
                fn(self.c, event, values)
        except Exception as exc:
            self.release()
            self.c.tcp.stack.bug("bug_watch", exc)

    def state(self):
        """The connection may be in another state."""
        c = self.c
        state = c.state
        if state != self._state:
            self.tell("state", NAMES[self._state], NAMES[state])
            self._state = state
        if (state == CLOSED or state == TIME_WAIT) and c.watch is not None:
            self.tell("end", c.error, c.retransmits)
            self.release()

    def look(self, now):
        """The connection had its turn: tell what has changed."""
        c = self.c
        if c.state < ESTABLISHED:
            return
        shut = c.snd_wnd == 0
        if shut != self._shut:
            self._shut = shut
            if shut:
                self.tell("window shut")
            else:
                self.tell("window open", c.snd_wnd)
        window = c.rcv_adv - c.rcv_nxt
        full = window <= 0 and not c.eof
        if full != self._full:
            self._full = full
            if full:
                self.tell("buffer full")
            else:
                self.tell("buffer free", window)
        values = self._values()
        if values != self._told:
            if now >= self._next:
                self._told = values
                self._next = now + self.interval
                self.tell("values", *values)
            elif self._timer.due is None:
                c.tcp.stack.timers.set(self._timer, self._next)

    def release(self):
        """Nobody watches any more."""
        c = self.c
        if c.watch is self:
            del c.watch  # the class has None
            self._timer.due = None
            edge = c.tcp.watching
            edge.count -= 1
            edge.rest()

    def _values(self):
        c = self.c
        cc = c.cc
        ssthresh = cc.ssthresh if cc.ssthresh < _UNLIMITED else 0
        window = c.rcv_adv - c.rcv_nxt
        return (
            c.snd_wnd,
            window if window > 0 else 0,
            c.srtt >> 3,
            c.rttvar >> 2,
            c.rto,
            cc.cwnd,
            ssthresh,
        )

    def _counted(self, names, values):
        base = self._base
        return tuple([v - base if n in _NUMBERS else v for n, v in zip(names, values)])

    def _late(self, now):
        c = self.c
        if c.watch is self:
            c.tcp.settle(c, now)
            self.look(now)


class _Edge:
    """Stands before a TCP's `output_pending`, and `insert`, while there is somebody to tell."""

    def __init__(self, tcp):
        self.count = 0  # connections that are watched
        self.new = ()  # what wants to know of new ones
        self._tcp = tcp
        self._output = tcp.output_pending
        self._insert = tcp.insert
        tcp.output_pending = self.output_pending
        tcp.insert = self.insert

    def rest(self):
        """Go, if nobody is left."""
        tcp = self._tcp
        if not self.count and not self.new and tcp.watching is self:
            del tcp.watching, tcp.output_pending, tcp.insert  # the class has them

    def output_pending(self, now):
        tcp = self._tcp
        turn = [c for c in tcp.marked if c.watch is not None]
        turn.extend([c for c in tcp.stalled if c.watch is not None])
        blocked = self._output(now)
        for c in turn:
            if c.watch is not None:
                c.watch.look(now)
        return blocked

    def insert(self, c):
        self._insert(c)
        for fn in self.new:
            try:
                fn(c)
            except Exception as exc:
                detach_new(self._tcp, fn)
                self._tcp.stack.bug("bug_watch", exc)
