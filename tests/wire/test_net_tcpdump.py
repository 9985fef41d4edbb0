# Frostnet: tests of net.tcpdump: frames at the prompt, captures, and their ends
# MIT license; Copyright (c) 2026 The Frostnet authors

import os
import struct

import net
import net._capture
import net._tcpdump
from net_bench import error_of
from simtools import Transfer, pattern
from sniff.filter import parse
from sniff.slots import Slots
from tcpdump_bench import Full, S, bench, blocks, ping_later, told, untapped, until
from test_offload import hosts
from test_tap import Carried, unnumbered
from frostnet.link import tap

FILE = "/tmp/frostnet-test-tcpdump-%d.pcapng" % int.from_bytes(os.urandom(4), "little")


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
