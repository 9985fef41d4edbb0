# Frostnet: simulator: a router between virtual wires, with links that carry less than others
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from frostnet.counters import Counters
from simwatch import be16, be32, ones_sum

_ARP_REQUEST = b"\x00\x01\x08\x00\x06\x04\x00\x01"
_ARP_REPLY = b"\x00\x01\x08\x00\x06\x04\x00\x02"
_QUOTE = 28  # bytes of a datagram that an ICMP error quotes, RFC 792
_COUNTERS = ("forwarded", "dropped", "expired", "too_big", "unreachable")


class Router:
    """Forwards IP datagrams between wires; made without any of the stack's code.

    A datagram of more than `mtu` bytes is dropped. With its DF bit set the sender is told by ICMP
    (RFC 1191 §4), unless the router is `silent`: a black hole. It knows its neighbours from
    `know`, and answers ARP for itself.
    """

    deadline = None

    def __init__(self, sim, mtu, silent=False, name="router"):
        self.sim = sim
        self.mtu = mtu
        self.silent = silent
        self.name = name
        self.due = True
        self.stack = self  # the simulation tells hosts the time through it
        self.now = sim.now
        self.counters = Counters(_COUNTERS)
        self.ports = []
        self._addrs = {}  # {port: its address}
        self._ways = {}  # {address of a host: (port, its MAC)}
        sim.hosts.append(self)

    def port(self, wire, mac, addr):
        """A port on `wire` with the address `addr` (an int); it takes frames of any length."""
        port = wire.port(mac, 65000)
        port.wake = self.touch
        self.ports.append(port)
        self._addrs[port] = addr
        return port

    def know(self, host, port):
        """`host` is reached through `port`."""
        self._ways[host.iface.addr] = (port, host.port.mac)

    def touch(self):
        self.due = True

    def turn(self, now):
        if not self.due:
            return False
        self.due = False
        for port in self.ports:
            frame = port.take()
            while frame:
                self._frame(frame, port)
                frame = port.take()
            port.arm()
        for port in self.ports:
            port.flush()
        return True

    def _frame(self, f, port):
        kind = be16(f, 12)
        if kind == 0x0806:
            mine = self._addrs[port].to_bytes(4, "big")
            if len(f) >= 42 and f[14:22] == _ARP_REQUEST and f[38:42] == mine:
                self._send(port, f[22:28], b"\x08\x06" + _ARP_REPLY + port.mac + mine + f[22:32])
            return
        if kind == 0x0800 and len(f) >= 34 and f[14] == 0x45 and ones_sum(f[14:34]) == 0xFFFF:
            self._datagram(f[14 : 14 + be16(f, 16)], port)
        else:
            self.counters.dropped += 1

    def _datagram(self, d, port):
        counters = self.counters
        way = self._ways.get(be32(d, 16))
        if not way:
            counters.unreachable += 1
        elif d[8] <= 1:
            counters.expired += 1
        elif len(d) > self.mtu:
            counters.too_big += 1
            if d[6] & 0x40 and not self.silent:
                self._tell(d, port)
        else:
            counters.forwarded += 1
            out = bytearray(d)
            out[8] -= 1
            out[10:12] = b"\0\0"
            out[10:12] = (ones_sum(out[:20]) ^ 0xFFFF).to_bytes(2, "big")
            self._send(way[0], way[1], b"\x08\x00" + bytes(out))

    # Destination unreachable, fragmentation needed: with the MTU of the next hop.
    def _tell(self, d, port):
        way = self._ways.get(be32(d, 12))
        if not way:
            return
        body = struct.pack(">BBHHH", 3, 4, 0, 0, self.mtu) + d[:_QUOTE]
        body = body[:2] + (ones_sum(body) ^ 0xFFFF).to_bytes(2, "big") + body[4:]
        head = struct.pack(
            ">BBHHHBBHI", 0x45, 0, 20 + len(body), 0, 0, 64, 1, 0, self._addrs[port]
        ) + d[12:16]  # fmt: skip
        head = head[:10] + (ones_sum(head) ^ 0xFFFF).to_bytes(2, "big") + head[12:]
        self._send(way[0], way[1], b"\x08\x00" + head + body)

    # Frames that find no buffer are dropped, as a router does.
    def _send(self, port, mac, rest):
        frame = mac + port.mac + rest
        buf = port.tx()
        if buf is None:
            self.counters.dropped += 1
            return
        buf[: len(frame)] = frame
        port.send(len(frame))
