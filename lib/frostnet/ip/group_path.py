# Frostnet: the way to a multicast group
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.errnos import EMSGSIZE
from frostnet.ip.path import Path
from frostnet.wire import ipv4
from frostnet.wire.fast import copy
from frostnet.wire.fast_headers import datagram


class GroupPath(Path):
    """Sends datagrams to a group, and to ourselves if we are in it and `loop` says so."""

    loop = True

    def send(self, proto, n, csum_off):
        if n + 20 > self.mtu:
            raise OSError(EMSGSIZE)
        datagram(self._buf, self._header, n, proto, csum_off, self._ident)
        self._transmit(n + 34)

    def _transmit(self, n):
        groups = self.iface.groups
        if self.loop and groups is not None and self.dst in groups:
            self._to_ourselves(n)
        if self.ttl:  # RFC 1112 §6.1: with a TTL of 0 it does not leave the host
            super()._transmit(n)

    # RFC 1112 §6.1: what others in the group get, programs here get as well.
    def _to_ourselves(self, n):
        dev = self._ip.stack.lo.dev
        buf = dev.tx()
        if buf is None or n > len(buf):
            self._counters.ip_tx_loop_full += 1
            return
        copy(buf, 0, self._buf, 0, n)
        if not self.ttl:
            buf[22] = 1
            ipv4.seal(buf, 14, 20)
        dev.send(n)
