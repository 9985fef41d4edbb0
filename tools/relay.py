#!/usr/bin/env python3
# Frostnet: a bad link: Ethernet frames between two ends, with the faults that are asked for
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import contextlib
import fcntl
import heapq
import json
import os
import random
import select
import signal
import socket
import struct
import sys
import time

from common import fail, main, say

LARGEST = 65536
LOOK = 0.2  # seconds after which a signal is noticed
BACKLOG = 100_000  # frames that wait altogether
TAKE = 64  # frames taken from one end before the other has its turn
BUFFER = 4 << 20  # bytes that the kernel may hold for us: what it drops is not in the seed

_TUNSETIFF = 0x400454CA
_IFF_TAP, _IFF_NO_PI = 0x0002, 0x1000

FORMS = """An end is one of
  tap:NAME                  a TAP interface, as `ip tuntap add NAME mode tap` makes it
  udp:IP:PORT:IP:PORT       frames in UDP datagrams: our address, then the other's
  unix:PATH:PATH            the same in UNIX datagrams

QEMU's side of the last two:
  -netdev dgram,id=n0,local.type=inet,local.host=127.0.0.1,local.port=PORT,\\
          remote.type=inet,remote.host=127.0.0.1,remote.port=PORT
  -netdev dgram,id=n0,local.type=unix,local.path=PATH,remote.type=unix,remote.path=PATH
The unix port's: FROSTNET_LINK=udp:… or unix:… in the same form as here.

The options hold for both directions; --a-to-b and --b-to-a change them for one:
  tools/relay.py tap:tap0 unix:/tmp/r:/tmp/q --loss 1% --delay 20 --b-to-a loss=0,rate=1M
The same seed and the same frames in the same order meet the same faults. Ctrl-C, or SIGTERM, ends
it and prints what happened to how many frames; SIGUSR1 prints that and goes on."""


def share(text):
    """A probability: 0.01 or 1%."""
    value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value


def count(text):
    """A number, maybe with k or M behind it."""
    value = float(text[:-1]) * {"k": 1e3, "M": 1e6, "G": 1e9}[text[-1]] if text[-1] in "kMG" else (
        float(text)
    )  # fmt: skip
    if value < 0:
        raise ValueError(text)
    return value


def milliseconds(text):
    return count(text) / 1000


# name: (type, default, help)
FAULTS = {
    "loss": (share, 0.0, "share of frames that are lost, like 0.01 or 1%%"),
    "burst": (count, 1.0, "mean number of frames lost in a row (default: 1)"),
    "delay": (milliseconds, 0.0, "delay of each frame in ms"),
    "jitter": (milliseconds, 0.0, "random addition to it in ms, at most; order is kept"),
    "reorder": (share, 0.0, "share of frames that are overtaken"),
    "late": (milliseconds, 0.005, "how much later they come, in ms (default: 5)"),
    "duplicate": (share, 0.0, "share of frames that come twice"),
    "corrupt": (share, 0.0, "share of frames in which a bit is wrong"),
    "rate": (count, 0.0, "bits per second, like 10M (default: no limit)"),
    "queue": (count, 256.0, "frames that wait for the rate; more are lost (default: 256)"),
}


class Direction:
    """What happens to the frames that go one way."""

    def __init__(self, name, seed, faults):
        self.rng = random.Random("%s %s" % (seed, name))
        self.name = name
        for key, value in faults.items():
            setattr(self, key, value)
        self.bad = False  # within a burst
        self.free_at = 0.0  # when the link has sent all that came
        self.last_at = 0.0  # when the last frame in order arrives
        self.sending = []  # when the frames that wait will have left
        self.counters = dict.fromkeys(
            ("frames", "bytes", "lost", "full", "corrupted", "duplicated", "reordered", "unsent"),
            0,
        )

    def lose(self):
        """Each frame by itself, or by Gilbert's model: in the long run it loses `loss`, in bursts
        of `burst` frames on average."""
        chance = self.rng.random()
        if self.burst <= 1 or self.loss >= 1:
            return chance < self.loss
        if self.bad:
            self.bad = chance >= 1 / self.burst
        else:
            self.bad = chance < self.loss / (self.burst * (1 - self.loss))
        return self.bad

    def pass_on(self, frame, now):
        """[(time of arrival, frame)] of what becomes of a frame; times are in seconds."""
        rng = self.rng
        counters = self.counters
        counters["frames"] += 1
        counters["bytes"] += len(frame)
        if self.lose():
            counters["lost"] += 1
            return []
        if rng.random() < self.corrupt and len(frame) > 14:
            counters["corrupted"] += 1
            frame = bytearray(frame)
            # Not in the addresses: another station's frame would only be one more loss.
            bit = rng.randrange(12 * 8, len(frame) * 8)
            frame[bit >> 3] ^= 1 << (bit & 7)
        if self.rate:
            while self.sending and self.sending[0] <= now:
                self.sending.pop(0)
            if len(self.sending) >= self.queue:
                counters["full"] += 1
                return []
            self.free_at = max(self.free_at, now) + len(frame) * 8 / self.rate
            self.sending.append(self.free_at)
            now = self.free_at
        when = now + self.delay
        if self.jitter:
            when = max(self.last_at, when + rng.random() * self.jitter)
        out = []
        if rng.random() < self.reorder:
            counters["reordered"] += 1
            out.append((when + self.late, frame))
        else:
            self.last_at = when
            out.append((when, frame))
        if rng.random() < self.duplicate:
            counters["duplicated"] += 1
            out.append(out[0])
        return out


class Tap:
    """A TAP interface of this machine, or network namespace."""

    def __init__(self, name):
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        request = struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI)
        fcntl.ioctl(self.fd, _TUNSETIFF, request)

    def fileno(self):
        return self.fd

    def receive(self):
        return os.read(self.fd, LARGEST)

    def send(self, frame):
        os.write(self.fd, frame)

    def close(self):
        os.close(self.fd)


class Datagrams:
    """One frame in each datagram; the other end may come and go."""

    def __init__(self, family, local, remote):
        self.path = local if family == socket.AF_UNIX else None
        self.remote = remote
        self.sock = socket.socket(family, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self.sock.setsockopt(socket.SOL_SOCKET, option, BUFFER)
        self.sock.bind(local)
        self.fileno = self.sock.fileno

    def receive(self):
        return self.sock.recv(LARGEST)

    def send(self, frame):
        self.sock.sendto(frame, self.remote)

    def close(self):
        self.sock.close()
        if self.path:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)


def open_end(text):
    """The end that `text` names; ValueError if it has no such form, OSError."""
    kind, _, rest = text.partition(":")
    part = rest.split(":")
    if kind == "tap" and len(part) == 1 and part[0]:
        return Tap(part[0])
    if kind == "udp" and len(part) == 4:
        addresses = (part[0], int(part[1])), (part[2], int(part[3]))
        return Datagrams(socket.AF_INET, *addresses)
    if kind == "unix" and len(part) == 2 and all(part):
        return Datagrams(socket.AF_UNIX, *part)
    raise ValueError(text)


class Relay:
    """Carries frames between two ends, which it owns, until `stop` is set."""

    def __init__(self, ends, directions):
        self.ends = ends
        self.directions = directions
        self.stop = False
        self.wanted = False  # a report
        self._waiting = []  # heap of (when, serial, direction, frame)
        self._serial = 0

    def run(self):
        poller = select.epoll()
        for end in self.ends:
            poller.register(end.fileno(), select.EPOLLIN)
        index = {end.fileno(): i for i, end in enumerate(self.ends)}
        while not self.stop:
            ready = poller.poll(self._timeout())
            now = time.monotonic()
            for fd, _ in ready:
                self._take(index[fd], now)
            self._deliver(time.monotonic())
            if self.wanted:
                self.wanted = False
                self.report()
        poller.close()

    def _timeout(self):
        if not self._waiting:
            return LOOK
        left = self._waiting[0][0] - time.monotonic()
        # epoll counts in ms and rounds up: what is due within less is waited for awake.
        return 0 if left <= 0.001 else min(left - 0.001, LOOK)

    def _take(self, i, now):
        end = self.ends[i]
        direction = self.directions[i]
        for _ in range(TAKE):
            try:
                frame = end.receive()
            except BlockingIOError:
                return
            except OSError:
                return  # the interface is down, or the other end went away
            if not frame:
                continue
            for when, out in direction.pass_on(frame, now):
                self._serial += 1
                heapq.heappush(self._waiting, (when, self._serial, i, out))

    def _deliver(self, now):
        waiting = self._waiting
        while waiting and waiting[0][0] <= now:
            when, serial, i, frame = heapq.heappop(waiting)
            try:
                self.ends[1 - i].send(frame)
            except BlockingIOError:
                # The reader is behind; it is not for this link to lose what it cannot take yet.
                if len(waiting) < BACKLOG:
                    heapq.heappush(waiting, (when, serial, i, frame))
                    time.sleep(0.0005)
                    return
                self.directions[i].counters["unsent"] += 1
            except OSError:
                # Nobody there, or no room: as on a real link.
                self.directions[i].counters["unsent"] += 1

    def counters(self):
        return {d.name: d.counters for d in self.directions}

    def report(self):
        print(json.dumps(self.counters()), flush=True)


def overrides(text):
    """{name: value} of "loss=1%,delay=5"."""
    out = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals or name not in FAULTS:
            raise ValueError(text)
        out[name] = FAULTS[name][0](value)
    return out


def parse(argv=None):
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        description="Carry Ethernet frames between two ends over a link with faults.",
        epilog=FORMS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("a", metavar="A", help="one end")
    parser.add_argument("b", metavar="B", help="the other end")
    for name, (kind, default, text) in FAULTS.items():
        metavar = {share: "SHARE", milliseconds: "MS", count: "N"}[kind]
        parser.add_argument("--" + name, type=kind, default=default, metavar=metavar, help=text)
    parser.add_argument("--a-to-b", type=overrides, default={}, metavar="NAME=VALUE,…")
    parser.add_argument("--b-to-a", type=overrides, default={}, metavar="NAME=VALUE,…")
    parser.add_argument("--seed", default="1", help="decides all that chance does (default: 1)")
    return parser.parse_args(argv)


def make(options):
    """The Relay that the command line asks for; OSError and ValueError."""
    both = {name: getattr(options, name) for name in FAULTS}
    directions = [
        Direction("a-to-b", options.seed, {**both, **options.a_to_b}),
        Direction("b-to-a", options.seed, {**both, **options.b_to_a}),
    ]
    ends = []
    try:
        for text in (options.a, options.b):
            ends.append(open_end(text))
    except BaseException:
        for end in ends:
            end.close()
        raise
    return Relay(ends, directions)


def explain(error, options):
    if isinstance(error, FileNotFoundError):
        return "there is no /dev/net/tun, or no such folder; load the kernel's tun module"
    if isinstance(error, PermissionError):
        return "not allowed; run as root, or: ip tuntap add NAME mode tap user YOU"
    return "%s, %s: %s" % (options.a, options.b, error.strerror or error)


def cli():
    options = parse()
    try:
        relay = make(options)
    except ValueError as e:
        fail(f"{e} is not an end: use tap:NAME, udp:IP:PORT:IP:PORT or unix:PATH:PATH")
    except OSError as e:
        fail(explain(e, options))

    def end(signum, frame):
        relay.stop = True

    def tell(signum, frame):
        relay.wanted = True

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGUSR1, tell)
    say("relaying; Ctrl-C ends it")
    try:
        relay.run()
    finally:
        for at in relay.ends:
            at.close()
    relay.report()
    return 0


if __name__ == "__main__":
    sys.exit(main(cli))
