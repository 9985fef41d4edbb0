# Frostnet: what the _virtio module gives to drivers: windows, DMA memory, resets
# MIT license; Copyright (c) 2026 The Frostnet authors

import pytest

# On the `virt` machine: PCIe's configuration space at 256 GiB, its window at 512 GiB.
_ECAM, _WINDOW = 0x4010000000, 0x8000000000
_HOST_BRIDGE = 0x00081B36  # what QEMU calls the device 00:00.0


def _refused(board, call):
    code = f"import _virtio as v\ntry:\n {call}\n print('taken')\nexcept ValueError:\n print('no')"
    return board.exec(code) == "no\n"


@pytest.mark.parametrize("cpu", ["cortex-a53", "cortex-a72"])  # 40 and 44 bits of address
def test_windows_of_devices(boot, cpu):
    board = boot(netdev=None, args=["-cpu", cpu], memory="2G")
    board.wait_prompt()
    board.exec(f"import _virtio as v\nv.map({_ECAM}, 1 << 28)")
    assert board.eval(f"v.r32({_ECAM})") == _HOST_BRIDGE
    # All of it, though it begins where the first table of 1 GiB entries ends.
    assert board.exec(f"v.map({_WINDOW}, 512 << 30)") == ""
    assert board.exec("v.map(0x10000000, 0x2eff0000)") == ""  # the low window, there already
    for memory in "0x40000000, 4096", "0xbffff000, 4096", "0x3ffff000, 8192":
        assert _refused(board, f"v.map({memory})"), memory
    for nonsense in "0, 4096", "-1, 4096", f"{_WINDOW}, 0", f"{_WINDOW}, -1", "1 << 50, 4096":
        assert _refused(board, f"v.map({nonsense})"), nonsense
    too_far = (1 << 40) - 4096 if cpu == "cortex-a53" else (1 << 44) - 4096
    assert _refused(board, f"v.map({too_far}, 8192)")
    assert board.eval(f"v.r32({_ECAM})") == _HOST_BRIDGE


def test_a_soft_reset_resets_devices(board):
    board.exec(
        "import _virtio as v\n"
        "memory, phys = v.dma(1 << 20)\n"
        "v.at_reset(phys + 500000, 1)\n"
        "v.at_reset(phys + 500000, 0x5a)\n"  # the same register again
        "v.at_reset(phys + 500001, 0xa5)\n"
        "at = phys + 500000"
    )
    at = board.eval("at")
    board.soft_reset()
    assert board.eval("__import__('machine').mem16[%d]" % at) == 0xA55A
    # Only once: a device that is gone is written to no more.
    board.exec("import machine; machine.mem16[%d] = 0" % at)
    board.soft_reset()
    assert board.eval("__import__('machine').mem16[%d]" % at) == 0
    full = "for n in range(100):\n  v.at_reset(%d + n, 0)\nexcept RuntimeError:\n print(n)" % at
    assert int(board.exec("import _virtio as v\ntry:\n " + full)) >= 32
    board.soft_reset()


def test_dma_memory_comes_to_an_end(board):
    board.exec("import _virtio as v")
    code = "try:\n v.dma(1 << 30)\nexcept MemoryError as e:\n print(e)"
    assert "give the machine more memory" in board.exec(code)
    for bad in "0", "-1", "16, 3", "16, 1 << 30":
        assert _refused(board, f"v.dma({bad})"), bad
    for bad in "0x40000000, 1, 'B'", "v.dma(16)[1] + 1, 1, 'H'", "v.dma(16)[1], 1 << 40, 'Q'":
        assert _refused(board, f"v.view({bad})"), bad
