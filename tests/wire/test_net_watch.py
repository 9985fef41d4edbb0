# Frostnet: tests of net.watch: what happens to TCP connections, told as it happens
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket

import net
import net._watch
import net._watch_text
from frostnet.tcp.watch import EVENTS
from net_bench import error_of
from simtools import scheduler
from test_net_ss import Pair, lose_data

S = 1000000


class Watched(Pair):
    """The board with a connected socket that is watched: `events` are names, `w` the watch."""

    def __init__(self, watch=True, **options):
        super().__init__(**options)
        scheduler(self.sim, self.rt)
        self.listen_to(net._watch)
        self.events = []
        self.w = net.watch(self.sock, callback=self.events.append) if watch else None

    def what(self, *but):
        """Names of what was told since it was last asked, without those in `but`."""
        self.sim.run(1)
        names = [event.what for event in self.events if event.what not in but]
        self.events.clear()
        return names

    def close(self):
        self.sock.close()
        self.far.close()
        self.sim.touch()


def unwatched(b):
    tcp = b.board.stack.tcp
    assert tcp.watching is None and "output_pending" not in dir_of(tcp)
    return all("watch" not in dir_of(c) for c in tcp.connections())


def dir_of(obj):
    return obj.__dict__


def test_a_connections_life_in_lines():
    with Watched(watch=False, delay=10000) as b:
        w = net.watch(b.sock)
        end = "10.0.0.2:%d > 10.0.0.9:80" % (b.sock._conn.ports >> 16)
        assert repr(w) == "<watching %s>" % end and w.connections == [end]
        b.sock.send(b"hello")
        b.sim.run(S)
        assert b.far.recv_into(bytearray(9), 0, 9) == 5
        b.sock.close()
        b.sim.run(S)
        b.far.close()
        b.sim.touch()
        b.sim.run(S)
        lines = b.text().split("\n")
        assert lines.pop() == ""
        clocks = [line.split(" ", 1)[0] for line in lines]
        assert all(len(clock) == 15 and clock[2] == clock[5] == ":" for clock in clocks)
        texts = [line.split(" ", 1)[1] for line in lines]
        assert all(text.startswith(end + " ") for text in texts), texts
        texts = [text[len(end) + 1 :] for text in texts]
        assert texts[0] == "ESTABLISHED" and texts[1].startswith("rtt 20.0"), texts
        assert "cwnd 14480, ssthresh -, send window " in texts[1]
        states = [text for text in texts if " -> " in text]
        assert states == [
            "ESTABLISHED -> FIN_WAIT_1",
            "FIN_WAIT_1 -> FIN_WAIT_2",
            "FIN_WAIT_2 -> TIME_WAIT",
        ]
        assert texts[-1] == "ended, 0 segments were sent again"
        assert not w.running and unwatched(b) and repr(w) == "<watched %s>" % end
        assert [event.what for event in w.log][-1] == "end" and w.dropped == 0


def test_both_sides_of_a_handshake():
    """RFC 9293 figure 6, from the SYN on, for connections that were yet to come."""
    with Watched(watch=False) as b:
        events = []
        w = net.watch("10.0.0.9:81", callback=events.append)
        assert repr(w) == "<watching 10.0.0.9:81>" and not events
        b.peer.stack.tcp.listen(0, 81, 4)
        server = socket.socket()
        server.bind(("0.0.0.0", 8080))
        server.listen(2)
        passive = net.watch(server, callback=events.append)
        s = socket.socket()
        s.connect(("10.0.0.9", 81))
        b.sim.run(S)
        states = [event.values for event in events if event.what in ("begin", "state")]
        assert states == [{"state": "SYN_SENT"}, {"before": "SYN_SENT", "state": "ESTABLISHED"}]
        events.clear()
        b.peer.stack.tcp.connect(b.board.iface.addr, 8080)
        b.sim.touch()
        b.sim.run(S)
        states = [event.values for event in events if event.what in ("begin", "state")]
        expected = {"before": "SYN_RECEIVED", "state": "ESTABLISHED"}
        assert states == [{"state": "SYN_RECEIVED"}, expected], states
        assert len(passive.connections) == 1 and passive.running
        w.stop()
        passive.stop()
        assert unwatched(b) and not passive.running and passive.connections == []


def test_all_connections():
    with Watched(watch=False) as b:
        other = socket.socket()
        with net.watch(callback=b.events.append) as w:
            assert repr(w) == "<watching *:*>"
            other.connect(("10.0.0.9", 80))
            b.sim.run(S)
            assert len(w.connections) == 2
            assert {event.connection for event in b.events} == set(w.connections)
        assert unwatched(b) and not w.running


def test_losses_and_what_is_done_about_them():
    """RFC 6675: SACK tells of the loss, the segment goes again, and the recovery ends."""
    with Watched(delay=20000) as b:
        assert b.what() == ["begin", "values"]
        b.sim.default.filter = lose_data(1)
        b.sock.send(b"x" * 10000)
        b.sim.run(S)
        by = {}
        for event in b.events:
            by.setdefault(event.what, []).append(event.values)
        assert sum([v["news"] for v in by["sack"]]) == 10000 - 1448
        assert by["sack"][0]["left"] == 1448, by["sack"]
        assert by["lost"] == [{"bytes": 1448}] and by["sent again"] == [{"left": 0, "bytes": 1448}]
        assert by["recovery"][0]["unacked"] == 10000 and len(by["recovered"]) == 1
        assert by["recovered"][0]["ssthresh"] == by["recovery"][0]["ssthresh"] < 14480
        names = b.what("values", "sack")
        assert names == ["lost", "recovery", "sent again", "recovered"], names
        assert net._watch_text.text_of("sent again", (0, 1448)) == "sent again from 0: 1448 bytes"


def test_time_outs_and_tail_probes():
    """RFC 8985 §7.3, RFC 6298 §5.5."""
    with Watched(delay=5000) as b:
        b.sim.default.filter = lambda f, src: None
        b.sock.send(b"x" * 500)
        b.sim.run(3 * S)
        names = b.what("values", "begin", "sent again")
        assert names[0] == "tail probe" and names.count("timeout") >= 2, names
        b.sim.default.filter = None
        b.sim.run(5 * S)
        timeouts = [event.values for event in b.w.log if event.what == "timeout"]
        assert timeouts[1]["rto"] == 2 * timeouts[0]["rto"], timeouts
        assert [v["backoff"] for v in timeouts] == list(range(1, len(timeouts) + 1))
        assert timeouts[0]["unacked"] == 500
        again = [event for event in b.w.log if event.what == "sent again"]
        assert len(again) == b.sock._conn.retransmits


def test_a_handshake_without_an_answer():
    with Watched(watch=False) as b:
        b.sim.default.filter = lambda f, src: None
        with net.watch("10.0.0.9:81", callback=b.events.append) as w:
            c = b.board.stack.tcp.connect(b.peer.iface.addr, 81)
            b.sim.touch()
            b.sim.run(4 * S)
            assert b.what() == ["begin", "timeout", "timeout"]
            assert "no answer to the SYN, rto " in str(w.log[1])
            b.rt.lock()
            c.give_up(110)
            b.rt.unlock()
            assert b.what() == ["state", "end"] and w.log[-1].values["error"] == 110
            assert "ended with ETIMEDOUT" in str(w.log[-1])


def test_a_peer_that_does_not_read():
    """RFC 9293 §3.8.6.1: its window is shut, we wait and ask, and go on when it opens."""
    with Watched() as b:
        b.sock.setblocking(False)
        for _ in range(30):
            try:
                b.sock.send(bytes(8192))
            except OSError:
                pass
            b.sim.run(S // 10)
        b.sim.run(2 * S)
        names = b.what("values", "begin")
        # A window with room for less than a segment is not used at once: §3.8.6.2.1
        assert names[0] == "stalled" and names.count("window shut") == 1, names
        assert set(names[1:]) == {"window probe", "window shut"}
        buf = bytearray(65536)
        b.far.recv_into(buf, 0, len(buf))
        b.sim.touch()
        b.sim.run(S)
        names = b.what("values", "window probe")
        assert names[:2] == ["goes on", "window open"] or names[:2] == ["window open", "goes on"]


def test_a_program_that_does_not_read():
    with Watched() as b:
        b.far.send(memoryview(bytes(200000)), 0, 200000)
        b.sim.touch()
        b.sim.run(3 * S)
        assert b.what("values", "begin") == ["buffer full"]
        while b.sock._conn.rx.len:
            b.sock.recv(65536)
        b.sim.run(S)
        assert b.what("values")[0] == "buffer free"


def test_what_comes_too_early_or_to_nothing():
    """RFC 5961 §3.2: a reset that is not exact is asked about."""
    with Watched() as b:
        b.what()
        b.sim.default.filter = lose_peers_data(1)
        b.far.send(memoryview(bytes(4000)), 0, 4000)
        b.sim.touch()
        b.sim.run(S)
        early = [event.values for event in b.events if event.what == "out of order"]
        assert early[0] == {"bytes": 1448, "gap": 1448}, early
        b.what()
        b.sim.default.filter = spoil_one()
        b.far.send(memoryview(bytes(100)), 0, 100)
        b.sim.touch()
        b.sim.run(S)
        dropped = [event.values["counter"] for event in b.events if event.what == "dropped"]
        assert dropped == ["tcp_drop_checksum"]
        b.what()
        b.far.snd_nxt += 10
        b.peer.rt.lock()
        b.far.abort()
        b.peer.rt.unlock()
        b.sim.run(S)
        # The peer, which is nowhere near that number, answers the question with the right one
        assert b.what("values") == ["challenge", "reset", "state", "end"]


def lose_peers_data(n):
    left = [n]

    def fn(f, src):
        if f[23] == 6 and len(f) > 200 and f[29] == 9 and left[0]:
            left[0] -= 1
            return None
        return f

    return fn


def spoil_one():
    left = [1]

    def fn(f, src):
        if f[23] == 6 and len(f) > 100 and left[0]:
            left[0] = 0
            f = bytearray(f)
            f[-1] ^= 1
        return f

    return fn


def test_a_reset():
    with Watched() as b:
        b.peer.rt.lock()
        b.far.abort()
        b.peer.rt.unlock()
        b.sim.run(S)
        assert b.what("values", "begin") == ["reset", "state", "end"]
        assert b.w.log[-1].values == {"error": 104, "retransmits": 0}
        assert not b.w.running and unwatched(b)


def test_keep_alives():
    with Watched() as b:
        b.what()
        c = b.sock._conn
        c.keep_idle = c.keep_interval = 5 * S
        b.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        b.sim.run(6 * S)
        assert b.what("values") == ["keepalive", "alive"]


def test_values_come_no_faster_than_the_interval():
    for interval, least, most in ((0.5, 2, 6), (0, 20, 10000)):
        with Watched(watch=False, delay=10000) as b:
            with net.watch(b.sock, callback=b.events.append, interval=interval):
                for _ in range(40):
                    b.sock.send(b"x" * 2000)
                    b.sim.run(S // 20)
            values = [event for event in b.events if event.what == "values"]
            assert least <= len(values) <= most, len(values)
            times = [event.time for event in values]
            assert all(y - x >= interval * S for x, y in zip(times, times[1:]))


def test_the_last_change_is_told_too():
    """Values that changed too soon after the last line are told when the interval is over."""
    with Watched(delay=10000) as b:
        b.sock.send(b"x" * 2000)
        b.sim.run(2 * S)
        told = [event.values for event in b.events if event.what == "values"]
        c = b.sock._conn
        assert told[-1]["send_window"] == c.snd_wnd and told[-1]["rtt"] == c.srtt >> 3
        assert told[-1]["cwnd"] == c.cc.cwnd


def test_too_many_events_are_counted():
    with Watched(watch=False) as b:
        w = net.watch(b.sock, callback=b.events.append)
        b.sim.run(1)
        for _ in range(700):
            b.sock._conn.watch.tell("challenge")
        assert w.dropped == 700 - 512
        b.sim.run(S)
        names = b.what("values", "begin")
        assert names.count("challenge") == 512 and names[-1] == "missed"
        assert w.log[-1].values == {"number": 188} and "188 events were missed" in str(w.log[-1])
        assert len(w.log) == 100


def test_a_busy_scheduler_is_asked_again():
    with Watched(watch=False) as b:
        defer, b.rt.defer = b.rt.defer, lambda fn: False
        net.watch(b.sock, callback=b.events.append)
        b.sim.run(S // 100)
        assert not b.events
        b.rt.defer = defer
        b.sim.run(S // 10)
        assert [event.what for event in b.events] == ["begin", "values"]


def test_a_callback_that_fails_is_called_no_more():
    with Watched(watch=False) as b:
        calls = []

        def broken(event):
            calls.append(event)
            raise ValueError

        w = net.watch(b.sock, callback=broken)
        b.sim.run(S)
        assert len(calls) == 1 and w.running and len(w.log) == 2
        assert "the callback failed" in b.text()


def test_one_that_fails_inside_the_stack_is_gone():
    with Watched(watch=False) as b:
        b.board.stack.strict = False
        b.sim.run(S)
        from frostnet.tcp import watch

        def broken(c, event, values):
            if event != "begin":
                raise ValueError("watch")

        c = b.sock._conn
        watch.attach(c, broken, 0)
        b.sock.send(b"x")
        b.sim.run(S)
        assert b.board.stack.counters.bug_watch == 1 and unwatched(b) and not c.tx.len


def test_two_watch_the_same():
    with Watched() as b:
        more = []
        second = net.watch(callback=more.append)
        b.what()
        b.w.stop()
        assert not unwatched_yet(b)
        b.close()
        b.sim.run(S)
        assert not b.events and more[-1].what == "end"
        second.stop()
        assert unwatched(b)


def unwatched_yet(b):
    return b.board.stack.tcp.watching is None


def test_in_the_foreground_until_the_end_or_ctrl_c():
    with Watched(watch=False) as b:

        def closing():
            yield b.sim.now + S
            b.far.abort()
            b.peer.touch()

        b.sim.go(closing())
        b.sim.run(1)  # so that it is waited for
        assert net.watch(b.sock, background=False) is None
        lines = b.text().split("\n")
        assert lines[0].startswith("watching 10.0.0.2:") and lines[0].endswith(", Ctrl-C ends")
        assert lines[-2].endswith("ended with ECONNRESET, 0 segments were sent again")
    with Watched(watch=False) as b:

        def interrupted(until=None):
            raise KeyboardInterrupt

        b.rt.wait = interrupted
        assert net.watch(background=False) is None
        assert b.text().endswith("^C\n") and unwatched(b)


def test_what_is_no_connection():
    with Watched(watch=False) as b:
        fresh = socket.socket()
        for wrong in (fresh, 5, "10.0.0.9:x", "10.0.0.9:", "10.0.0.9:70000", open):
            error_of(net.watch, wrong)
        error_of(net.watch, b.sock, interval=-1)
        b.close()
        b.sim.run(S)
        assert error_of(net.watch, b.sock).errno == 107
        assert unwatched(b)


def test_every_event_has_words_and_is_told_somewhere():
    """The names in the stack's files are those of EVENTS, and each has its text."""
    import os

    folder = "lib/frostnet/tcp"  # of the source tree: frozen modules have no files
    told = {"begin", "state", "end", "values"}
    for name in os.listdir(folder):
        if name.endswith(".py"):
            with open(folder + "/" + name) as f:
                for part in f.read().split(".tell(")[1:]:
                    if part.lstrip()[:1] == '"':
                        told.add(part.split('"')[1])
    assert told == set(EVENTS), told ^ set(EVENTS)
    for name, values in EVENTS.items():
        text = net._watch_text.text_of(name, tuple([1] * len(values)))
        assert text and "%" not in text


def test_help():
    assert repr(net.watch).startswith("watch(sock=None, ")
