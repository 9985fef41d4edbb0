# Frostnet: tests of TCP: what is on its way always has a timer
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from tcpbench import listen


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
