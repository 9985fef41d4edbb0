# Frostnet: an example: messages that arrive, over IP
# MIT license; Copyright (c) 2026 The Frostnet authors

# A message is sent again until it is acknowledged, one at a time to each peer: so messages arrive
# once, and in order. What is sent, over IP's protocol 253 (RFC 3692: for experiments):
#
#     kind (1)   number (1)   session (2)   checksum (2)   data
#
# The session is drawn when a sender starts, so that one that starts anew is not taken for the old
# one. The checksum is the Internet's, with the pseudo-header of UDP.

import struct

from micropython import const

from frostnet.errnos import EMSGSIZE, ENOBUFS
from frostnet.timers import Timer
from frostnet.wire.checksum import checksum, pseudo

PROTO = const(253)

_DATA = const(1)
_ACK = const(2)
_HEADER = const(6)
_CSUM = const(4)  # where the checksum is

_MAX = const(1024)  # bytes of a message
_QUEUE = const(8)  # messages that wait for one peer
_PEERS = const(16)
_RTO = const(200000)  # µs until a message is sent again, then twice that, and so on
_TRIES = const(6)

COUNTERS = (
    "post_rx",
    "post_tx",
    "post_again",  # sent once more
    "post_failed",  # messages that were given up
    "post_drop_short",
    "post_drop_checksum",
    "post_drop_kind",
    "post_drop_peers",  # too many wait for us already
    "post_drop_order",  # came twice, or is an old one
    "post_drop_ack",  # of what nobody waits for
)


class Post:
    """`deliver(src, data)` is called, within the poll, for each message that has come, and
    `failed(dst, data)` for each that had to be given up. Addresses are ints.
    """

    def __init__(self, stack, deliver, failed=None):
        self.stack = stack
        self.deliver = deliver
        self.failed = failed
        self.session = stack.rand(16)
        self._peers = {}
        self._counters = stack.counters
        self._counters.register(COUNTERS)
        stack.ip.register(PROTO, self)

    def close(self):
        """Send and receive no more."""
        self.stack.ip.set_handlers(PROTO, (None, None, None, None))
        for peer in self._peers.values():
            self.stack.timers.cancel(peer.timer)
        self._peers.clear()

    def send(self, dst, data):
        """Queue a message. OSError: EMSGSIZE if it is too long, ENOBUFS if too many wait."""
        if len(data) > _MAX:
            raise OSError(EMSGSIZE)
        peer = self._peer(dst)
        if peer is None or len(peer.queue) >= _QUEUE:
            raise OSError(ENOBUFS)
        peer.queue.append(bytes(data))
        if len(peer.queue) == 1:
            self._send_first(peer, self.stack.now)

    # For the stack: one datagram of our protocol. The result is None, or a code of ICMP's.
    def input(self, iface, buf, off, end, src, dst):
        counters = self._counters
        counters.post_rx += 1
        n = end - off
        if n < _HEADER:
            counters.post_drop_short += 1
            return
        if checksum(buf, off, n, pseudo(src, dst) + PROTO + n):
            counters.post_drop_checksum += 1
            return
        kind = buf[off]
        number = buf[off + 1]
        session = buf[off + 2] << 8 | buf[off + 3]
        if kind != _DATA and kind != _ACK:
            counters.post_drop_kind += 1
            return
        peer = self._peer(src)
        if peer is None:
            counters.post_drop_peers += 1
        elif kind == _ACK:
            self._acknowledged(peer, number, session)
        else:
            self._received(peer, number, session, bytes(buf[off + _HEADER : end]))

    # For the stack: ICMP's answer to a datagram of ours, of which `buf[off:end]` is the beginning.
    # One that says that it will never be better ends the attempt.
    def error(self, errno, hard, buf, off, end, src, dst):
        peer = self._peers.get(dst)
        if hard and peer is not None and peer.queue and end - off >= 4 and buf[off] == _DATA:
            if buf[off + 1] == peer.number and buf[off + 2] << 8 | buf[off + 3] == self.session:
                self._give_up(peer, self.stack.now)

    def _received(self, peer, number, session, data):
        # Newer than the last one (RFC 1982), not the next: one may have been given up.
        new = session != peer.session or 0 < (number - peer.heard & 0xFF) < 128
        if new or number == peer.heard:
            # It is acknowledged once more, too: the peer asks again because it did not hear us.
            self._transmit(peer, _ACK, number, session, b"")
        if not new:
            self._counters.post_drop_order += 1
            return
        peer.session = session
        peer.heard = number
        self.deliver(peer.addr, data)

    def _acknowledged(self, peer, number, session):
        if not peer.queue or number != peer.number or session != self.session:
            self._counters.post_drop_ack += 1
            return
        peer.queue.pop(0)
        self._next(peer, self.stack.now)

    def _next(self, peer, now):
        peer.number = (peer.number + 1) & 0xFF
        peer.tries = 0
        peer.timer.due = None
        if peer.queue:
            self._send_first(peer, now)

    def _send_first(self, peer, now):
        self._transmit(peer, _DATA, peer.number, self.session, peer.queue[0])
        self.stack.timers.set(peer.timer, now + (_RTO << peer.tries))

    def expired(self, peer, now):
        """Nobody has acknowledged the message."""
        peer.tries += 1
        if peer.tries == _TRIES:
            self._give_up(peer, now)
        else:
            if peer.tries > 1 and peer.path is not None:
                peer.path.doubt()  # is the neighbour still where ARP says (RFC 1122 §2.3.2.1)?
            self._counters.post_again += 1
            self._send_first(peer, now)

    def _give_up(self, peer, now):
        data = peer.queue.pop(0)
        self._counters.post_failed += 1
        self._next(peer, now)
        if self.failed:
            self.failed(peer.addr, data)

    # What cannot be sent now is as good as lost on the way: the timer sends it again.
    def _transmit(self, peer, kind, number, session, data):
        try:
            if peer.path is None:
                peer.path = self.stack.ip.path(peer.addr)
            path = peer.path
            buf = path.begin()
            if buf is None:
                return
            at = path.off
            struct.pack_into(">BBHH", buf, at, kind, number, session, 0)
            buf[at + _HEADER : at + _HEADER + len(data)] = data
            path.send(PROTO, _HEADER + len(data), _CSUM)
            self._counters.post_tx += 1
        except OSError:
            peer.path = None

    # Returns the peer at an address, None if there are too many with something to do.
    def _peer(self, addr):
        peers = self._peers
        peer = peers.get(addr)
        if peer is None:
            if len(peers) >= _PEERS:
                idle = [p for p in peers.values() if not p.queue]
                if not idle:
                    return None
                del peers[min(idle, key=lambda p: p.used).addr]
            peers[addr] = peer = _Peer(self, addr)
        peer.used = self.stack.now
        return peer


class _Peer:
    def __init__(self, post, addr):
        self.addr = addr
        self.path = None
        self.used = 0  # time
        self.queue = []  # messages to the peer; the first one is on its way
        self.number = 0  # of the first one
        self.tries = 0
        self.session = -1  # the peer's
        self.heard = 0  # number of its last message
        self.timer = Timer(lambda now: post.expired(self, now))
