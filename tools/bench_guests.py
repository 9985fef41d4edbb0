# Frostnet: the two guests of the benchmark, with one face
# MIT license; Copyright (c) 2026 The Frostnet authors
"""A guest can ping, receive from and send to a port of the host, and serve echo and greeting; the
figures are taken by the same host side programs for both."""

import contextlib
import re

import bench_linux  # first: it makes hostlib importable
from hostlib import peers
from hostlib.board import USER_NET, Board, LeaseWatch
from hostlib.console import SocketSerial
from hostlib.qemu import Qemu

UDP_ECHO, TCP_ECHO, GREET = ("udp", 7), ("tcp", 7), ("tcp", 13)
_PING_TIME = re.compile(r"time=([0-9.]+) ms")


class UserNet:
    """QEMU's user networking: where guests find the host, and programs on it listen."""

    netdev = USER_NET
    prefix = ()
    host = "10.0.2.2"
    listen = peers.LOCALHOST

    def inside(self):
        return contextlib.nullcontext()


class FrostnetGuest:
    """The firmware. On a `net` other than user networking nobody watches for the lease."""

    name = "frostnet"

    def __init__(self, workdir, firmware=None, args=(), net=None):
        self.net = net or UserNet()
        watch = None if net else LeaseWatch(workdir)
        args = [*args, *(watch.args if watch else ())]
        self.board = Board(self.net.netdev, args=args, prefix=self.net.prefix, firmware=firmware)
        self.qemu = self.board.qemu
        self.prompt_seconds = self.board.wait_prompt()
        self.lease_seconds = watch and watch.finish(self.qemu)

    def prepare(self):
        """Load the board's side of the measurements; returns heap bytes in use before that."""
        self.board.wait_lease()
        heap = self.board.exec("import gc; gc.collect(); print(gc.mem_alloc(), gc.mem_free())")
        self.board.load()
        return tuple(int(n) for n in heap.split())

    def ping(self, count):
        code = f"import net; net.ping('10.0.2.2', count={count}, interval=0.02)"
        return [float(ms) for ms in _PING_TIME.findall(self.board.exec(code, 60))]

    @contextlib.contextmanager
    def receiving(self, port, hashing=False):
        """Connect to the host's `port` and read to the end; gives a list for what is printed."""
        yield from self._running(f"recv({port}, {hashing}, {self.net.host!r})")

    @contextlib.contextmanager
    def sending(self, port, size):
        yield from self._running(f"send({port}, {size}, {self.net.host!r})")

    def _running(self, code):
        output = []
        self.board.start(code)
        yield output
        output.append(self.board.finish(60))

    @contextlib.contextmanager
    def serving(self, service):
        """Run a service; gives the port of 127.0.0.1 that leads to it."""
        proto, port = service
        function = {UDP_ECHO: "udp_echo", TCP_ECHO: "tcp_echo", GREET: "greet"}[service]
        self.board.serve(f"{function}({port})")
        try:
            yield self.board.forward(proto, port)
        finally:
            self.board.interrupt()

    def idle(self):
        self.board.console.friendly()

    def close(self):
        self.board.close()


class LinuxGuest:
    """Debian's kernel with busybox and tools/bench_guest.c."""

    name = "linux"

    def __init__(self, workdir, image, args=(), net=None):
        self.net = net or UserNet()
        watch = None if net else LeaseWatch(workdir)
        args = [*bench_linux.qemu_args(*image), *args, *(watch.args if watch else ())]
        args += ["-netdev", self.net.netdev, "-device", "virtio-net-device,netdev=n0,id=net0"]
        self.qemu = Qemu(args, memory="256M", prefix=self.net.prefix)
        self._serial = SocketSerial(self.qemu.serial)
        self._forwarded = {}
        end = self._serial.expect(bench_linux.PROMPT.encode(), 60)
        self.prompt_seconds = self._serial.time_of(end) - self.qemu.started
        self.lease_seconds = watch and watch.finish(self.qemu)

    def prepare(self):
        text = self._shell("cat /proc/meminfo")
        total, free = (int(re.search(f"{k}: +([0-9]+)", text)[1]) * 1024
                       for k in ("MemTotal", "MemAvailable"))  # fmt: skip
        return total - free, free

    def _shell(self, line, timeout=60):
        mark = self._serial.mark()
        self._serial.write(line.encode() + b"\n")
        end = self._serial.expect(bench_linux.PROMPT.encode(), timeout, mark)
        return self._serial.data(mark, end - len(bench_linux.PROMPT)).decode()

    def ping(self, count):
        text = self._shell(f"ping -c {count} -i 0.02 10.0.2.2")
        return [float(ms) for ms in _PING_TIME.findall(text)]

    @contextlib.contextmanager
    def receiving(self, port, hashing=False):
        tail = " -o | sha256sum | cut -c-64" if hashing else ""
        yield from self._running(f"guest recv {self.net.host} {port}{tail}")

    @contextlib.contextmanager
    def sending(self, port, size):
        yield from self._running(f"guest send {self.net.host} {port} {size} < /block")

    def _running(self, line):
        output = []
        mark = self._serial.mark()
        self._serial.write(line.encode() + b"\n")
        yield output
        end = self._serial.expect(bench_linux.PROMPT.encode(), 60, mark)
        output.append(self._serial.data(mark, end - len(bench_linux.PROMPT)).decode())

    @contextlib.contextmanager
    def serving(self, service):
        if service not in self._forwarded:
            self._forwarded[service] = self.qemu.forward(*service)
        yield self._forwarded[service]

    def idle(self):
        pass

    def close(self):
        self.qemu.close()
        self._serial.close()
