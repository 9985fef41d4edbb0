# Frostnet: tests of TFTP transfers over a wire that loses, repeats and mixes up
# MIT license; Copyright (c) 2026 The Frostnet authors

import io
import random

from tftp.blocks import Receiving, Sending
from tftp.client import Get, Put
from tftp.packets import (
    ACCESS,
    ACK,
    BAD_OPTION,
    DATA,
    ERROR,
    FULL,
    ILLEGAL,
    RRQ,
    UNKNOWN_TID,
    WRQ,
    TftpError,
    block,
    error,
    oack,
    opcode,
    read_error,
    read_request,
    request,
)
from tftp.server import Serve, path
from tftp.transfer import SILENT

S = 1000000
SERVER, TID, CLIENT = (1, 69), (1, 4000), (2, 5000)


def pattern(n):
    return bytes([k * 7 + (k >> 8) * 3 & 0xFF for k in range(n)])


def drain(t, now=0):
    """All packets that it wants to send now, as bytes."""
    packets = []
    while True:
        packet = t.output(now)
        if packet is None:
            return packets
        packets.append(bytes(packet))


def data(n, payload):
    return bytes((0, DATA, n >> 8 & 0xFF, n & 0xFF)) + payload


def ack(n):
    return bytes((0, ACK, n >> 8 & 0xFF, n & 0xFF))


class Wire:
    """A client and a server in virtual time; `loss`, `twice` and `late` are probabilities."""

    def __init__(self, client, contents=None, loss=0.0, twice=0.0, late=0.0, seed=1, **server):
        self.now = 0
        self.client = client
        self.server = None
        self.contents = contents  # what the server has
        self.stored = io.BytesIO()
        self.options = server
        self.loss, self.twice, self.late = loss, twice, late
        self.random = random
        random.seed(seed)
        self.way = []  # (when, number, to the server, packet)
        self.count = 0
        self.log = []
        self.plan = {}  # number of a packet: copies of it, instead of chance

    def put(self, to_server, packet):
        packet = bytes(packet)
        self.log.append((self.now, to_server, opcode(packet), block(packet)))
        copies = self.plan.get(len(self.log))
        if copies is None:
            copies = 0 if random.random() < self.loss else 1
            copies += random.random() < self.twice
        for _ in range(copies):
            delay = 1000 + (random.randrange(20000) if random.random() < self.late else 0)
            self.count += 1
            self.way.append((self.now + delay, self.count, to_server, packet))

    def flush(self):
        for t, to_server in ((self.client, True), (self.server, False)):
            while t is not None:
                packet = t.output(self.now)
                if packet is None:
                    break
                self.put(to_server, packet)

    def arrive(self, to_server, packet):
        if not to_server:
            self.client.input(packet, TID, self.now)
        elif self.server is not None:
            self.server.input(packet, CLIENT, self.now)
        elif opcode(packet) in (RRQ, WRQ):
            _, _, options = read_request(packet)
            kind = opcode(packet)
            move = io.BytesIO(self.contents).readinto if kind == RRQ else self.stored.write
            size = len(self.contents) if kind == RRQ else -1
            self.server = Serve(CLIENT, self.now, kind, options, move, size, **self.options)

    def run(self, limit=600 * S):
        while True:
            self.flush()
            times = [entry[0] for entry in self.way]
            for t in (self.client, self.server):
                if t is not None and t.deadline is not None:
                    times.append(t.deadline)
            if not times:
                break
            self.now = max(self.now, min(times))
            assert self.now < limit, "it does not end"
            for entry in sorted(self.way):
                if entry[0] <= self.now:
                    self.way.remove(entry)
                    self.arrive(entry[2], entry[3])
        return self


def get(contents, wire=None, **options):
    got = io.BytesIO()
    w = Wire(Get(SERVER, 0, "f", got.write, **options), contents, **(wire or {}))
    w.run()
    return w, got.getvalue()


def put(contents, wire=None, **options):
    client = Put(SERVER, 0, "f", io.BytesIO(contents).readinto, len(contents), **options)
    w = Wire(client, **(wire or {}))
    w.run()
    return w, w.stored.getvalue()


PLAIN = {"block": 512, "window": 1}


# RFC 1350 §2: a block shorter than 512 bytes ends it, an empty one if need be.
def test_lengths():
    for n in (0, 1, 511, 512, 513, 1428, 1024, 5000, 1428 * 8, 1428 * 9):
        contents = pattern(n)
        for options in (PLAIN, {}, {"block": 1024}, {"window": 3}):
            w, got = get(contents, **options)
            assert got == contents and w.client.over and w.server.over, (n, options)
            assert w.client.error is w.server.error is None and w.client.blocks.size == n
            w, got = put(contents, **options)
            assert got == contents and w.client.over and w.server.over
            assert w.client.error is w.server.error is None


def test_without_options_it_is_rfc_1350():
    w, got = get(pattern(1000), sized=False, **PLAIN)
    kinds = [(entry[2], entry[3]) for entry in w.log[1:]]
    assert kinds == [(DATA, 1), (ACK, 1), (DATA, 2), (ACK, 2)]
    client = Put(SERVER, 0, "f", io.BytesIO(pattern(1000)).readinto, None, **PLAIN)
    w = Wire(client).run()
    kinds = [(entry[2], entry[3]) for entry in w.log[1:]]
    assert kinds == [(ACK, 0), (DATA, 1), (ACK, 1), (DATA, 2), (ACK, 2)]


# RFC 7440 §4: one ACK for a window.
def test_windows():
    w, got = get(pattern(1000 * 20), block=1000, window=8)
    acks = [entry[3] for entry in w.log if entry[2] == ACK]
    assert acks == [0, 8, 16, 21] and w.client.agreed.size == 20000


class Counted:
    """A long file of 8-byte lines, and the check that it came in order."""

    def __init__(self, lines):
        self.lines = lines
        self.read = self.written = 0

    def readinto(self, view):
        if self.read == self.lines:
            return 0
        view[:] = b"%08d" % self.read
        self.read += 1
        return 8

    def write(self, view):
        if len(view):
            assert bytes(view) == b"%08d" % self.written
            self.written += 1


# Block numbers have 16 bits.
def test_more_than_65535_blocks():
    for window in (1, 8):
        file = Counted(66000)
        sending = Sending(file.readinto, 8, window)
        receiving = Receiving(file.write, 8, window)
        while not sending.finished:
            due = False
            packet = sending.next()
            while packet is not None:
                due = receiving.data(block(packet), packet[4:])
                packet = sending.next()
            assert due and sending.acked(receiving.number)
        assert file.written == 66000 and receiving.finished


def test_bad_wires():
    contents = pattern(9000)
    for seed in range(40):
        wire = {"loss": 0.2, "twice": 0.1, "late": 0.2, "seed": seed}
        options = (PLAIN, {"window": 4, "block": 512}, {"block": 600})[seed % 3]
        for transfer in (get, put):
            w, got = transfer(contents, wire, **options)
            if not w.client.error:
                assert got == contents, (seed, options)
            else:
                # Six in a row lost; or the server's last word was.
                assert w.client.error.code == SILENT


# RFC 1123 §4.2.3.1: one packet that comes twice must not double all that follow.
def test_the_sorcerers_apprentice():
    contents = pattern(512 * 50)
    for options in (PLAIN, {"block": 512, "window": 4}):
        for transfer in (get, put):
            quiet, _ = transfer(contents, **options)
            for n in (3, 6, 7, 8, 9, 10):
                w = Wire(None, contents)
                got = io.BytesIO()
                if transfer is get:
                    w.client = Get(SERVER, 0, "f", got.write, **options)
                else:
                    w.client = Put(SERVER, 0, "f", io.BytesIO(contents).readinto, **options)
                    got = w.stored
                w.plan[n] = 2
                w.run()
                assert got.getvalue() == contents
                assert len(w.log) <= len(quiet.log) + 2, (options, n)


# RFC 7440 §4: what was lost of a window is sent again when the next one arrives.
def test_a_gap_is_told():
    w = Wire(Get(SERVER, 0, "f", io.BytesIO().write, block=512, window=8), pattern(512 * 30))
    w.plan[6] = 0  # RRQ OACK ACK DATA 1 DATA 2 DATA 3
    w.run()
    # The rest of that window is on its way already, and some of it comes again.
    assert w.client.error is None and w.now - w.server.since < 3 * S
    assert max(entry[0] for entry in w.log) < S // 10
    assert [entry[3] for entry in w.log if entry[2] == ACK][:2] == [0, 2]


def test_time_is_up():
    for t in (Get(SERVER, 0, "f", None), Put(SERVER, 0, "f", None)):
        first = drain(t)
        assert len(first) == 1 and t.deadline == S
        sent = []
        while not t.over:
            now = t.deadline
            packets = drain(t, now)
            if packets:
                assert packets == first
                sent.append(now)
        # Backoff: 1, 2, 4, 8 and 8 s, and 8 more for the last answer.
        assert sent == [S, 3 * S, 7 * S, 15 * S, 23 * S] and now == 31 * S
        assert t.error.code == SILENT and t.deadline is None and t.output(99 * S) is None


# RFC 1350 §4: "If a source TID does not match, the packet should be discarded as erroneously sent
# from somewhere else. An error packet should be sent to the source of the incorrect packet, while
# not disturbing the transfer."
def test_somebody_else():
    got = io.BytesIO()
    t = Get(SERVER, 0, "f", got.write, **PLAIN)
    drain(t)
    for stranger in ((9, 4000), (9, 69)):
        t.input(data(1, b"x" * 512), stranger, 1)
        packet = t.output(1)
        assert t.to == stranger and read_error(packet).code == UNKNOWN_TID
    t.input(data(1, b"a" * 512), TID, 2)
    assert drain(t, 2) == [ack(1)] and t.to == TID
    # Now the server's other ports are strangers too, even its first one.
    for stranger in ((1, 4001), SERVER, (9, 4000)):
        t.input(data(2, b"b" * 512), stranger, 3)
        assert read_error(t.output(3)).code == UNKNOWN_TID and t.to == stranger
        t.input(error(0, "stop"), stranger, 3)
        assert t.output(3) is None and not t.over
    t.input(data(2, b"c"), TID, 4)
    assert drain(t, 4) == [ack(2)] and t.over and got.getvalue() == b"a" * 512 + b"c"


# §6: the last ACK may be lost, and the sender repeats the last block.
def test_the_server_stays_for_the_last_ack():
    got = io.BytesIO()
    t = Serve(CLIENT, 0, WRQ, {}, got.write)
    assert drain(t) == [ack(0)]
    t.input(data(1, b"all"), CLIENT, 1)
    assert drain(t, 1) == [ack(1)] and t.complete and not t.over
    t.input(data(1, b"all"), CLIENT, 2)
    assert drain(t, 2) == [ack(1)]
    t.input(error(0, "too late"), CLIENT, 3)
    assert drain(t, t.deadline) == [] and t.over and not t.error
    assert got.getvalue() == b"all"


def test_late_and_wrong_acks():
    t = Serve(CLIENT, 0, RRQ, {}, io.BytesIO(pattern(3000)).readinto)
    assert len(drain(t)) == 1
    t.input(ack(1), CLIENT, 1)
    assert [block(p) for p in drain(t, 1)] == [2]
    for n in (0, 1, 3, 4, 1000, 65535):
        t.input(ack(n), CLIENT, 2)
        assert drain(t, 2) == []
    t.input(ack(2), CLIENT, 3)
    assert [block(p) for p in drain(t, 3)] == [3]


# RFC 2347, 2348, 2349, 7440: what is granted.
def test_what_a_server_grants():
    def granted(**options):
        t = Serve(CLIENT, 0, RRQ, options, io.BytesIO(b"").readinto, 77, block_max=2000)
        return drain(t)[0]

    assert granted(blksize="1000") == oack([("blksize", 1000)])
    assert granted(blksize="65000") == oack([("blksize", 2000)])
    assert granted(tsize="0") == oack([("tsize", 77)])
    assert granted(windowsize="60000", blksize="512") == oack(
        [("blksize", 512), ("windowsize", 16)]
    )
    assert granted(windowsize="64", blksize="2000") == oack(
        [("blksize", 2000), ("windowsize", 16)]
    )
    assert granted(timeout="3") == oack([("timeout", 3)])
    # Nonsense is passed over.
    for name in ("blksize", "timeout", "windowsize", "tsize", "other"):
        for value in ("", "x", "-1", "1.5", "9" * 400, "\u0661"):
            assert opcode(granted(**{name: value})) == DATA, (name, value)
    for name, value in (
        ("blksize", "7"),
        ("timeout", "0"),
        ("timeout", "256"),
        ("windowsize", "0"),
    ):
        assert opcode(granted(**{name: value})) == DATA


def test_what_a_client_takes():
    def answered(packet, **options):
        t = Get(SERVER, 0, "f", io.BytesIO().write, **options)
        drain(t)
        t.input(packet, TID, 1)
        return drain(t, 1)[0], t

    packet, t = answered(oack([("blksize", 1000), ("tsize", 5)]))
    assert packet == ack(0) and t.agreed.block == 1000 and t.agreed.size == 5
    assert t.agreed.window == 1
    for pairs in (
        [("blksize", 1429)],
        [("blksize", 7)],
        [("windowsize", 9)],
        [("windowsize", 0)],
        [("timeout", 3)],
        [("other", 1)],
    ):
        packet, t = answered(oack(pairs))
        assert read_error(packet).code == BAD_OPTION and t.over and t.error.code == BAD_OPTION
    # An OACK again: our ACK was lost. After that it is late.
    packet, t = answered(oack([("blksize", 8)]))
    t.input(oack([("blksize", 8)]), TID, 2)
    assert drain(t, 2) == [ack(0)]
    t.input(data(1, bytes(8)), TID, 3)
    assert drain(t, 3) == [ack(1)]
    t.input(oack([("blksize", 8)]), TID, 4)
    assert drain(t, 4) == [] and t.error is None


# RFC 2349: both repeat after that many seconds.
def test_a_time_out_that_was_agreed_on():
    t = Serve(CLIENT, 0, RRQ, {"timeout": "5"}, io.BytesIO(b"abc").readinto)
    assert drain(t) == [oack([("timeout", 5)])] and t.deadline == 5 * S
    assert drain(t, 5 * S) and t.deadline == 10 * S


def test_errors_end_it():
    t = Get(SERVER, 0, "f", io.BytesIO().write)
    drain(t)
    t.input(error(1, "File not found\n\x1b[2J"), TID, 1)
    assert t.over and t.error.code == 1 and t.error.told and drain(t, 1) == []
    assert str(t.error) == "File not found??[2J"
    t = Serve(CLIENT, 0, RRQ, {}, io.BytesIO(pattern(3000)).readinto)
    drain(t)
    t.input(b"\0\5", CLIENT, 1)
    assert t.over and t.error.told


def test_what_cannot_be_stored_or_read():
    def full(view):
        raise OSError(28)

    t = Serve(CLIENT, 0, WRQ, {}, full)
    drain(t)
    t.input(data(1, b"x"), CLIENT, 1)
    (packet,) = drain(t, 1)
    assert read_error(packet).code == FULL and t.over and t.failure.errno == 28

    def broken():
        raise OSError(5)

    t = Serve(CLIENT, 0, WRQ, {}, io.BytesIO().write, finish=broken)
    drain(t)
    t.input(data(1, b"x"), CLIENT, 1)
    (packet,) = drain(t, 1)
    assert opcode(packet) == ERROR and t.over and not t.complete
    t = Serve(CLIENT, 0, RRQ, {}, full)
    (packet,) = drain(t)
    assert opcode(packet) == ERROR and t.over
    t = Get(SERVER, 0, "f", None)
    drain(t)
    t.cancel("stopped")
    assert [opcode(p) for p in drain(t)] == [ERROR] and t.over


def test_too_long_a_block():
    t = Serve(CLIENT, 0, WRQ, {}, io.BytesIO().write)
    drain(t)
    t.input(data(1, bytes(513)), CLIENT, 1)
    assert read_error(drain(t, 1)[0]).code == ILLEGAL and t.over


def test_rubbish():
    random.seed(3)
    for seed in range(300):
        sink = io.BytesIO()
        made = (
            lambda: Get(SERVER, 0, "f", sink.write),
            lambda: Put(SERVER, 0, "f", io.BytesIO(pattern(5000)).readinto),
            lambda: Serve(CLIENT, 0, WRQ, {"blksize": "100"}, sink.write),
            lambda: Serve(CLIENT, 0, RRQ, {"windowsize": "3"}, io.BytesIO(pattern(5000)).readinto),
        )
        t = made[seed & 3]()
        peer = CLIENT if seed & 2 else TID
        for k in range(20):
            assert len(drain(t, k)) <= 8
            n = random.choice((0, 1, 2, 3, 4, 5, 12, 600))
            packet = bytes([random.getrandbits(8) for _ in range(n)])
            if n > 1 and random.randrange(4):
                packet = bytes((0, random.randrange(1, 8))) + packet[2:]
            if n > 3 and random.randrange(2):
                packet = packet[:2] + bytes((0, random.randrange(3))) + packet[4:]
            t.input(packet, peer, k)
            t.input(packet, (random.randrange(3), random.randrange(3)), k)


# RFC 1350 §5, RFC 2347.
def test_requests():
    packet = request(RRQ, "dir/a", "octet", [("blksize", 1428)])
    assert packet == b"\0\1dir/a\0octet\0blksize\x001428\0"
    assert read_request(packet) == ("dir/a", "octet", {"blksize": "1428"})
    assert read_request(b"\0\1a\0OCTET\0BLKSIZE\x008\0blksize\x009\0")[1:] == (
        "octet",
        {"blksize": "8"},
    )
    for bad in (
        b"\0\1",
        b"\0\1\0",
        b"\0\1\0octet\0",
        b"\0\1a",
        b"\0\1a\0",
        b"\0\1a\0octet",
        b"\0\1\xff\xfe\0octet\0",
        b"\0\1a\0octet\0blksize\0",
        b"\0\1a\0octet\0blksize\x008",
        b"\0\1a\0octet\0" + b"x\x001\0" * 17,
        b"\0\1" + b"a" * 510 + b"\0octet\0",
    ):
        try:
            read_request(bad)
        except TftpError:
            continue
        raise AssertionError(bad)
    for name in ("", "a\0b", "x" * 600):
        try:
            request(RRQ, name, "octet")
        except ValueError:
            continue
        raise AssertionError(name)


def test_paths():
    assert path("/", "a") == path("/", "/a") == path("", "./a") == "/a"
    assert path("/srv/", "//b/c..d") == "/srv/b/c..d"
    for name in ("..", "../x", "a/../../b", "/..", "", "/", ".", "a\\..\\b", "a/.."):
        try:
            path("/srv", name)
        except TftpError as e:
            assert e.code == ACCESS
            continue
        raise AssertionError(name)
