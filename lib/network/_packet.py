# Frostnet: a packet as hooks see it
# MIT license; Copyright (c) 2026 The Frostnet authors

# Fields are read when they are asked for. What does not fit into the frame is not there: None.

from micropython import const

from frostnet.ip.unloaded import complete
from frostnet.wire import addr, arp, ethernet, icmp, ipv4, tcp, udp
from frostnet.wire.checksum import adjust

_IP = const(14)  # offset of the IP header
_NAMES = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp"}
_FLAGS = "FSRPAUEC"  # from the lowest bit


class Packet:
    """A frame on its way through an interface, valid during the call of a hook.

    It is `out`, or came in; `frame` is all of it, `payload` what its protocol carries, both
    memoryviews that may be written to (then call `fix()`) or stored. Fields are None where a
    packet has none.
    """

    def __init__(self, layer):
        self._layer = layer
        self._stack = layer.stack
        self._room = 14 + layer.iface.dev.mtu
        self._own = None  # a buffer, for frames that hooks make
        self.buf = None
        self.n = 0
        self.out = self.touched = False

    def load(self, buf, n, out):
        """Be the frame `buf[:n]`."""
        self.buf = buf
        self.n = n
        self.out = out
        self._parse()

    def _parse(self):
        buf = self.buf
        self._number = -1  # IP's protocol
        self._oper = 0  # ARP's
        self._data = _IP  # where the transport begins, and what there is of it ends
        self._end = n = self.n
        self._later = False  # a fragment, and not the first
        if n < _IP:
            self._data = n
            return
        kind = self.type
        if kind == ethernet.TYPE_ARP:
            self._oper = arp.parse(buf, _IP, n)
        elif kind == ethernet.TYPE_IPV4 and n >= _IP + ipv4.HEADER and buf[_IP] >> 4 == 4:
            data = _IP + ((buf[_IP] & 15) << 2)
            end = _IP + (buf[_IP + ipv4.LENGTH] << 8 | buf[_IP + ipv4.LENGTH + 1])
            if _IP + ipv4.HEADER <= data <= end <= n:
                self._data = data
                self._end = end
                self._number = buf[_IP + ipv4.PROTO]
                self._later = bool(self._fragment() & ipv4.OFFSET_MASK)

    def _fragment(self):
        return self._be16(_IP + ipv4.FRAGMENT)

    def _be16(self, at):
        return self.buf[at] << 8 | self.buf[at + 1]

    # Whether it is the beginning of a datagram of this protocol with `n` bytes or more.
    def _has(self, number, n):
        return self._number == number and not self._later and self._end - self._data >= n

    def __len__(self):
        return self.n

    def __repr__(self):
        from sniff.link import line

        return "<%s>" % line(self.buf, self.n, self.n)

    @property
    def iface(self):
        """Name of the interface."""
        return self._layer.iface.name

    @property
    def time(self):
        """Seconds since the board started."""
        return self._stack.now / 1000000

    @property
    def frame(self):
        return memoryview(self.buf)[: self.n]

    @frame.setter
    def frame(self, data):
        self.replace(data)

    def replace(self, data):
        """Be the frame `data`; ValueError if it is no frame, or a too long one."""
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError("a hook returns None, False, or a frame as bytes")
        n = len(data)
        if not _IP <= n <= self._room:
            raise ValueError("a frame has 14 to %d bytes" % self._room)
        if self._own is None:
            self._own = memoryview(bytearray(self._room))
        if self.buf is self._own:
            data = bytes(data)  # perhaps of itself
        self._own[:n] = data
        self.touched = True
        self.load(self._own, n, self.out)

    @property
    def type(self):
        """EtherType, an int."""
        return self._be16(12) if self.n >= _IP else None

    @property
    def ether_src(self):
        return addr.mac_text(self.buf[6:12]) if self.n >= _IP else None

    @property
    def ether_dst(self):
        return addr.mac_text(self.buf[:6]) if self.n >= _IP else None

    @property
    def proto(self):
        """ "tcp", "udp", "icmp", "igmp", "arp", or the number of another protocol of IP."""
        if self._oper:
            return "arp"
        return None if self._number < 0 else _NAMES.get(self._number, self._number)

    def _address(self, in_ip, in_arp):
        if self._number >= 0:
            return addr.text(addr.load(self.buf, _IP + in_ip))
        return addr.text(addr.load(self.buf, _IP + in_arp)) if self._oper else None

    @property
    def src(self):
        """Address that it comes from, as text; ARP's sender."""
        return self._address(ipv4.SRC, arp.SPA)

    @src.setter
    def src(self, text):
        self._set_address(ipv4.SRC, text)

    @property
    def dst(self):
        """Address that it goes to, as text; whom ARP asks for."""
        return self._address(ipv4.DST, arp.TPA)

    @dst.setter
    def dst(self, text):
        self._set_address(ipv4.DST, text)

    def _set_address(self, at, text):
        value = addr.parse(text)
        if self._number < 0:
            raise ValueError("only IP packets can be sent elsewhere")
        sums = (_IP + ipv4.CHECKSUM, self._check())
        self._store(_IP + at, value >> 16, sums)
        self._store(_IP + at + 2, value & 0xFFFF, sums)

    @property
    def ttl(self):
        return self.buf[_IP + ipv4.TTL] if self._number >= 0 else None

    @ttl.setter
    def ttl(self, value):
        if self._number < 0 or not 0 <= value <= 255:
            raise ValueError("ttl is 0 to 255, of an IP packet")
        at = _IP + ipv4.TTL
        self._store(at, value << 8 | self.buf[at + 1], (_IP + ipv4.CHECKSUM,))

    @property
    def fragment(self):
        """Whether it is a fragment; only the first one has ports."""
        return self._number >= 0 and bool(self._fragment() & (ipv4.MF | ipv4.OFFSET_MASK))

    def _ports(self):
        return self._has(6, 4) or self._has(17, 4)

    @property
    def sport(self):
        return self._be16(self._data) if self._ports() else None

    @sport.setter
    def sport(self, port):
        self._set_port(0, port)

    @property
    def dport(self):
        return self._be16(self._data + 2) if self._ports() else None

    @dport.setter
    def dport(self, port):
        self._set_port(2, port)

    def _set_port(self, at, port):
        if not self._ports() or not 0 <= port <= 0xFFFF:
            raise ValueError("a port is 0 to 65535, of TCP or UDP")
        self._store(self._data + at, port, (self._check(),))

    @property
    def flags(self):
        """TCP's flags as letters: "S", "SA", "A", "PA", "FA", "R" …"""
        if not self._has(6, 14):
            return None
        bits = self.buf[self._data + 13]
        return "".join([_FLAGS[i] for i in range(8) if bits >> i & 1])

    @property
    def icmp_type(self):
        """ICMP's type: 8 is an echo request, 0 its reply."""
        return self.buf[self._data] if self._has(1, 8) else None

    # Where the payload is.
    def _inside(self):
        data = self._data
        if self._has(6, tcp.HEADER):
            head = self.buf[data + 12] >> 2 & 0x3C
            data += head if tcp.HEADER <= head <= self._end - data else 0
        elif self._has(17, udp.HEADER):
            return data + 8, min(self._end, data + max(8, self._be16(data + udp.LENGTH)))
        elif self._has(1, icmp.HEADER):
            data += icmp.HEADER
        return data, self._end

    @property
    def payload(self):
        start, end = self._inside()
        return memoryview(self.buf)[start:end]

    @payload.setter
    def payload(self, data):
        start, _ = self._inside()
        head = bytes(self.buf[:start])
        self.replace(head + bytes(data))
        if self.type == ethernet.TYPE_IPV4 and start >= _IP + ipv4.HEADER:
            buf = self.buf
            total = self.n - _IP
            buf[_IP + ipv4.LENGTH] = total >> 8
            buf[_IP + ipv4.LENGTH + 1] = total & 0xFF
            self._parse()
            if self._has(17, udp.HEADER):
                size = self.n - self._data
                buf[self._data + udp.LENGTH] = size >> 8
                buf[self._data + udp.LENGTH + 1] = size & 0xFF
            self.fix()

    def fix(self):
        """Make the checksums, of IP and of what it carries, after the frame was written to."""
        self.touched = True
        self._parse()
        if self._number < 0:
            return
        buf, data, end = self.buf, self._data, self._end
        ipv4.seal(buf, _IP, data - _IP)
        if self.fragment:
            return  # the sum is over all of them
        if self._has(1, icmp.HEADER):
            buf[data + 2] = buf[data + 3] = 0
            icmp.seal(buf, data, end - data)
        else:
            src, dst = addr.load(buf, _IP + ipv4.SRC), addr.load(buf, _IP + ipv4.DST)
            complete(buf, _IP, data, end, src, dst)

    def send(self, frame):
        """Send a frame through the interface when the hook is done; no hook sees it.

        False if there are too many; ValueError if it is no frame.
        """
        frame = bytes(frame)
        if not _IP <= len(frame) <= self._room:
            raise ValueError("a frame has 14 to %d bytes" % self._room)
        return self._layer.answer(frame)

    def reply(self, payload=None):
        """Answer an ARP request (the address is here), a ping, or a UDP datagram, with `payload`.

        The packet itself goes on, unless the hook returns False. ValueError for others.
        """
        from network._reply import reply

        return self.send(reply(self, self._layer.iface.mac, payload))

    # Where the transport's checksum is, 0 if there is none to keep.
    def _check(self):
        if self._has(6, 18):
            return self._data + 16
        if self._has(17, udp.HEADER) and self._be16(self._data + udp.CHECKSUM):
            return self._data + udp.CHECKSUM
        return 0

    # Stores a word, and changes the checksums over it (RFC 1624): a wrong one stays wrong.
    def _store(self, at, value, sums):
        buf = self.buf
        old = self._be16(at)
        buf[at] = value >> 8
        buf[at + 1] = value & 0xFF
        self.touched = True
        for check in sums:
            if check:
                new = adjust(self._be16(check), old, value)
                if check == self._data + udp.CHECKSUM and self._number == 17:
                    new = new or 0xFFFF  # 0 would say that there is none
                buf[check] = new >> 8
                buf[check + 1] = new & 0xFF
