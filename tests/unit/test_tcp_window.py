# Frostnet: tests of TCP: which segments tell the peer's window
# MIT license; Copyright (c) 2026 The Frostnet authors

from tcpbench import Seg, established


def test_an_old_segment_with_a_new_ack_tells_the_window():
    """RFC 9293 §3.10.7.4 fifth: its window begins at its ACK; the one before would be too far."""
    b = established(wnd=3000)
    b.rx("PA", 1, 1, b"answer", wnd=3000)
    b.write(bytes(3000))
    b.sent()
    # The peer sends its answer again, with more, and with what it knows now: it has 3000 bytes
    # and no room.
    b.rx("PA", 1, 3001, b"answer, again", wnd=0)
    b.expect(Seg("A", 3001, 14))
    b.write(b"one too many")
    b.silent()
    assert b.c.snd_wnd == 0
    b.rx("A", 14, 3001, wnd=3000)
    b.expect(Seg("PA", 3001, 14, b"one too many"))


def test_an_overtaken_segment_without_a_new_ack_does_not():
    """RFC 9293 §3.10.7.4 fifth: SND.WL1 keeps old windows out."""
    b = established(wnd=3000)
    b.rx("PA", 7, 1, b"second", wnd=8000)
    b.sent()
    b.rx("PA", 1, 1, b"first ", wnd=3000)
    b.sent()
    assert b.c.snd_wnd == 8000
    b.rx("A", 13, 1, wnd=2000)
    assert b.c.snd_wnd == 2000
