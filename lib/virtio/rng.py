# Frostnet: entropy device (Virtio 1.2 §5.4)
# MIT license; Copyright (c) 2026 The Frostnet authors

import _virtio
from micropython import const

from virtio import VirtioError
from virtio.requests import Requests

_BYTES = const(64)  # asked for at a time
_ENOUGH = const(32)  # what is given on at once: less could be guessed, bit by bit


class Rng:
    """A source of random bytes: `give(data)` gets what it sends, at least 32 bytes at a time.

    `error` is the VirtioError that ended its life, None while it is well.
    """

    def __init__(self, transport, give):
        self._transport = transport
        self._give = give
        self._got = b""
        self.error = None
        transport.negotiate(0)
        self._requests = Requests(transport, 0, 1, 1)
        self._memory, self._phys = _virtio.dma(_BYTES, 64)
        self._irq = transport.irq(self._interrupt)
        transport.ready()

    def listen(self):
        """From now on interrupts call poll(), and nobody else must."""
        self._irq.enable()

    def ask(self):
        """Ask for bytes, unless that was done and they have not come yet."""
        r = self._requests
        number = -1 if self.error else r.begin()
        if number >= 0:
            r.put(number, (), ((self._phys, _BYTES),))
            r.queue.interrupts(True)  # before it could be late
            r.flush()

    def poll(self):
        """Give on what has come; True if bytes that were asked for are still to come."""
        r = self._requests
        number = r.poll()
        if number >= 0:
            n = r.written(number)
            memory = self._memory
            self._got += bytes(memory[:n])
            memory[:n] = bytes(n)
            if len(self._got) >= _ENOUGH:
                self._give(self._got)
                self._got = b""
            elif n:
                self.ask()  # one that is rate-limited sends a few at a time
        elif r.queue.broken or self._transport.failed():
            self._restart()
        return not self.error and r.pending() > 0

    def _interrupt(self, irq):
        irq.take()
        self.poll()

    def _restart(self):
        transport = self._transport
        try:
            transport.restart()
            self._requests.clear()
            transport.ready()
        except VirtioError as e:
            self.error = e
            self._irq.disable()
