# Frostnet: tests of net.tcpdump: frames at the prompt, captures, and their ends
# MIT license; Copyright (c) 2026 The Frostnet authors

import os
import struct

import net
import net._capture
import net._tcpdump
import net._tcpdump_background
from net_bench import Bench, error_of
from simtools import Transfer, pattern, scheduler
from sniff.filter import parse
from sniff.slots import Slots
from test_offload import hosts
from test_tap import Carried, unnumbered
from frostnet.link import tap

S = 1000000
FILE = "/tmp/frostnet-test-tcpdump-%d.pcapng" % int.from_bytes(os.urandom(4), "little")


def bench(**options):
    b = Bench(**options)
    b.listen_to(net._tcpdump, net._capture, net._tcpdump_background)
    b.sim.run(10 * S)  # until all have announced themselves
    return b


def until(b, when):
    """For a program on the wire: it is called whenever something happens."""
    while b.sim.now < when:
        yield when


def ping_later(b, times=1):
    """The peer pings the board, every second."""
    dst = b.board.iface.addr

    def program():
        pings = b.peer.stack.icmp.pings.open()
        for seq in range(times):
            yield from until(b, b.sim.now + S)
            pings.send(dst, seq, b"abcd", b.sim.now)
            b.peer.touch()

    b.sim.go(program())
    b.sim.run(1)  # so that it is waited for


def told(b):
    """What was printed about frames, without the times."""
    lines = b.text().split("\n")
    assert lines[-1] == ""
    return lines[0], [text.split(" ", 1)[1] for text in lines[1:-2]], lines[-2]


def untapped(b):
    return all(not hasattr(i.dev, "taps") for i in b.board.stack.ifaces + [b.board.stack.lo])


def test_lines_in_the_manner_of_tcpdump():
    with bench() as b:
        ping_later(b)
        assert net.tcpdump(seconds=3) == 4
        first, lines, last = told(b)
        assert first == "listening on eth0, Ctrl-C ends"
        assert last == "4 frames captured, 4 seen, 0 dropped by the capture"
        assert lines == [
            "ARP, Request who-has 10.0.0.2 tell 10.0.0.9, length 28",
            "ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:01, length 28",
            "IP 10.0.0.9 > 10.0.0.2: ICMP echo request, id %s, seq 0, length 12"
            % lines[2].split("id ")[1].split(",")[0],
            lines[2]
            .replace("10.0.0.9 > 10.0.0.2", "10.0.0.2 > 10.0.0.9")
            .replace("request", "reply"),
        ], lines
        assert untapped(b)


def test_times_are_the_wall_clocks():
    import time

    with bench() as b:
        ping_later(b)
        before = time.time()
        net.tcpdump("arp", count=1)
        clock = b.text().split("\n")[1].split(" ")[0]
        hour, minute, second = clock.split(":")
        assert len(second) == 9 and second[2] == "."
        at = int(hour) * 3600 + int(minute) * 60 + int(second[:2])
        assert (at - before - 1) % 86400 < 5 or (before + 1 - at) % 86400 < 5


def test_stops_after_count_or_seconds():
    with bench() as b:
        ping_later(b, 5)
        since = b.sim.now
        assert net.tcpdump("icmp", count=3) == 3 and untapped(b)
        assert S < b.sim.now - since < 3 * S
        assert net.tcpdump("tcp", seconds=1.5) == 0 and untapped(b)
        assert "0 frames captured" in b.text()


def test_ctrl_c_ends_it_with_a_summary():
    with bench() as b:
        ping_later(b)
        waits = [0]
        wait = b.rt.wait

        def interrupted(until=None):
            waits[0] += 1
            if waits[0] > 6 or b.sim.now > 2 * S:
                raise KeyboardInterrupt
            return wait(b.sim.now + S if until is None else until)

        b.rt.wait = interrupted
        n = net.tcpdump()
        b.rt.wait = wait
        text = b.text()
        assert "^C\n%d frames captured" % n in text and untapped(b)


def test_any_names_the_interface():
    with bench() as b:
        ping_later(b)
        net.tcpdump("icmp", iface="any", count=2)
        first, lines, _ = told(b)
        assert first == "listening on eth0, lo, Ctrl-C ends"
        assert lines[0].startswith("eth0 In  IP ") and lines[1].startswith("eth0 Out IP ")
        assert untapped(b)


def test_snaplen_cuts():
    with bench() as b:
        ping_later(b)
        net.tcpdump("icmp", count=1, snaplen=36)
        assert "IP 10.0.0.9 > 10.0.0.2: ICMP [|icmp]" in b.text()


def blocks(data):
    """[(type, body)] of a pcapng file; every length is checked."""
    found = []
    at = 0
    while at < len(data):
        kind, n = struct.unpack_from("<II", data, at)
        assert n % 4 == 0 and n >= 12 and at + n <= len(data)
        assert struct.unpack_from("<I", data, at + n - 4)[0] == n
        found.append((kind, data[at + 8 : at + n - 4]))
        at += n
    return found


def test_a_capture_has_the_frames_as_on_the_wire():
    with bench() as b:
        carried = []
        b.sim.default.filter = lambda f, src: carried.append(bytes(f)) or f
        ping_later(b)
        try:
            assert net.tcpdump(file=FILE, seconds=3) == 4
            with open(FILE, "rb") as f:
                data = f.read()
        finally:
            os.remove(FILE)
        text = b.text()
        assert text.count("\n") == 2 and "writing to " + FILE in text
        found = blocks(data)
        assert [kind for kind, _ in found] == [0x0A0D0D0A, 1, 6, 6, 6, 6, 5]
        frames = []
        flags = []
        times = []
        for _, body in found[2:-1]:
            iface, high, low, kept, size = struct.unpack_from("<IIIII", body, 0)
            assert iface == 0 and kept == size
            frames.append(body[20 : 20 + kept])
            code, n, flag = struct.unpack_from("<HHI", body, 20 + (kept + 3 & ~3))
            assert (code, n) == (2, 4)
            flags.append(flag)
            times.append(high << 32 | low)
        assert frames == carried
        assert flags == [13, 6, 5, 6]  # broadcast in, unicast out, unicast in, unicast out
        assert times == sorted(times)
        assert struct.unpack_from("<HHQ", found[-1][1], 12) == (4, 8, 4)
        assert struct.unpack_from("<HHQ", found[-1][1], 24) == (5, 8, 0)


def test_what_a_card_cuts_and_sums_is_as_on_the_wire():
    """Segments that the card makes of one piece are told of one by one, with their checksums."""
    sim, a, b = hosts()
    sim.run(S)
    a.stack.tcp.sndbuf = b.stack.tcp.rcvbuf = 200000
    slots = Slots(100, 1000, 400000)
    carried = Carried(sim.default, a.port)
    fn = net._tcpdump._Watch(slots, 0).tap
    tap.attach(a.iface, fn)
    Transfer(sim, a, b, pattern(100000)).run()
    tap.detach(a.iface, fn)
    sent = []

    class Sink:
        end = 0

        def frame(self, index, out, when, view, size):
            if out:
                sent.append((bytes(view), size))

    capture = net._tcpdump.Capture(a.rt, [a.iface], slots, parse(""), Sink(), None, 100)
    capture._drain()
    assert slots.dropped == 0 and slots.waiting() == 0
    assert slots.seen < len(carried.sent)  # some were joined
    assert [size for _, size in sent] == [len(frame) for frame in carried.sent[: len(sent)]]
    kept = [frame for frame, _ in sent]
    assert unnumbered(kept) == unnumbered([frame[:100] for frame in carried.sent[: len(sent)]])
    assert max([len(frame) for frame in kept]) == 100 and len(sent) > 70


def test_what_does_not_fit_is_counted_and_the_network_loses_nothing():
    with bench() as b:
        slots = net._tcpdump.Slots
        net._tcpdump.Slots = lambda snaplen: slots(snaplen, 2, 4096)
        ping_later(b, 3)
        try:

            def flood():
                dst = b.board.iface.addr
                e = b.peer.stack.udp.open()
                yield from until(b, b.sim.now + S // 2)
                for i in range(10):
                    e.send(b"x", dst, 9)
                b.peer.touch()

            b.sim.go(flood())
            b.sim.run(1)
            seen = b.board.iface.dev.counters.rx_frames
            net.tcpdump("udp", seconds=5)
            result = b.text().split("\n")[-2]
            seen = b.board.iface.dev.counters.rx_frames - seen
            assert seen >= 14, seen
            assert not result.endswith(" 0 dropped by the capture"), result
        finally:
            net._tcpdump.Slots = slots


def test_ctrl_c_leaves_no_half_and_no_double_frame_in_the_file():
    """It comes before a write, and after it, with the file longer already."""
    for after in (False, True):
        with bench() as b:
            ping_later(b, 3)

            class File:
                def __init__(self):
                    self.data = bytearray()
                    self.at = 0
                    self.writes = 0

                def write(self, block):
                    self.writes += 1
                    if self.writes == 5:
                        half = block if after else block[: len(block) // 2]
                        self.data[self.at :] = half
                        self.at += len(half)
                        raise KeyboardInterrupt
                    self.data[self.at : self.at + len(block)] = block
                    self.at += len(block)
                    return len(block)

                def seek(self, at):
                    assert at % 4 == 0 and at < self.at
                    self.at = at

                def close(self):
                    pass

            file = File()
            net._capture.open = lambda path, mode: file
            try:
                n = net.tcpdump("icmp", file="/a", seconds=5)
            finally:
                del net._capture.open
            found = blocks(bytes(file.data))
            assert [kind for kind, _ in found] == [0x0A0D0D0A, 1] + [6] * n + [5]
            bodies = [body for _, body in found[2:-1]]
            assert n >= 3 and len(set(bodies)) == n
            assert untapped(b)


def test_errors_are_sentences():
    with bench() as b:
        for args, word in (
            ({"filter": "tpc port 80"}, ">>tpc<<"),
            ({"iface": "eth7"}, "eth7"),
            ({"count": 0}, "count"),
            ({"seconds": -1}, "seconds"),
            ({"snaplen": 13}, "snaplen"),
            ({"file": "/no/such/directory/a"}, "os.mkdir"),
        ):
            assert word in str(error_of(net.tcpdump, **args)), word
            assert untapped(b)


def test_a_full_disk_ends_it_and_the_tap_is_gone():
    with bench() as b:

        class Full:
            written = 0

            def write(self, block):
                self.written += 1
                if self.written > 3:
                    raise OSError(28)
                return len(block)

            def close(self):
                pass

        net._capture.open = lambda path, mode: Full()
        try:
            ping_later(b)
            assert "full" in str(error_of(net.tcpdump, file="/a", seconds=5))
        finally:
            del net._capture.open
        assert untapped(b)


def test_too_many_taps():
    with bench() as b:
        fns = [lambda *a, i=i: None for i in range(8)]
        for fn in fns:
            tap.attach(b.board.iface, fn)
        assert "too many" in str(error_of(net.tcpdump, iface="any"))
        assert not hasattr(b.board.stack.lo.dev, "taps")
        for fn in fns:
            tap.detach(b.board.iface, fn)
        assert untapped(b)


class Reader:
    """Listens at port 5555 of the peer and keeps what comes; it leaves after `most` bytes."""

    def __init__(self, b, most=None, read=4096):
        self.data = bytearray()
        self.closed = False
        self.connection = None
        self._most = most
        self._read = read
        self._listener = b.peer.stack.tcp.listen(0, 5555, 1)
        self._bench = b
        self._sim = b.sim
        b.sim.go(self._run())
        b.sim.run(1)

    def _run(self):
        while not self.connection:
            self.connection = self._listener.accept()
            yield
        c = self.connection
        buf = bytearray(self._read)
        while c.available() or not (c.eof or c.error):
            n = c.recv_into(buf, 0, len(buf))
            self.data.extend(memoryview(buf)[:n])
            if self._most is not None and len(self.data) >= self._most:
                c.shutdown()
                self._most = None
            if n:
                yield from until(self._bench, self._sim.now + 1000)
            else:
                yield
        self.closed = True
        c.close()


def test_a_stream_has_all_but_itself():
    with bench() as b:
        reader = Reader(b)
        ping_later(b, 3)
        assert net.tcpdump("not arp", file="tcp:10.0.0.9:5555", seconds=5) == 6
        b.sim.run(S)
        assert reader.closed and untapped(b)
        found = blocks(bytes(reader.data))
        assert [kind for kind, _ in found] == [0x0A0D0D0A, 1] + [6] * 6 + [5]
        assert all(body[20 + 23] == 1 for _, body in found[2:-1]), "ICMP only"
        lines = b.text().split("\n")
        assert lines[0] == "listening on eth0, writing to 10.0.0.9:5555, Ctrl-C ends"
        assert lines[1].endswith(", 0 dropped by the capture")


def test_who_reads_may_end_it():
    with bench() as b:
        Reader(b, 200)
        ping_later(b, 50)
        assert 0 < net.tcpdump(file="tcp:10.0.0.9:5555", seconds=100) < 20
        assert untapped(b)
        b.sim.run(100 * S)
        assert not list(b.board.stack.tcp.connections())


def test_a_reset_ends_it():
    with bench() as b:
        reader = Reader(b)
        ping_later(b, 50)

        def reset():
            yield from until(b, b.sim.now + 2500000)
            reader.connection.abort()
            b.peer.touch()

        b.sim.go(reset())
        b.sim.run(1)
        assert net.tcpdump(file="tcp:10.0.0.9:5555", seconds=100) < 20 and untapped(b)


def test_a_slow_reader_loses_frames_and_they_are_counted():
    with bench() as b:
        b.board.stack.tcp.sndbuf = b.peer.stack.tcp.rcvbuf = 4096
        reader = Reader(b, read=100)
        slots = net._tcpdump.Slots
        net._tcpdump.Slots = lambda snaplen: slots(snaplen, 8, 16384)
        e = b.peer.stack.udp.open()

        def flood():
            for i in range(2000):
                e.send(bytes(200), b.board.iface.addr, 9)
                b.peer.touch()
                yield from until(b, b.sim.now + 500)

        b.sim.go(flood())
        try:
            n = net.tcpdump("udp", file="tcp:10.0.0.9:5555", seconds=3)
        finally:
            net._tcpdump.Slots = slots
        b.sim.run(20 * S)
        found = blocks(bytes(reader.data))
        assert [kind for kind, _ in found] == [0x0A0D0D0A, 1] + [6] * n + [5]
        seen = struct.unpack_from("<Q", found[-1][1], 16)[0]
        dropped = struct.unpack_from("<Q", found[-1][1], 28)[0]
        assert n > 20 and dropped > 100 and seen >= n + dropped, (n, seen, dropped)


def test_ctrl_c_tears_no_block_of_a_stream():
    """It comes while the connection has no room, in the middle of a block."""
    with bench() as b:
        b.board.stack.tcp.sndbuf = b.peer.stack.tcp.rcvbuf = 2000
        reader = Reader(b, read=50)
        e = b.peer.stack.udp.open()

        def flood():
            yield from until(b, b.sim.now + S // 10)
            for i in range(8):
                e.send(bytes([i]) * 900, b.board.iface.addr, 9)
            b.peer.touch()

        b.sim.go(flood())
        wait = b.rt.wait
        waits = [0]

        def interrupted(until=None):
            c = list(b.board.stack.tcp.connections())[0]
            waits[0] += c.tx.len > 0 and not c.room()
            if waits[0] == 3:
                waits[0] += 1
                raise KeyboardInterrupt
            return wait(until)

        b.rt.wait = interrupted
        n = net.tcpdump("udp", file="tcp:10.0.0.9:5555")
        b.rt.wait = wait
        b.sim.run(20 * S)
        assert waits[0] > 3 and "^C" in b.text() and reader.closed
        found = blocks(bytes(reader.data))
        assert [kind for kind, _ in found] == [0x0A0D0D0A, 1] + [6] * n + [5]
        seconds = [body[20 + 42] for _, body in found[2:-1]]
        assert len(seconds) == len(set(seconds)) == n > 1, seconds


def test_any_stream_takes_a_capture():
    with bench() as b:

        class Stream:
            data = b""

            def write(self, block):
                self.data += bytes(block)

        stream = Stream()
        ping_later(b)
        assert net.tcpdump("icmp", file=stream, seconds=3) == 2
        assert [kind for kind, _ in blocks(stream.data)] == [0x0A0D0D0A, 1, 6, 6, 5]


def test_errors_of_streams():
    with bench() as b:
        for target in ("tcp:", "tcp:10.0.0.9", "tcp:10.0.0.9:x", "tcp::80", "tcp:10.0.0.9:0"):
            assert error_of(net.tcpdump, file=target).errno == 22
        assert error_of(net.tcpdump, file="tcp:10.0.0.9:5556").errno == 111
        b.sim.default.filter = lambda f, src: None
        assert error_of(net.tcpdump, file="tcp:10.0.0.77:5555").errno in (110, 113)
        assert untapped(b)


def background_bench():
    b = bench()
    scheduler(b.sim, b.rt)
    return b


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
        b.board.stack.tcp.sndbuf = b.peer.stack.tcp.rcvbuf = 4096
        reader = Reader(b, read=100)
        slots = net._tcpdump.Slots
        net._tcpdump.Slots = lambda snaplen: slots(snaplen, 8, 16384)
        e = b.peer.stack.udp.open()

        def flood():
            for i in range(1000):
                e.send(bytes(200), b.board.iface.addr, 9)
                b.peer.touch()
                yield from until(b, b.sim.now + 500)

        b.sim.go(flood())
        try:
            c = net.tcpdump("udp", file="tcp:10.0.0.9:5555", seconds=0.4, background=True)
        finally:
            net._tcpdump.Slots = slots
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

        class Full:
            written = 0

            def write(self, block):
                self.written += 1
                if self.written > 3:
                    raise OSError(28)
                return len(block)

            def close(self):
                pass

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
