# Frostnet: hostile input, lines 24 to 28: TCP headers, options, urgent pointers, checksums
# MIT license; Copyright (c) 2026 The Frostnet authors

import frames as f
from frames import ACK, FIN, PSH, RST, SYN, URG
from rig import SECOND, Talker, hostile

NO_ACK = "tcp_drop_no_ack"


@hostile
def test_24_data_offset(r):
    c = Talker(r, 7).open()
    for off in range(5):
        r.dropped(c.frame(b"0123456789", off=off), "tcp_drop_malformed")
        r.dropped(f.tcp(99, 80, bits=SYN, off=off), "tcp_drop_malformed")
        r.dropped(f.tcp(99, 9999, bits=SYN, off=off), "tcp_drop_malformed")
    for off in range(6, 16):
        r.dropped(c.frame(b"", off=off), "tcp_drop_malformed")
        r.dropped(c.frame(b"abc", off=off), "tcp_drop_malformed")
    whole = f.tcp_segment(99, 80, bits=SYN)
    for n in range(20):
        r.dropped(f.ip(6, whole[:n]), "tcp_drop_malformed")
    c.echoed()
    c.reset()


@hostile
def test_24_reserved_bits_are_ignored(r):
    # RFC 9293 §3.1: receivers ignore them. (The last two are ECN's: we do not speak it.)
    for reserved in (1, 2, 4, 8, 15):
        for bits in (0, 0x40, 0x80, 0xC0):
            c = Talker(r, 7)
            out = c.mine(r.send(c.frame(bits=SYN | bits, reserved=reserved)))
            assert len(out) == 1 and out[0].bits == SYN | ACK, out
            assert out[0].frame[46] & 15 == 0, "reserved bits came back"
            c.seq += 1
            c.ack = out[0].seq + 1
            assert c.hear(c.say(b"hello", bits=ACK | bits, reserved=reserved)) == b"hello"
            c.reset()


@hostile
def test_24_flags_that_nobody_sends_to_a_listener(r):
    for bits in (0, FIN, PSH, URG, FIN | PSH | URG, PSH | URG):
        r.dropped(f.tcp(99, 80, bits=bits), "tcp_drop_flags")
        r.dropped(f.tcp(99, 80, bits=bits, data=b"data"), "tcp_drop_flags")
    r.dropped(f.tcp(99, 80, bits=SYN | FIN), "tcp_drop_flags")
    r.dropped(f.tcp(99, 80, bits=SYN | FIN | PSH | URG), "tcp_drop_flags")
    # A reset is never answered, whatever else is set.
    for bits in (0, SYN, ACK, SYN | ACK, FIN, SYN | FIN | PSH | ACK | URG):
        assert not r.send(f.tcp(99, 80, bits=RST | bits))
        assert not r.send(f.tcp(99, 9999, bits=RST | bits))
    # An ACK is refused with its own number (RFC 9293 §3.10.7.2).
    for bits in (ACK, SYN | ACK, FIN | ACK, SYN | FIN | ACK):
        (p,) = r.send(f.tcp(99, 80, seq=5, ack=77, bits=bits))
        assert p.bits == RST and p.seq == 77
    assert not list(r.stack.tcp.connections())


@hostile
def test_24_flags_at_a_closed_port(r):
    # RFC 9293 §3.10.7.1: everything but a reset is refused, in the numbers of the segment.
    for bits, length in ((0, 3), (FIN, 4), (PSH | URG | FIN, 4), (SYN, 4), (SYN | FIN, 5)):
        p = r.refused(f.tcp(99, 9999, seq=1000, bits=bits, data=b"abc"), "tcp_drop_unknown")
        assert p.bits == RST | ACK and p.seq == 0 and p.ack == 1000 + length
    for bits in (ACK, SYN | ACK, FIN | PSH | URG | ACK):
        p = r.refused(f.tcp(99, 9999, seq=1000, ack=4444, bits=bits), "tcp_drop_unknown")
        assert p.bits == RST and p.seq == 4444
    r.dropped(f.tcp(0, 80, bits=SYN), "tcp_drop_port")
    r.dropped(f.tcp(99, 0, bits=SYN), "tcp_drop_port")
    r.dropped(f.tcp(0, 0, bits=ACK), "tcp_drop_port")


@hostile
def test_24_no_ack_in_an_established_connection(r):
    c = Talker(r, 7).open()
    for bits in (0, FIN, PSH, URG, FIN | PSH | URG):
        r.dropped(c.frame(b"", bits), NO_ACK)
        r.dropped(c.frame(b"data", bits), NO_ACK)
    c.echoed()
    assert c.state() == 4
    c.reset()


BAD_OPTIONS = (
    b"\x02\x00\x05\xb4",  # lengths 0 and 1: endless loops elsewhere
    b"\x02\x01\x05\xb4",
    b"\xfd\x00\x00\x00",
    b"\xfd\x01\x00\x00",
    b"\x08\x00" + bytes(10),
    b"\x05\x00\x00\x00",
    b"\x05\x01\x00\x00",
    b"\x01\x01\x01\x02",  # the length is missing
    b"\x01\x01\x01\xfd",
    b"\x02\x04\x05",  # beyond the end
    b"\x02\xff\x05\xb4",
    b"\x08\x0a\x00\x00",
    b"\xfd\x29" + bytes(38),
    b"\x02\x03\x05\x01",  # MSS of another length
    b"\x02\x02\x01\x01",
    b"\x02\x06\x05\xb4\x00\x00\x01\x01",
    b"\x03\x02\x01\x01",  # window scale of another length
    b"\x03\x04\x07\x07",
    b"\x04\x03\x00\x01",  # SACK permitted
    b"\x08\x09" + bytes(7) + b"\x01\x01\x01",  # timestamps, R20 CVE-2020-11912
    b"\x08\x0b" + bytes(9) + b"\x01",
    b"\x08\x02\x01\x01",
    b"\x05\x02\x01\x01",  # SACK with no block, half ones, and more than fit
    b"\x05\x06" + bytes(4) + b"\x01\x01",
    b"\x05\x09" + bytes(7) + b"\x01\x01\x01",
    b"\x05\x0e" + bytes(12) + b"\x01\x01",
    b"\x05\x2a" + bytes(38),
    b"\x05\xff" + bytes(38),
    b"\xff" * 40,
    b"\x02" * 40,
    b"\x05" * 40,
    b"\x08" * 40,
)
ODD_OPTIONS = (
    b"\x00" * 40,
    b"\x01" * 40,
    b"\x00\x02\x00\x00",  # behind the end of the list
    b"\xfd\x04\xf9\x89",  # experiments
    b"\xfe\x28" + bytes(38),
    b"\x13\x12" + bytes(16) + b"\x01\x01",  # MD5, CVE-2019-12260: we do not speak it
    b"\x1d\x10" + bytes(14),  # AO
    b"\x1e\x0c" + bytes(10),  # MPTCP
    b"\x22\x02\x01\x01",  # fast open
    b"\x02\x04\x05\xb4" * 10,
    b"\x03\x03\x07\x01" * 10,
    b"\x04\x02\x01\x01" * 10,
)


@hostile
def test_25_options_of_a_syn(r):
    # Refused, ignored or taken as if they were not there (RFC 9293 §3.1, MUST-7): but it ends, and
    # a connection that comes of it works.
    for options in BAD_OPTIONS + ODD_OPTIONS:
        c = Talker(r, 7)
        out = c.syn(tcp_options=options)
        assert len(out) <= 1, out
        if out and not out[0].bits & RST:
            assert out[0].bits == SYN | ACK
            c.seq += 1
            c.ack = out[0].seq + 1
            c.say()
            c.echoed(b"x" * 700)
            c.reset()
    assert not list(r.stack.tcp.connections())


@hostile
def test_25_odd_options_are_no_reason_to_refuse(r):
    for options in ODD_OPTIONS:
        c = Talker(r, 7).open(tcp_options=options)
        c.echoed()
        c.reset()


@hostile
def test_25_options_of_data(r):
    c = Talker(r, 7).open()
    for options in BAD_OPTIONS + ODD_OPTIONS:
        data = b"payload behind options"
        out = c.mine(r.send(c.frame(data, tcp_options=options)))
        if [p for p in out if p.ack == (c.seq + len(data)) & f.ALL]:
            c.seq += len(data)
            assert c.hear(out) == data
    c.echoed()
    c.reset()


@hostile
def test_25_window_scale_beyond_14(r):
    # RFC 7323 §2.3: 14 is used instead. With 255 the window would be 2^271 bytes.
    for shift in (0, 14, 15, 16, 64, 255):
        c = Talker(r, 9).open(tcp_options=f.mss(1460) + f.wscale(shift))
        c.say(b"x", wnd=65535)
        assert c.connection().snd_wnd <= 65535 << 14, shift
        c.reset()


@hostile
def test_26_mss(r):
    # CVE-2019-11479, CVE-2018-16523: neither nothing nor one byte per segment.
    for size in (0, 1, 7, 20, 48, 63, 64, 536, 1460, 1461, 9000, 65535):
        for extra in (b"", f.timestamps(1)):
            c = Talker(r, 7).open(tcp_options=f.mss(size) + extra)
            stamps = bool(extra) and len(c.answer.tcp_options) >= 12
            data = bytes(range(256)) * 4
            got = b""
            start = c.ack
            tick = 2
            for i in range(2):
                half = data[512 * i : 512 * i + 512]
                out = c.say(half, tcp_options=f.timestamps(tick) if stamps else b"")
                for _ in range(60):
                    for p in out:
                        if p.data and p.seq == (start + len(got)) & f.ALL:
                            got += p.data
                            least = min(max(size, 64) - 12, len(data) - len(got))
                            assert least <= len(p.data) + len(data) - len(got), p
                            assert 20 <= len(p.data) <= 1460 or len(got) % 512 == 0, p
                    if len(got) == 512 * i + 512:
                        break
                    c.ack = start + len(got)
                    tick += 1
                    out = c.say(tcp_options=f.timestamps(tick) if stamps else b"")
                    out += c.mine(r.run(SECOND // 2))
            assert got == data, "MSS %d: %d bytes" % (size, len(got))
            r.send(c.frame(bits=RST, ack=0))
            assert not c.connection()


@hostile
def test_27_urgent_pointers(r):
    # CVE-2019-12255, 12261, 12263; CVE-2020-17437: data arrive in order and once, whatever the
    # pointer says (RFC 6093: urgent data are data).
    c = Talker(r, 7).open()
    sent = 0
    for urgent in (0, 1, 2, 9, 10, 11, 1000, 0x7FFF, 0xFFFF):
        for bits in (ACK | URG, ACK | URG | PSH):
            c.echoed(b"%04d urgent" % sent)
            data = b"now %06d" % sent
            assert c.hear(c.say(data, bits=bits, urgent=urgent)) == data
            sent += 1
        # Without data, and without the flag.
        for p in c.say(bits=ACK | URG, urgent=urgent) + c.say(urgent=urgent):
            assert not p.data and not p.bits & RST
    c.echoed()
    # With the FIN, and with data beyond a hole.
    c.say(b"early", bits=ACK | URG, seq=c.seq + 5, urgent=0xFFFF)
    assert c.hear(c.say(b"first", bits=ACK | URG, urgent=5)) == b"firstearly"
    c.seq += 5
    out = c.say(bits=ACK | URG | FIN, urgent=1)
    c.seq += 1
    assert c.hear(out) == b"" and c.ended
    assert not c.connection()


@hostile
def test_27_urgent_syn_and_fin(r):
    for urgent in (0, 1, 0xFFFF):
        c = Talker(r, 7)
        out = c.mine(r.send(c.frame(bits=SYN | URG, urgent=urgent)))
        assert len(out) == 1 and out[0].bits == SYN | ACK
        c.seq += 1
        c.ack = out[0].seq + 1
        c.say(bits=ACK | URG, urgent=urgent)
        c.echoed()
        out = c.say(b"bye", bits=ACK | FIN | URG, urgent=urgent)
        c.seq += 1
        assert c.hear(out) == b"bye" and c.ended
        assert not c.connection()


@hostile
def test_28_checksums(r):
    c = Talker(r, 7).open()
    good = f.tcp_segment(c.sport, 7, seq=c.seq, ack=c.ack, data=b"abcdefg")
    check = good[16] << 8 | good[17]
    for bad in (check ^ 1, check ^ 0x100, check ^ 0x8000, check ^ 0xFFFF, 0):
        r.dropped(c.frame(b"abcdefg", tcp_sum=bad), "tcp_drop_checksum")
        r.dropped(c.frame(b"", bits=RST, tcp_sum=bad), "tcp_drop_checksum")
        r.dropped(c.frame(b"", bits=SYN, tcp_sum=bad), "tcp_drop_checksum")
    r.dropped(f.tcp(99, 80, bits=SYN, tcp_sum=5), "tcp_drop_checksum")
    r.dropped(f.tcp(99, 9999, bits=SYN, tcp_sum=5), "tcp_drop_checksum")
    # The segment is cut, and IP's length with it: the checksum is that of the whole one.
    for n in range(20, len(good)):
        r.dropped(f.ip(6, good[:n]), "tcp_drop_checksum")
    # Of the pseudo-header of other addresses.
    liar = f.tcp_segment(c.sport, 7, seq=c.seq, ack=c.ack, data=b"abcdefg", src=f.FAR)
    r.dropped(f.ip(6, liar), "tcp_drop_checksum")
    # In a run of good ones, which the stack handles as a batch.
    for i in range(3):
        assert r.device.deliver(c.frame(b"good", seq=c.seq + 4 * i))
    assert r.device.deliver(c.frame(b"evil", seq=c.seq + 12, tcp_sum=check))
    assert r.device.deliver(c.frame(b"last", seq=c.seq + 12))
    c.seq += 16
    assert c.hear(c.mine(r.poll())) == b"goodgoodgoodlast"
    c.echoed()
    c.reset()
