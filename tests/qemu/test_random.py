# Frostnet: where random numbers come from
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket
import threading

import pytest

WEAK = (
    "random: numbers can be guessed, as nothing seeds them; "
    "start QEMU with -device virtio-rng-device"
)
NO_SEED = ["-M", "dtb-randomness=off"]  # none in the device tree


def complaints(board, start=0):
    board.wait_prompt(start=start)
    text = board.console.serial.data(start).decode()
    return [line for line in text.splitlines() if line.startswith("random: ")]


def urandom(board):
    return board.eval("__import__('os').urandom(16)")


def seeded(board):
    return board.eval("__import__('_port').seed()")


def reset(board):
    board.console.friendly()
    mark = board.console.serial.mark()
    board.console.serial.write(b"import machine; machine.reset()\r")
    return board.console.serial.expect(b"machine.reset()\r\n", 5, mark)


class Egd:
    """A source of random bytes that QEMU's rng-egd asks: a 2 and how many, answered by as many.
    `asked` has the numbers; while `silent` nothing is answered."""

    def __init__(self, folder):
        self.path = folder / "egd"
        self.asked = []
        self.silent = threading.Event()
        self.changed = threading.Condition()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()
        self.args = ["-chardev", f"socket,id=egd0,path={self.path}"]
        self.args += ["-object", "rng-egd,id=rng0,chardev=egd0"]
        self.args += ["-device", "virtio-rng-device,rng=rng0"]

    def _serve(self):
        self._conn, _ = self._listener.accept()
        while len(request := self._conn.recv(2, socket.MSG_WAITALL)) == 2:
            with self.changed:
                self.asked.append(request[1])
                self.changed.notify_all()
                if not self.silent.is_set():
                    self.answer()

    def answer(self):
        self._conn.sendall(bytes(range(self.asked[-1])))

    def wait(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.asked) >= count, 20), self.asked

    def close(self):
        self._listener.close()


@pytest.fixture
def egd(tmp_path):
    source = Egd(tmp_path)
    yield source
    source.close()


def test_without_any_source_the_board_says_so(boot):
    boards = [boot(netdev=None, args=NO_SEED) for _ in range(2)]
    seen = set()
    for board in boards:
        assert complaints(board) == [WEAK]
        assert seeded(board) is False
        seen.add(urandom(board))
    # What there is is mixed all the same: every start, and every reset, has other numbers.
    assert complaints(board, reset(board)) == [WEAK]
    seen.add(urandom(board))
    assert len(seen) == 3


@pytest.mark.parametrize(
    "args",
    [
        [],  # the device tree's seed
        [*NO_SEED, "-cpu", "max"],  # RNDR
        [*NO_SEED, "-device", "virtio-rng-device"],
        [*NO_SEED, "-device", "virtio-rng-device,max-bytes=8,period=20"],
        [*NO_SEED, "-device", "virtio-rng-pci"],
    ],
    ids=["device-tree", "rndr", "virtio-rng", "virtio-rng-slow", "virtio-rng-pci"],
)
def test_sources(boot, args):
    board = boot(netdev=None, args=args)
    assert complaints(board) == []
    assert seeded(board) is True
    if not args:
        # It was wiped: a program that reads the tree does not learn it.
        seeds = "[bytes(n.props['rng-seed']) for n in fdt.tree() if 'rng-seed' in n.props]"
        assert board.exec(f"import fdt\nprint({seeds})") == "[%r]\n" % bytes(32)
    before = urandom(board)
    board.soft_reset()
    assert complaints(board) == [] and urandom(board) != before


def test_virtio_rng_is_asked_at_the_start_and_again(boot, egd):
    board = boot(netdev=None, args=[*NO_SEED, *egd.args])
    assert complaints(board) == []
    assert egd.asked == [64]
    # As the timer does every five minutes. The bytes come in by interrupt.
    board.exec("import entropy; given = []; entropy.sources[0]._give = given.append")
    board.exec("entropy.reseed()")
    egd.wait(2)
    code = "import time\nfor i in range(1000):\n if given: break\n time.sleep_ms(5)\nprint(given)"
    assert board.exec(code) == "[%r]\n" % bytes(range(64))


def test_a_source_that_is_late_does_not_hold_up_the_start(boot, egd):
    egd.silent.set()
    board = boot(netdev=None, args=[*NO_SEED, *egd.args])
    assert complaints(board) == [WEAK]
    assert seeded(board) is False
    egd.wait(1)
    egd.answer()
    board.exec("import time, _port\nwhile not _port.seed(): time.sleep_ms(5)", 20)
    assert seeded(board) is True
