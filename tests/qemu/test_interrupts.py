# Frostnet: interrupt controllers, lines that devices share, interrupts by message
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The board makes its own interrupts: the clock's alarm raises a line that words in DMA memory
share with it, and a store by the CPU is a message of PCI's requester 0, as an ITS sees it."""

import pytest

_SAID = """
import _virtio as v, time
got = []
def note(name):
    return lambda irq: got.append((name, irq.take()))
def said():
    time.sleep_ms(50)
    out = sorted(set(got))
    got.clear()
    return out
"""

# PL031: match 0x04, mask 0x10, masked status 0x18, clear 0x1c. It is the only one on its line.
_LINE = """
CLOCK = 0x09010000
LINE = 34
words, phys = v.dma(16)
words = v.view(phys, 4, "I")
def alarm():
    now = None
    while now != v.r32(CLOCK):
        now = v.r32(CLOCK)
        v.w32(CLOCK + 4, now)
    return said()
v.w32(CLOCK + 0x10, 1)
"""

_CLOCK = """
clock = v.IRQ(LINE, note("clock"), CLOCK + 0x18, CLOCK + 0x1c)
"""

_OTHERS = """
other = v.IRQ(LINE, note("other"), phys, phys + 4)
byte = v.IRQ(LINE, note("byte"), phys + 8)
"""

_MESSAGES = """
m = v.MSI(0, note("m"), 3, 2)
def send(*numbers):
    for n in numbers:
        v.w32(m.address, m.data + n)
    return said()
"""


def test_devices_share_a_line(board):
    board.exec(_SAID + _LINE + _CLOCK + _OTHERS)
    assert board.eval("alarm()") == []
    board.exec("clock.enable()")
    assert board.eval("said()") == [("clock", 1)], "a line that was up before enable() was lost"
    # Every device on the line is asked, and keeps what it said until its interrupt is enabled.
    board.exec("words[0] = 6")
    assert board.eval("alarm()") == [("clock", 1)]
    assert board.eval("words[1]") == 6
    board.exec("words[0] = 0; other.enable()")
    assert board.eval("said()") == [("other", 6)]
    # Reading is all that a byte's device wants.
    board.exec("words[0] = 1; words[2] = 0x103; byte.enable()")
    assert board.eval("alarm()") == [("byte", 3), ("clock", 1), ("other", 1)]
    # One device's disable() leaves the line to the others.
    board.exec("words[0] = words[2] = 0; other.disable(); byte.disable()")
    assert board.eval("alarm()") == [("clock", 1)]
    board.exec("clock.disable()")
    assert board.eval("alarm()") == []
    board.soft_reset()


def test_a_line_that_nobody_explains_waits_for_take(board):
    board.exec(_SAID + _LINE)
    board.exec("deaf = v.IRQ(LINE, lambda irq: got.append(('deaf', 0)), phys + 4)")
    board.exec("deaf.enable()")
    # The line is up all the time, and the board is not busy with it.
    assert board.eval("alarm()") == [("deaf", 0)]
    assert board.eval("said()") == []
    assert board.eval("deaf.take()") == 0
    assert board.eval("said()") == [("deaf", 0)]
    board.exec(_CLOCK + "clock.enable()")
    assert board.eval("said()") == [("clock", 1)]
    board.soft_reset()


@pytest.mark.parametrize("gic", ["2", "3", "max,virtualization=on"])
def test_messages(boot, gic):
    board = boot(args=["-M", "virt,gic-version=" + gic])
    board.wait_prompt()
    assert board.wait_lease() == "10.0.2.15"
    board.exec(_SAID + _MESSAGES)
    for _ in range(2):
        assert board.eval("send(0)") == []
        board.exec("m.enable()")
        assert board.eval("said()") == [("m", 1)], "a message before enable() was lost"
        assert board.eval("send(0)") == [("m", 1)]
        assert board.eval("send(1)") == [("m", 2)]
        assert sum(bits for _, bits in board.eval("send(1, 0)")) == 3  # together, or one by one
        board.exec("m.disable()")
        board.exec(_MESSAGES)  # attached again, they are the same messages
    board.exec("n = v.MSI(0, note('n'), 5)\nn.enable()\nv.w32(n.address, n.data)")
    assert board.eval("said()") == [("n", 1)]
    # 4 is attached already.
    for bad in "0, print, 4, 2", "0, print, 0, 17", "0, print, -1", "-1, print":
        code = f"try:\n v.MSI({bad})\nexcept ValueError:\n print('refused')"
        assert board.exec(code) == "refused\n", bad
    # What the controller has comes to an end by an error that a driver can act on.
    code = "try:\n for n in range(1, 100):\n  v.MSI(8 * n, print, 0, 8)\n"
    assert int(board.exec(code + "except (OSError, RuntimeError):\n print(n)")) > 6
    assert board.exec("import net; print(net.ping('10.0.2.2', count=1, quiet=True).received)") == (
        "1\n"
    )
    # A soft reset takes all of them back, and what came for the program before.
    assert board.eval("send(0)") == []
    board.soft_reset()
    assert board.wait_lease() == "10.0.2.15"
    board.exec(_SAID + _MESSAGES + "m.enable()")
    assert board.eval("said()") == []
    assert board.eval("send(1)") == [("m", 2)]


def test_without_messages_the_board_says_so_to_its_drivers(boot):
    board = boot(args=["-M", "virt,gic-version=3,its=off", "-smp", "4"])
    board.wait_prompt()
    assert board.wait_lease() == "10.0.2.15"
    code = "import _virtio\ntry:\n _virtio.MSI(0, print)\nexcept OSError as e:\n print(e)"
    assert board.exec(code) == "[Errno 19] ENODEV\n"


def test_secure_world_is_refused_in_one_sentence(boot):
    board = boot(netdev=None, args=["-M", "virt,secure=on", "-smp", "4"])
    board.console.serial.expect(b"leave out secure=on.\r\n", 20)
    assert board.log().count("\n") == 1, board.log()


def test_cards_behind_pci_share_lines(boot):
    # PCI has four lines: of six cards two pairs share one each, since no messages are to be had.
    args = ["-M", "virt,gic-version=3,its=off"]
    gateways = ["10.0.2.2"]
    for n in range(1, 6):
        args += ["-netdev", f"user,id=n{n},net=10.0.{10 + n}.0/24"]
        args += ["-device", f"virtio-net-pci,netdev=n{n}"]
        gateways.append(f"10.0.{10 + n}.2")
    board = boot(args=args, card="virtio-net-pci")
    board.wait_prompt()
    for _ in range(2):
        board.wait_lease()
        board.exec("import net")
        for n, gateway in enumerate(gateways):
            board.exec(f"net.up(name='eth{n}')")
            ping = f"net.ping('{gateway}', count=3, interval=0.02, quiet=True).received"
            assert board.eval(ping) >= 2, gateway
        board.soft_reset()
