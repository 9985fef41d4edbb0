# Frostnet: the stack, which ties the layers together
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet import counters
from frostnet.ip.icmp import ICMP
from frostnet.ip.ipv4 import IPv4
from frostnet.link.iface import Iface, LoopbackIface
from frostnet.link.loopback import Loopback
from frostnet.tcp.protocol import TCP
from frostnet.timers import NEVER, Timers
from frostnet.udp import UDP

_MOVES = const(4)  # largest packets that TCP's buffers have room for
_BUDGET = const(64)  # frames taken from one device in one poll
_TIMERS = const(64)  # timers run in one poll
_ROUNDS = const(8)  # times that frames to ourselves are taken in one poll
_METRIC = const(100)  # between two interfaces: the first is the default way out
_RETRY = const(200)  # µs until a sender that found no transmit buffer tries again


class Stack:
    """One host. `rand(bits)` returns random ints; `now` is the time in µs, set by poll()."""

    def __init__(self, rand, now=0):
        self.rand = rand
        self.now = now
        self.strict = False  # tests: let exceptions out of poll()
        self.last_bug = None  # the last exception that poll() caught
        self.timers = Timers()
        self.counters = counters.Counters(
            counters.LINK + counters.ARP + counters.IP + counters.ICMP + counters.UDP
        )
        self.counters.register(counters.STACK)
        self.ifaces = []
        self.ip = IPv4(self)
        self.icmp = ICMP(self)
        self.udp = UDP(self)
        self.tcp = TCP(self)
        self.dns = None  # the resolver, once somebody made one
        self.raw = None  # ip.raw.Raw, once somebody asked for it
        self.lo = LoopbackIface(self, Loopback(), "lo")
        self._lo_dev = self.lo.dev
        # Called all the time: a method is looked for in the object first.
        self.poll = self.poll
        self.flush = self.flush

    def add(self, dev, name):
        """Add a frame device and return its Iface, which has no address yet."""
        iface = Iface(self, dev, name)
        iface.metric = _METRIC * len(self.ifaces)
        self.ifaces.append(iface)
        # A device that moves 64 KiB at once is idle unless buffers hold several of that.
        tcp = self.tcp
        tcp.rcvbuf = max(tcp.rcvbuf, _MOVES * max(dev.rx_max, dev.mtu))
        tcp.sndbuf = max(tcp.sndbuf, _MOVES * max(dev.tso, dev.mtu))
        return iface

    def poll(self, now):
        """Do what there is to do at time `now`; return the time of the next call, or None.

        The result is `now` if work was left for the next call to keep this one short. It may be
        early, for a timer that was moved later: then the call finds nothing to do.
        """
        self.now = now
        more = blocked = False
        for iface in self.ifaces:
            try:
                if iface.dev.carrier != iface.carrier:
                    iface.link_changed()
                if iface.receive(iface.input, _BUDGET):
                    more = True
            except Exception as exc:
                self.bug("bug_frame", exc)
                more = self._receive(iface) or more
        timers = self.timers
        if timers.soonest <= now and self._run_timers(now):
            more = True
        tcp = self.tcp
        if tcp.marked or tcp.stalled:
            blocked = self._output(now)
        if self._lo_dev.waiting:
            blocked = self._talk_to_self(now)
            if self._lo_dev.waiting:
                more = True
        for iface in self.ifaces:
            try:
                iface.flush()
            except Exception as exc:
                self.bug("bug_flush", exc)
        if more:
            return now
        when = timers.soonest
        if blocked and when > now + _RETRY:
            return now + _RETRY
        return when if when < NEVER else None

    def pending(self):
        """Return True if there is work that no interrupt announces: frames to ourselves, and
        connections that found no transmit buffer."""
        tcp = self.tcp
        return bool(self._lo_dev.waiting or tcp.marked or tcp.stalled)

    def flush(self):
        """Let every device have what was queued, and the buffers that it lent; as pending()."""
        for iface in self.ifaces:
            try:
                iface.flush()
            except Exception as exc:
                self.bug("bug_flush", exc)
        tcp = self.tcp
        return bool(self._lo_dev.waiting or tcp.marked or tcp.stalled)

    # Handles a batch of frames, and those after one that failed; True if there may be more.
    def _receive(self, iface):
        for _ in range(_BUDGET):
            try:
                return iface.receive(iface.input, _BUDGET)
            except Exception as exc:
                self.bug("bug_frame", exc)
        return False

    # Lets TCP send; True if some of it found no transmit buffer.
    def _output(self, now):
        try:
            return self.tcp.output_pending(now)
        except Exception as exc:
            self.bug("bug_output", exc)
        return False

    # Frames to ourselves are here at once, and so are the answers: a few rounds settle what a
    # call began. Returns what TCP's output does.
    def _talk_to_self(self, now):
        blocked = False
        for _ in range(_ROUNDS):
            self._receive(self.lo)
            blocked = self._output(now)
            if not self._lo_dev.waiting:
                break
        return blocked

    # Runs up to _TIMERS due timers; returns True if there may be more.
    def _run_timers(self, now):
        pop = self.timers.pop
        for _ in range(_TIMERS):
            timer = pop(now)
            if timer is None:
                return False
            try:
                timer.fn(now)
            except Exception as exc:
                self.bug("bug_timer", exc)
        return True

    def bug(self, name, exc):
        """Count an exception under `name`: a defect, or the heap is full. The host lives on."""
        counters = self.counters
        setattr(counters, name, getattr(counters, name) + 1)
        self.last_bug = exc
        if self.strict:
            raise exc
