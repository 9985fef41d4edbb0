# Frostnet: tests of TCP: what is on its way always has a timer
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from tcpbench import Seg, established, listen


def test_data_after_a_late_dsack_have_a_timer_of_their_own():
    """RFC 6298 §5.1. A D-SACK comes when nothing is on its way; the next segment is lost, and
    another copy of the D-SACK must not be taken for a reason to wait for ever."""
    b = listen()
    b.rx("S", 0, mss=1460, options=b"\x04\x02\x01\x01")
    b.rx("A", 1, 1)
    b.c = b.listener.accept()
    b.sent()
    b.write(bytes(100))
    b.rx("A", 1, 101)
    left, right = (b.iss + 1) & 0xFFFFFFFF, (b.iss + 101) & 0xFFFFFFFF
    dsack = b"\x01\x01\x05\x0a" + struct.pack(">II", left, right)
    b.sent()
    b.rx("A", 1, 101, options=dsack)
    b.write(b"lost")
    assert [s.data for s in b.sent()] == [b"lost"]
    b.rx("A", 1, 101, options=dsack)
    b.run(5000000)
    assert b"lost" in [s.data for s in b.sent()]


def test_a_probe_that_took_all_is_the_last():
    """RFC 9293 §3.8.6.1: when the peer took what probed its closed window, there is nothing to
    ask for; least of all by a FIN that nobody asked for."""
    b = established(wnd=0)
    b.write(b"x")
    b.silent()
    b.run(2000000)
    assert [s.data for s in b.sent()][0] == b"x"
    b.rx("A", 1, 2, wnd=0)
    b.run(600000000)
    b.silent()
    b.rx("A", 1, 2, wnd=1000)
    b.write(b"more")
    b.expect(Seg("PA", 2, 1, b"more"))


def test_a_fin_that_probed_and_was_taken_is_not_sent_again():
    """RFC 9293 §3.8.6.1: least of all with another number."""
    b = established(wnd=0)
    b.c.shutdown()
    b.run(2000000)
    assert (b.sent()[0].flags, b.state) == ("FA", "FIN_WAIT_1")
    b.rx("A", 1, 2, wnd=0)
    assert b.state == "FIN_WAIT_2"
    b.run(600000000)
    b.silent()
