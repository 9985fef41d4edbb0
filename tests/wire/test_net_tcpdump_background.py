# Frostnet: tests of net.tcpdump: captures beside the prompt
# MIT license; Copyright (c) 2026 The Frostnet authors

import net
import net._capture
import net._tcpdump
from tcpdump_bench import Full, Reader, S, background_bench, blocks, ping_later, swamped, untapped


def test_in_the_background_until_stop():
    with background_bench() as b:
        ping_later(b, 3)
        c = net.tcpdump("icmp", background=True)
        assert b.text() == "listening on eth0, stop() ends\n" and c.running
        b.sim.run(3 * S)
        told_of = b.text()
        assert told_of.count("echo request") == told_of.count("echo reply") == c.captured // 2 >= 2
        assert repr(c) == "<capture goes on, %d frames>" % c.captured
        c.stop()
        assert untapped(b) and not c.running and c.seen >= c.captured and c.dropped == 0
        result = "%d frames captured, %d seen, 0 dropped by the capture\n"
        assert b.text() == result % (c.captured, c.seen)
        b.sim.run(3 * S)
        c.stop()
        assert b.text() == ""


def test_in_the_background_until_count_or_seconds():
    with background_bench() as b:
        ping_later(b, 8)
        c = net.tcpdump("icmp", count=3, background=True)
        b.sim.run(4 * S)
        assert not c.running and c.captured == 3 and untapped(b)
        with net.tcpdump("icmp", seconds=2, background=True) as c:
            b.sim.run(S)
            assert c.running
            b.sim.run(4 * S)
            assert not c.running and untapped(b) and c.captured
        assert b.text().count("dropped by the capture") == 2


def test_a_stream_in_the_background():
    with background_bench() as b:
        reader = Reader(b)
        ping_later(b, 4)
        c = net.tcpdump("not arp", file="tcp:10.0.0.9:5555", background=True)
        b.sim.run(3 * S)
        assert len(reader.data) > 300, "it comes while the capture goes on"
        c.stop()
        b.sim.run(S)
        found = blocks(bytes(reader.data))
        assert [kind for kind, _ in found] == [0x0A0D0D0A, 1] + [6] * c.captured + [5]
        assert reader.closed and c.captured >= 4 and untapped(b)


def test_a_slow_reader_in_the_background_holds_nobody_up():
    with background_bench() as b:
        reader, c = swamped(b, 1000, seconds=0.4, background=True)
        b.rt.wait = None  # whoever waited would fail
        b.sim.run(10 * S)
        del b.rt.wait
        found = blocks(bytes(reader.data))
        kinds = [kind for kind, _ in found]
        assert kinds[: 2 + c.captured] == [0x0A0D0D0A, 1] + [6] * c.captured
        assert kinds[2 + c.captured :] in ([], [5]) and not c.running and untapped(b)
        assert c.captured > 20 and c.dropped > 100 and c.seen >= c.captured + c.dropped


def test_who_reads_may_end_it_in_the_background():
    with background_bench() as b:
        Reader(b, 300)
        ping_later(b, 20)
        c = net.tcpdump(file="tcp:10.0.0.9:5555", background=True)
        b.sim.run(10 * S)
        assert not c.running and untapped(b) and 0 < c.captured < 20
        # Who talks to the board by machine meanwhile is not told: mpremote would be confused
        assert b.text().count("\n") == 1 and repr(c) == "<capture ended, %d frames>" % c.captured


def test_a_full_disk_ends_it_in_the_background():
    with background_bench() as b:
        net._capture.open = lambda path, mode: Full()
        try:
            ping_later(b, 3)
            c = net.tcpdump("icmp", file="/a", background=True)
            b.sim.run(3 * S)
        finally:
            del net._capture.open
        assert not c.running and untapped(b) and b.text().count("\n") == 1
        assert c.error.errno == 28 and "filesystem is full" in repr(c)
        c.stop()


def test_a_full_disk_at_the_end_in_the_background():
    """The last block does not fit: said once, and all is given back."""
    with background_bench() as b:

        class Full:
            closed = False

            def write(self, block):
                if block[:4] == b"\x05\0\0\0":
                    raise OSError(28)
                return len(block)

            def close(self):
                self.closed = True

        file = Full()
        net._capture.open = lambda path, mode: file
        try:
            ping_later(b, 3)
            c = net.tcpdump("icmp", file="/a", count=2, background=True)
            b.sim.run(3 * S)
        finally:
            del net._capture.open
        assert not c.running and untapped(b) and file.closed and c.captured == 2
        assert c.error.errno == 28 and c.seen >= 2
