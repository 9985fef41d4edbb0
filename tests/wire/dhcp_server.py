# Frostnet: a DHCP server for tests: frames by hand on a port of the simulator
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from frostnet.wire import dhcp, ethernet, ipv4
from frostnet.wire.addr import BROADCAST, parse
from frostnet.wire.checksum import checksum

SERVER = parse("10.0.0.1")
CLIENT = parse("10.0.0.50")

DEFAULTS = (
    (dhcp.SERVER, SERVER.to_bytes(4, "big")),
    (dhcp.MASK, b"\xff\xff\xff\x00"),
    (dhcp.ROUTERS, SERVER.to_bytes(4, "big")),
    (dhcp.DNS, b"\x0a\x00\x00\x03\x0a\x00\x00\x04"),
    (dhcp.LEASE_TIME, (3600).to_bytes(4, "big")),
)


class Asked:
    """One message of a client as the server saw it."""

    def __init__(self, when, frame):
        at = 42
        self.when = when
        self.broadcast = frame[:6] == ethernet.BROADCAST
        self.src = dhcp.get32(frame, 26)
        self.dst = dhcp.get32(frame, 30)
        self.xid = dhcp.get32(frame, at + 4)
        self.secs = frame[at + 8] << 8 | frame[at + 9]
        self.flags = frame[at + 10]
        self.ciaddr = dhcp.get32(frame, at + 12)
        self.mac = bytes(frame[at + 28 : at + 34])
        self.options = {}
        dhcp._fields(frame, at + 240, len(frame), self.options)
        self.kind = self.options[dhcp.TYPE][0]


def reply(xid, mac, kind, yiaddr=CLIENT, options=DEFAULTS, op=2, sname=b"", file=b"", end=True):
    """A server's message as bytes; `options` is a list of (code, bytes)."""
    buf = bytearray(240)
    buf[0] = op
    buf[1] = 1
    buf[2] = 6
    dhcp.put32(buf, 4, xid)
    dhcp.put32(buf, 16, yiaddr)
    buf[28:34] = mac
    buf[44 : 44 + len(sname)] = sname
    buf[108 : 108 + len(file)] = file
    dhcp.put32(buf, 236, 0x63825363)
    if kind is not None:
        buf.extend(bytes((dhcp.TYPE, 1, kind)))
    for code, value in options:
        buf.extend(bytes((code, len(value))) + value)
    if end:
        buf.append(dhcp.END)
    return bytes(buf)


def changed(**values):
    """DEFAULTS with options by name replaced, or left out for None."""
    options = dict(DEFAULTS)
    for name, value in values.items():
        code = getattr(dhcp, name)
        if value is None:
            options.pop(code, None)
        else:
            options[code] = value if isinstance(value, bytes) else value.to_bytes(4, "big")
    return list(options.items())


class Server:
    """Grants CLIENT to whoever asks. `asked` lists what came; a test replaces `answer`."""

    def __init__(self, sim, ip=SERVER, mac=99, wire=None):
        self.sim = sim
        self.ip = ip
        self.port = sim.port(mac, wire)
        self.port.wake = self._wake
        self.asked = []
        self.options = changed(SERVER=ip)
        self.yiaddr = CLIENT
        self.answer = self.grant
        self.shout = False  # reply by broadcast to everybody

    def kinds(self):
        return [a.kind for a in self.asked]

    def grant(self, asked):
        if asked.kind == dhcp.DISCOVER:
            self.send(asked, dhcp.OFFER)
        elif asked.kind == dhcp.REQUEST:
            self.send(asked, dhcp.ACK)

    def silent(self, asked):
        pass

    def refuse(self, asked):
        if asked.kind == dhcp.DISCOVER:
            self.send(asked, dhcp.OFFER)
        elif asked.kind == dhcp.REQUEST:
            self.send(asked, dhcp.NAK, options=[(dhcp.SERVER, self.ip.to_bytes(4, "big"))])

    def careful(self, asked):
        """Grant, but refuse what is asked for and not this client's (RFC 2131 §4.3.2)."""
        wanted = asked.ciaddr or int.from_bytes(asked.options.get(dhcp.REQUESTED, b""), "big")
        if asked.kind == dhcp.REQUEST and wanted != self.yiaddr:
            self.send(asked, dhcp.NAK, options=[(dhcp.SERVER, self.ip.to_bytes(4, "big"))])
        else:
            self.grant(asked)

    def send(self, asked, kind, options=None, yiaddr=None):
        options = self.options if options is None else options
        yiaddr = self.yiaddr if yiaddr is None else yiaddr
        # RFC 2131 §4.1: NAKs are broadcast; the rest goes to ciaddr, or to yiaddr unless the
        # client says that it cannot take that.
        dst = asked.ciaddr or (BROADCAST if asked.flags or self.shout else yiaddr)
        mac = asked.mac
        if kind == dhcp.NAK:
            dst = BROADCAST
            mac = ethernet.BROADCAST
        self.transmit(mac, reply(asked.xid, asked.mac, kind, yiaddr, options), dst)

    def transmit(self, mac, message, dst=0xFFFFFFFF):
        n = len(message)
        datagram = struct.pack(">HHHH", 67, 68, 8 + n, 0) + message
        head = ipv4.header(self.ip, dst, 64, 0)
        head[2:4] = (28 + n).to_bytes(2, "big")
        head[9] = 17
        head[10:12] = checksum(head, 0, 20).to_bytes(2, "big")
        self.port.put(ethernet.header(mac, self.port.mac, 0x0800) + head + datagram)

    def _wake(self):
        port = self.port
        while True:
            frame = port.take()
            if frame is None:
                break
            self._frame(frame)
        port.arm()

    def _frame(self, frame):
        kind = frame[12] << 8 | frame[13]
        if kind == 0x0806 and frame[21] == 1 and dhcp.get32(frame, 38) == self.ip:
            # Somebody looks for this server
            head = ethernet.header(frame[6:12], self.port.mac, 0x0806) + frame[14:20] + b"\0\2"
            body = self.port.mac + self.ip.to_bytes(4, "big") + frame[22:32]
            self.port.put(head + body)
        elif kind == 0x0800 and frame[23] == 17 and frame[36:38] == b"\x00\x43":
            asked = Asked(self.sim.now, frame)
            self.asked.append(asked)
            self.answer(asked)
