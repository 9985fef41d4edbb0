# Frostnet: what is typed at the serial port: Ctrl-C at any moment, and nothing is lost
# MIT license; Copyright (c) 2026 The Frostnet authors

import random
import time

import pytest

from hostlib.console import CTRL_C, CTRL_D

PROMPT = b"\r\n>>> "
FOREVER = b"while True: pass\n"


@pytest.fixture
def serial(board):
    """The serial line of a board at its prompt."""
    board.console.friendly()
    return board.console.serial


@pytest.mark.timeout(120)
def test_ctrl_c_right_behind_a_program(board, serial):
    """It may come before the program runs, when the interpreter does not look for it yet."""
    board.console.raw()
    for _ in range(200):
        mark = serial.mark()
        serial.write(FOREVER + CTRL_D + CTRL_C)
        end = serial.expect(CTRL_D + b">", 20, mark)
        assert b"KeyboardInterrupt" in serial.data(mark, end)


def test_ctrl_c_right_behind_a_line(serial):
    mark = serial.mark()
    for _ in range(50):
        serial.write(b"while True: pass\r\r" + CTRL_C)
        mark = serial.expect(b"KeyboardInterrupt: \r\n>>> ", 20, mark)


def test_ctrl_c_takes_with_it_what_was_typed_before_it(serial):
    """As in any terminal; what was typed after it stays."""
    mark = serial.mark()
    serial.write(b"while True: pass\r\rprint('bef' + 'ore')\r" + CTRL_C + b"print('aft' + 'er')\r")
    end = serial.expect(b"\r\nafter\r\n>>> ", 20, mark)
    text = serial.data(mark, end)
    assert b"KeyboardInterrupt" in text and b"before" not in text


def test_ctrl_c_at_the_prompt(serial):
    mark = serial.mark()
    for text in (b"half a line", b"", b"'''two\rlines"):
        serial.write(text + CTRL_C)
        mark = serial.expect(PROMPT, 20, mark)
    serial.write(b"6 * 7\r")
    serial.expect(b"6 * 7\r\n42\r\n>>> ", 20, mark)


def test_what_is_typed_ahead_is_kept(serial):
    """Lines for the prompt and for a program, while the board is busy."""
    mark = serial.mark()
    serial.write(b"import time; time.sleep(0.5); print(input(), input())\rone\rtwo\r'thr' 'ee'\r")
    end = serial.expect(b"\r\n'three'\r\n>>> ", 20, mark)
    assert b"\r\none two\r\n" in serial.data(mark, end)


def test_bytes_for_a_program_that_wants_ctrl_c_too(board, serial):
    board.start(
        "import micropython, sys\nmicropython.kbd_intr(-1)\nprint('ready')\n"
        "got = sys.stdin.buffer.read(4)\nmicropython.kbd_intr(3)\nprint(got)"
    )
    serial.expect(b"ready\r\n", 20, board.console._begin)
    serial.write(b"\x00\x03\x03\xff")
    assert "b'\\x00\\x03\\x03\\xff'" in board.finish()


@pytest.mark.timeout(120)
def test_pieces_of_any_size_come_and_go_whole(board, serial):
    """Sizes around those of the UART's FIFO, QEMU's buffers and the board's ring."""
    rng = random.Random(1)
    board.start(
        "import micropython, sys\nmicropython.kbd_intr(-1)\nprint('ready')\n"
        "while n := int.from_bytes(sys.stdin.buffer.read(4), 'big'):\n"
        "    sys.stdout.buffer.write(sys.stdin.buffer.read(n))"
    )
    mark = serial.expect(b"ready\r\n", 20, board.console._begin)
    sizes = [1, 2, 15, 16, 17, 31, 32, 33, 4095, 4096, 32767, 32768, 70_000]
    for size in sizes + [rng.randrange(1, 300) for _ in range(150)]:
        data = rng.randbytes(size)
        serial.write(size.to_bytes(4, "big") + data)
        serial.expect(data, 30, mark)
        mark += size
        assert serial.mark() == mark
    serial.write(bytes(4))
    board.finish()


@pytest.mark.timeout(120)
def test_what_comes_while_the_board_is_reset(boot):
    """QEMU announces a byte only if it is the first in the UART's FIFO, and a reset of the machine
    does not empty that one (QEMU 7.2): what comes before the board looks must not be all."""
    board = boot(netdev=None)
    board.wait_prompt()
    serial = board.console.serial
    for _ in range(12):
        mark = serial.mark()
        serial.write(b"import machine; machine.reset()\r")
        end = time.monotonic() + 30
        while b"MicroPython v" not in serial.data(mark) and time.monotonic() < end:
            serial.write(b"\r")
        mark = serial.expect(b"MicroPython v", 1, mark)
        mark = serial.expect(PROMPT, 30, mark)
        serial.write(b"\r'still' 'here'\r")
        serial.expect(b"'stillhere'", 20, mark)
