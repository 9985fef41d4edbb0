# Frostnet: eyes on the virtual wire: what no stack may ever send
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

_FIN = 0x01
_SYN = 0x02
_RST = 0x04
_ACK = 0x10
_URG = 0x20
_DEFAULT_MSS = 536  # RFC 9293 §3.7.1


def be16(b, at):
    return b[at] << 8 | b[at + 1]


def be32(b, at):
    return be16(b, at) << 16 | be16(b, at + 2)


def ones_sum(data, total=0):
    """The Internet checksum's sum, apart from the stack's code: 0xFFFF over correct data."""
    n = len(data)
    total += sum(struct.unpack(">%dH" % (n >> 1), data))
    if n & 1:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class Flow:
    """What one end of a TCP connection has sent so far; numbers do not wrap."""

    def __init__(self, iss, options):
        self.iss = iss
        self.nxt = iss + 1  # end of what was sent
        self.fin = None  # the number of the FIN
        self.ack = None
        self.edge = None  # right edge of the window that was offered
        self.answered = False  # something came after the first SYN
        self.tsval = None
        self.mss = be16(options[2], 0) if 2 in options else _DEFAULT_MSS
        self.shift = options[3][0] if 3 in options else None
        self.sack = 4 in options
        self.stamps = 8 in options


class Watch:
    """Looks at every frame that a stack sends: formats, checksums, and TCP's rules.

    It knows nothing of the stack's code. An AssertionError ends the run. `segments` and `bytes`
    count TCP segments and their payload. Frames from ports in `strangers` are not looked at.

    `unsent(port)` is how many frames the stack at a port holds for sent that never came to the
    wire: what they carried may be missing in a flow, and no more than that.
    """

    def __init__(self, wire):
        self.wire = wire
        self.flows = {}
        self.segments = 0
        self.bytes = 0
        self.strangers = ()
        self.datagrams = {}  # {port: how many it sent, fragments among them}
        self.unsent = lambda port: 0
        self._missed = {}  # {port: frames that holes have been explained by}
        self.inner = None  # another filter, which sees the frame next
        wire.filter = self.see

    def see(self, frame, src):
        if src not in self.strangers:
            try:
                self.look(frame, src)
            except AssertionError as e:
                raise AssertionError("%s\nin %s" % (e, describe(frame)))
        return self.inner(frame, src) if self.inner else frame

    def look(self, frame, src):
        kind = be16(frame, 12)
        assert frame[6:12] == src.mac, "foreign source address"
        if kind == 0x0800:
            self.datagrams[src] = self.datagrams.get(src, 0) + 1
            self.ip(frame, src)
        else:
            assert kind == 0x0806, "EtherType %04x" % kind
            assert len(frame) >= 42 and frame[14:20] == b"\x00\x01\x08\x00\x06\x04"

    def ip(self, f, port):
        hlen = 4 * (f[14] & 15)
        assert f[14] >> 4 == 4 and hlen >= 20, "version, header length"
        total = be16(f, 16)
        assert hlen <= total <= len(f) - 14, "total length"
        assert ones_sum(f[14 : 14 + hlen]) == 0xFFFF, "IP header checksum"
        assert f[22], "TTL"
        if be16(f, 20) & 0x3FFF:
            return  # a fragment: its transport header is elsewhere
        body = f[14 + hlen : 14 + total]
        proto = f[23]
        if proto == 1:
            assert ones_sum(body) == 0xFFFF, "ICMP checksum"
            return
        total = ones_sum(f[26:34], proto + len(body))
        if proto == 17:
            assert be16(body, 4) == len(body), "UDP length"
            assert be16(body, 6) and ones_sum(body, total) == 0xFFFF, "UDP checksum"
        elif proto == 6:
            assert ones_sum(body, total) == 0xFFFF, "TCP checksum"
            self.tcp(f[26:30], f[30:34], body, port)

    def tcp(self, src, dst, t, port):
        header = (t[12] >> 4) * 4
        assert 20 <= header <= len(t), "data offset"
        flags = t[13]
        n = len(t) - header
        self.segments += 1
        self.bytes += n
        assert flags & (_SYN | _RST | _ACK), "neither SYN nor RST nor ACK"
        assert flags & (_SYN | _FIN) != _SYN | _FIN, "SYN and FIN"
        assert flags & _URG or not be16(t, 18), "urgent pointer without URG"
        options = parse_options(t[20:header])
        ports = t[0:4]
        key = src + dst + ports
        back = dst + src + ports[2:] + ports[:2]
        if flags & _RST:
            assert not n and not flags & (_SYN | _FIN), "RST with data, SYN or FIN"
            return
        if flags & _SYN:
            flow = self.syn(key, back, be32(t, 4), flags, options)
        else:
            flow = self.flows.get(key)
            assert flow, "a segment before any SYN"
            for kind in options:
                assert kind not in (2, 3, 4), "option %d without SYN" % kind
        peer = self.flows.get(back)
        if not peer:
            return  # reset by an end that knew nothing of it
        self.numbers(flow, peer, t, n, flags, header, port)
        if flags & _ACK and not flags & _SYN:
            self.agreed(flow, peer, options)

    # The first number of a direction. A new one ends what the four-tuple was before.
    def syn(self, key, back, seq, flags, options):
        assert 3 not in options or options[3][0] <= 14, "window scale"
        flow = self.flows.get(key)
        if not flow or flow.iss & 0xFFFFFFFF != seq:
            flow = self.flows[key] = Flow(seq, options)
            peer = self.flows.get(back)
            if peer and not flags & _ACK and (peer.answered or peer.ack is not None):
                del self.flows[back]
            elif peer:
                peer.ack = peer.edge = None
        return flow

    # RFC 9293 §3.4 and §3.8.6: sequence and acknowledgment number, window.
    def numbers(self, flow, peer, t, n, flags, header, port):
        seq = near(be32(t, 4), flow.nxt)
        fin = flags & _FIN
        syn = flags >> 1 & 1
        end = seq + n + fin + syn
        if seq > flow.iss and n + fin:
            assert n + header - 20 <= peer.mss, "%d bytes with an MSS of %d" % (n, peer.mss)
            edge = peer.edge
            assert edge is not None, "data before the peer's window is known"
            # One byte, or the FIN, may probe a closed window (§3.8.6.1).
            assert end <= edge or (n + fin == 1 and seq <= edge), "%d bytes beyond the window" % (
                end - edge
            )
            assert flow.fin is None or end <= flow.fin + 1, "data beyond the FIN"
        if seq > flow.nxt:
            self.hole(seq - flow.nxt, peer.mss, port)
        if fin:
            assert flow.fin in (None, end - 1), "the FIN moved"
            flow.fin = end - 1
        if end > flow.nxt:
            flow.nxt = end
        if not flags & _ACK:
            return
        peer.answered = True
        ack = near(be32(t, 8), peer.nxt)
        assert ack <= peer.nxt, "acknowledges %d bytes that were not sent" % (ack - peer.nxt)
        assert flow.ack is None or ack >= flow.ack, "ACK moved back"
        flow.ack = ack
        wnd = be16(t, 14)
        if not syn and flow.shift is not None and peer.shift is not None:
            wnd <<= flow.shift
        # After the peer's FIN no window is needed. Before, it never shrinks (§3.8.6.2.1) but by
        # what the scale cannot say (RFC 7323 §2.4).
        if not syn and (peer.fin is None or ack <= peer.fin):
            slack = 0 if flow.shift is None or peer.shift is None else (1 << flow.shift) - 1
            assert flow.edge is None or ack + wnd >= flow.edge - slack, (
                "window moved back by %d" % (flow.edge - ack - wnd)
            )
        if flow.edge is None or ack + wnd > flow.edge:
            flow.edge = ack + wnd

    # `n` bytes were never seen: as many frames as it takes to carry them must have been held back.
    def hole(self, n, mss, port):
        missed = self._missed.get(port, 0) + max(1, (n - 2 + mss) // mss)  # less a FIN's place
        assert missed <= self.unsent(port), "a hole: begins %d beyond what was sent" % n
        self._missed[port] = missed

    # RFC 7323 §2.2 and §3.2, RFC 2018 §3: options are used by both ends or by none.
    def agreed(self, flow, peer, options):
        stamps = options.get(8)
        if flow.stamps and peer.stamps:
            assert stamps, "no timestamps, though both SYNs had them"
            tsval = be32(stamps, 0)
            if flow.tsval is not None:
                assert near(tsval, flow.tsval) >= flow.tsval, "TSval moved back"
            flow.tsval = tsval
        else:
            assert not stamps, "timestamps without agreement"
        blocks = options.get(5)
        if blocks:
            assert flow.sack and peer.sack, "SACK without agreement"
            assert len(blocks) % 8 == 0 and len(blocks) <= 32, "SACK blocks"
            for i in range(0, len(blocks), 8):
                left = near(be32(blocks, i), peer.nxt)
                right = near(be32(blocks, i + 4), peer.nxt)
                assert left < right <= peer.nxt, "SACK of what was not sent"
                assert i == 0 or left > flow.ack, "SACK below the ACK"  # the first may be D-SACK


def describe(f):
    """One line about a frame, for error messages."""
    if be16(f, 12) != 0x0800 or f[23] != 6:
        return "a frame of type %04x, %d bytes" % (be16(f, 12), len(f))
    flags = "".join(name for i, name in enumerate("FSRPAU") if f[47] >> i & 1)
    return "%d.%d.%d.%d:%d > %d.%d.%d.%d:%d %s seq %d ack %d wnd %d, %d bytes" % (
        tuple(f[26:30]) + (be16(f, 34),) + tuple(f[30:34])
        + (be16(f, 36), flags, be32(f, 38), be32(f, 42), be16(f, 48),
           14 + be16(f, 16) - 34 - (f[46] >> 4) * 4)
    )  # fmt: skip


def near(number, other):
    """The number with the low 32 bits of `number` that is nearest to `other`."""
    return other + ((number - other + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def parse_options(data):
    """{kind: value} of TCP options; AssertionError if they are malformed."""
    found = {}
    i = 0
    while i < len(data) and data[i]:
        kind = data[i]
        if kind == 1:
            i += 1
            continue
        assert i + 1 < len(data), "option without length"
        size = data[i + 1]
        assert 2 <= size <= len(data) - i, "option %d with length %d" % (kind, size)
        assert kind not in found, "option %d twice" % kind
        found[kind] = data[i + 2 : i + size]
        i += size
    sizes = {2: 2, 3: 1, 4: 0, 8: 8}
    for kind in found:
        assert len(found[kind]) == sizes.get(kind, len(found[kind])), "option %d's length" % kind
    return found
