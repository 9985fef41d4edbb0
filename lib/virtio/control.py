# Frostnet: control queue of a network card (Virtio 1.2 §5.1.6.5)
# MIT license; Copyright (c) 2026 The Frostnet authors

import _port
import _virtio
from micropython import const

from virtio import VirtioError
from virtio.requests import Requests

F_CTRL_VQ = const(1 << 17)
F_CTRL_RX = const(1 << 18)
F_GUEST_ANNOUNCE = const(1 << 21)

# Class and command.
_PROMISCUOUS = b"\0\0"
_MAC_TABLE = b"\1\0"
_ANNOUNCE_ACK = b"\3\0"

_OK = const(0)  # the card's answer
_QUEUE = const(2)  # behind the first pair of others
_MACS = const(64)  # more of them count as all
_SIZE = const(2 + 2 * 4 + 6 * (_MACS + 1))  # of the longest command
_PATIENCE = const(250000)  # µs: QEMU answers within 100, unless its machine is very busy

COUNTERS = (
    "ctrl_commands",
    "ctrl_refused",  # the card said no
    "ctrl_lost",  # it said nothing, or broke the rules
)


class Control:
    """Asks a card for what it shall receive, and remembers it for when the card was restarted.

    Made between the transport's negotiate() and ready(), when F_CTRL_VQ was agreed on. `lost`
    tells what is wrong when the card does not answer: it must be reset, after which, asked
    nothing, it receives everything.
    """

    def __init__(self, transport, counters):
        counters.register(COUNTERS)
        self.lost = None
        self._usable = True  # the card did not fail, or was reset since
        self._counters = counters
        self._transport = transport
        self._features = transport.features
        self._requests = Requests(transport, _QUEUE, 1, 2)
        self._memory, self._phys = _virtio.dma(_SIZE + 1, 64)
        self._wanted = None  # the last listen()

    def listen(self, mac, groups, everything):
        """Receive what is for `mac`, for everybody or for one of `groups`; or `everything`.

        Addresses are bytes of 6.
        """
        if not self._features & F_CTRL_RX:
            return
        self._wanted = mac, groups, everything
        if everything or len(groups) > _MACS:
            self._command(_PROMISCUOUS, b"\1")
            return
        # `mac` too: where the card has none of its own it does not know ours.
        table = _table((mac,)) + _table(groups)
        if self._command(_MAC_TABLE, table):
            self._command(_PROMISCUOUS, b"\0")
        else:
            self._command(_PROMISCUOUS, b"\1")

    def announced(self):
        """The network is being told where we are: the card may take its request back."""
        if self._features & F_GUEST_ANNOUNCE:
            self._command(_ANNOUNCE_ACK, b"")

    def restart(self):
        """The card was reset, and runs again."""
        self._requests.clear()
        self._usable = True
        if self._wanted:
            self.listen(*self._wanted)

    # True if the card does it.
    def _command(self, kind, data):
        if not self._usable:
            return False
        requests = self._requests
        memory = self._memory
        n = len(data) + 2
        memory[0:2] = kind
        memory[2:n] = data
        memory[_SIZE] = 0xFF
        self._counters.ctrl_commands += 1
        _port.lock()
        try:
            number = requests.begin()
            requests.put(number, ((self._phys, n),), ((self._phys + _SIZE, 1),))
            requests.flush()
            requests.wait(number, _PATIENCE)
        except VirtioError as e:
            self._lose(e.args[1])
            return False
        except OSError:
            self._lose("%s does not answer" % requests.queue.name)
            return False
        finally:
            _port.unlock()
        if memory[_SIZE] == _OK:
            return True
        self._counters.ctrl_refused += 1
        return False

    def _lose(self, why):
        self._counters.ctrl_lost += 1
        self._usable = False
        if not self._transport.failed():  # that is another story, and it will be restarted anyway
            self.lost = why


# §5.1.6.5.2: how many there are, and what they are.
def _table(macs):
    return len(macs).to_bytes(4, "little") + b"".join(macs)
