# Frostnet: console device (Virtio 1.2 §5.3): its first port, as a stream
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno
import io
import time

import _port
import _virtio
from micropython import const

from virtio import VirtioError, devices
from virtio.requests import Requests

_RX, _TX = const(0), const(1)  # queues
_BUFFERS = const(16)  # pieces of output that the device may have
_SIZE = const(1024)

_POLL, _CLOSE = const(3), const(4)  # requests of ioctl()
_RD, _WR, _HUP = const(1), const(4), const(0x10)

_NONE = (
    "there is no virtio-console; start QEMU with -device virtio-serial-device "
    "-chardev file,id=log,path=log.txt -device virtconsole,chardev=log"
)


class Console(io.IOBase):
    """A stream to QEMU's character device. It never waits to read; `patience` is the time in ms
    that write() waits for room. After `error`, a VirtioError, nothing is sent or comes any more.
    """

    def __init__(self, transport):
        self.patience = 1000
        self.error = None
        self._transport = transport
        transport.negotiate(0)
        self._in = Requests(transport, _RX, 1, 1)
        self._out = Requests(transport, _TX, _BUFFERS, 1)
        self._memory, self._phys = _virtio.dma(_SIZE * (1 + self._out.depth), 64)
        self._at = self._end = 0  # input that was not read yet
        transport.ready()
        self._ask()
        transport.wake()

    def write(self, data):
        """Send all of `data`; how many bytes were, fewer if there was no room for long, None for
        none. VirtioError if the device is broken."""
        return self.send(data, self.patience) or (None if len(data) else 0)

    def send(self, data, patience):
        """The same with another patience, in ms; always returns how many bytes were sent."""
        data = memoryview(data)
        n = len(data)
        sent = self._offer(data)
        start = time.ticks_ms()
        while sent < n and time.ticks_diff(time.ticks_ms(), start) < patience:
            time.sleep_ms(1)
            took = self._offer(data[sent:])
            if took:
                sent += took
                start = time.ticks_ms()
        return sent

    def readinto(self, buf):
        """Take what has come, as much as fits; None for nothing."""
        _port.lock()
        try:
            n = min(self._available(), len(buf))
            if not n:
                return None
            buf[:n] = self._memory[self._at : self._at + n]
            self._at += n
            if self._at == self._end:
                self._ask()
            return n
        finally:
            _port.unlock()

    def read(self, n=_SIZE):
        """Up to `n` bytes that have come, None for nothing."""
        buf = bytearray(min(n, _SIZE) if n >= 0 else _SIZE)
        n = self.readinto(buf)
        return None if n is None else bytes(buf[:n])

    def ioctl(self, request, arg):
        if request == _POLL:
            _port.lock()
            try:
                ready = _RD if self._available() else 0
                ready |= _WR if self._room() >= 0 else 0
            except VirtioError:
                return _HUP
            finally:
                _port.unlock()
            return ready & arg
        return 0 if request == _CLOSE else -errno.EINVAL

    # Send what there is room for now; how many bytes.
    def _offer(self, data):
        _port.lock()
        try:
            self._check()
            r = self._out
            sent = 0
            number = self._room()
            while number >= 0 and sent < len(data):
                piece = data[sent : sent + _SIZE]
                n = len(piece)
                at = (1 + number) * _SIZE  # what is before the first is for input
                self._memory[at : at + n] = piece
                r.put(number, ((self._phys + at, n),))
                sent += n
                number = r.begin()
            r.flush()
            return sent
        finally:
            _port.unlock()

    # The number of the next piece of output, -1 if the device has them all.
    def _room(self):
        r = self._out
        while r.poll() >= 0:
            pass
        return r.begin()

    def _available(self):
        if self._at == self._end:
            self._check()
            number = self._in.poll()
            if number >= 0:
                self._at = 0
                self._end = self._in.written(number)
                if not self._end:
                    self._ask()
        return self._end - self._at

    # Give the device room for input.
    def _ask(self):
        r = self._in
        number = r.begin()
        if number >= 0:
            r.put(number, (), ((self._phys, _SIZE),))
            r.queue.interrupts(True)  # so that who waits for input wakes up
            r.flush()

    def _check(self):
        if self.error:
            raise self.error
        transport = self._transport
        if self._in.queue.broken or self._out.queue.broken or transport.failed():
            try:
                transport.restart()
                self._in.clear()
                self._out.clear()
                transport.ready()
                self._ask()
            except VirtioError as e:
                self.error = e
                raise


_open = {}  # transport: Console


def open(index=0):
    """The `Console` of the device number `index`; the same one each time.

    OSError(ENODEV) if there is none, VirtioError if it does not work.
    """
    found = devices.find(devices.CONSOLE)
    if not 0 <= index < len(found):
        raise OSError(errno.ENODEV, _NONE)
    transport = found[index]
    if transport not in _open:
        _open[transport] = Console(transport)
    return _open[transport]
