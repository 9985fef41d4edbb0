# Frostnet: sending datagrams in fragments
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 791 §2.3 and §3.2. Fragments go straight into buffers of the device. When it has no room for
# all of them, or the neighbour is still sought (whose queue holds a few frames only), the rest is
# kept and goes on later: a datagram of which a part is missing is lost as a whole.

from micropython import const

from frostnet.errnos import EMSGSIZE
from frostnet.timers import Timer
from frostnet.wire.fast import copy
from frostnet.wire.ipv4 import HEADER, MF

_JOBS = const(8)  # datagrams of which a part is still to be sent
_RETRY = const(200)  # µs until they go on
_PATIENCE = const(5_000)  # the same, while a neighbour is sought
_MAX = const(65515)  # bytes of payload that a datagram can have (RFC 791 §3.1)


class _Job:
    """One datagram on its way out."""

    def __init__(self, path, proto, ident, head, data):
        self.path = path
        self.proto = proto
        self.ident = ident
        self.head = head  # of the transport, at the start of the first fragment
        self.data = data
        self.total = len(head) + len(data)
        self.at = 0  # bytes of payload that were sent

    # Sends fragments until the end, or until something is missing; 0 when all are sent, or the
    # time (µs) to wait before it can go on.
    def run(self):
        path = self.path
        head = self.head
        h = len(head)
        data = self.data
        while self.at < self.total:
            if self.at and not path.resolved():
                return _PATIENCE
            buf = path.begin()
            if buf is None:
                return _RETRY
            at = self.at
            n = self.total - at
            size = path.mtu - HEADER
            flags = at >> 3
            if n > size:
                n = size & ~7
                flags |= MF
            off = path.off
            if at:
                copy(buf, off, data, at - h, n)
            else:
                buf[off : off + h] = head
                copy(buf, off + h, data, 0, n - h)
            self.at = at + n
            path.send_fragment(self.proto, n, self.ident, flags)
        return 0


class Fragmenter:
    """Sends what is longer than a path's MTU."""

    def __init__(self, stack):
        self._stack = stack
        self._counters = stack.counters
        self._jobs = []
        self._timer = Timer(self._go_on)

    def send(self, path, proto, head, data):
        """Send a datagram whose payload is `head`, the transport's header, and `data`, both
        bytes-like. What must wait is copied.

        Returns False if there is no room now. OSError: EMSGSIZE if it is longer than 65,515 bytes
        or the path forbids fragments, and those of Path.begin().
        """
        if path.df or len(head) + len(data) > _MAX:
            raise OSError(EMSGSIZE)
        jobs = self._jobs
        if len(jobs) >= _JOBS:
            return False
        job = _Job(path, proto, path.next_ident(), head, data)
        wait = job.run()
        if wait:
            if not job.at:
                return False
            job.data = bytes(data)
            jobs.append(job)
            self._set(wait)
        self._counters.ip_tx_fragmented += 1
        return True

    def _set(self, wait):
        timer = self._timer
        when = self._stack.now + wait
        if timer.due is None or when < timer.due:
            self._stack.timers.set(timer, when)

    def _go_on(self, now):
        left = []
        for job in self._jobs:
            try:
                wait = job.run()
            except OSError:
                # The way is gone, or the neighbour is dead, of which ARP told the transport.
                self._counters.ip_tx_fragments_lost += 1
                continue
            if wait:
                left.append(job)
                self._set(wait)
        self._jobs = left
