# Frostnet: every kind of virtqueue at QEMU's devices, and devices that ask for a reset
# MIT license; Copyright (c) 2026 The Frostnet authors

import pytest

from hostlib import pattern, peers

SIZE = 2_000_000
HOST = "10.0.2.2"

# Everything that rings can be, and what is switched off by name to get the others.
CARDS = ["virtio-net-device,packed=on"]
CARDS += ["virtio-net-pci,packed=on,disable-legacy=on,iommu_platform=on"]
DISK = ["-blockdev", "driver=null-co,node-name=d0,size=1048576,read-zeroes=on,read-only=on"]
DISK += ["-device", "virtio-blk-device,drive=d0,serial=abcdefghijklmnopqrst,packed=on"]
KINDS = {
    "packed, events": "",
    "packed": "event_idx",
    "split, events": "packed",
    "split": "packed,event_idx",
}

CARD = """
import netup, frostnet.runtime
from virtio import features

def card():
    return frostnet.runtime.current().stack.ifaces[0].dev

def restart(names):
    features.switch_off(names.split(",") if names else ())
    netup.boot()

def kind():
    q = card()._rxq
    return ("packed" if q.packed else "split") + (", events" if q.event_idx else "")

# A buffer of no bytes: QEMU declares the device broken (Virtio 1.2 §2.1.2).
def break_card():
    dev = card()
    dev.tx()
    queue = dev._txq
    queue.desc[queue.staged] = 0
    queue.next += 1
    queue.publish()
"""


@pytest.fixture(params=CARDS, ids=["mmio", "pci"])
def card_board(request, boot):
    board = boot(modern=True, card=request.param, args=["-append", "without=event_idx,checksums"])
    board.wait_prompt()
    board.load()
    board.exec(CARD)
    return board


def transfer(board):
    """Both ways, bit-exact."""
    with peers.Source(SIZE) as source:
        digest = board.exec(f"recv({source.port}, True)", 40).strip()
    assert digest == pattern.sha256(SIZE)
    with peers.Sink() as sink:
        board.exec(f"send({sink.port}, {SIZE})", 40)
        assert sink.done.acquire(timeout=20)
    assert sink.results[0][1:] == (SIZE, pattern.sha256(SIZE))


@pytest.mark.timeout(150)
def test_every_kind_of_ring_carries_frames(card_board):
    board = card_board
    assert "settings: without: no virtio feature is called 'checksums'" in board.log()
    for kind, names in KINDS.items():
        board.exec(f"restart({names!r})")
        assert board.wait_lease(30) == "10.0.2.15"
        assert board.exec("print(kind())").strip() == kind
        transfer(board)
        assert board.eval("card().counters.restarts") == 0


@pytest.mark.lossy
@pytest.mark.timeout(120)
def test_a_card_that_asks_for_a_reset_gets_it_and_connections_live_on(card_board):
    board = card_board
    for times, names in enumerate(("", "packed,event_idx"), 1):
        board.exec(f"restart({names!r})")
        assert board.wait_lease(30) == "10.0.2.15"
        with peers.TcpEcho() as echo:
            out = board.exec(
                "import socket\n"
                "s = socket.socket()\n"
                "s.settimeout(20)\n"
                f"s.connect(('{HOST}', {echo.port}))\n"
                "s.send(b'before')\n"
                "got = s.recv(6)\n"
                "break_card()\n"
                "s.send(b'after')\n"
                "print(got, s.recv(5), card().counters.restarts, card().error)\n"
                "s.close()",
                60,
            )
        assert out == "b'before' b'after' 1 None\n", (times, out)
        transfer(board)


# A disk's serial number is asked for and answered in chains of two to five pieces (§5.2.6).
REQUESTS = """
from virtio import VirtioError, devices
from virtio.requests import Requests
import _virtio, struct

device = devices.find(devices.BLOCK)[0]  # nobody else uses it: it is read-only and empty
memory, phys = _virtio.dma(4 * 64)
header = struct.pack("<IIQ", 8, 0, 0)
serial = b"abcdefghijklmnopqrst"

def begin(names):
    global r
    device.exclude(names)
    device.negotiate(0)
    r = Requests(device, 0, 4, 5)
    device.ready()
    return r.queue.packed, r.queue.event_idx

def ask(turns):
    wrong = 0
    for turn in range(turns):
        numbers = []
        while r.begin() >= 0:
            number = r.begin()
            at = 64 * number
            memory[at : at + 64] = header + bytes(20) + bytes((99,)) * 28
            cut = turn % 16
            out, into = [(phys + at, 16)], [(phys + at + 16, 21)]
            if cut & 1:
                out = [(phys + at, cut), (phys + at + cut, 16 - cut)]
            if cut & 2:
                into = [(phys + at + 16, cut), (phys + at + 16 + cut, 21 - cut)]
            if cut & 4:
                into = into[:-1] + [(into[-1][0], into[-1][1] - 1), (phys + at + 36, 1)]
            r.put(number, out, into)
            numbers.append(number)
        r.flush()
        for number in numbers:
            at = 64 * number
            if r.wait(number, 20000000) != 21:
                wrong += 1
            if memory[at + 16 : at + 36] != serial or memory[at + 36] != 0:
                wrong += 1
            if memory[at + 37 : at + 64] != bytes((99,)) * 27:
                wrong += 1
    return wrong, r.pending()

# A request without a place for its status: QEMU declares the device broken (Virtio 1.2 §2.1.2).
def break_device():
    number = r.begin()
    r.put(number, [(phys, 16)])
    r.flush()
    try:
        r.wait(number, 20000000)
    except VirtioError as e:
        reason = e.args[1]
    device.restart()
    r.clear()
    device.ready()
    return reason
"""


@pytest.mark.timeout(120)
def test_chains_of_every_kind(boot):
    # Virtio 1.2 §2.7.5, §2.7.5.3, §2.8.6, §2.8.7
    board = boot(modern=True, args=DISK)
    board.wait_prompt()
    board.exec(REQUESTS)
    for ring in ("", "packed"):
        for names in ("", "event_idx", "indirect_desc", "indirect_desc,event_idx"):
            off = [name for name in (ring + "," + names).split(",") if name]
            assert board.eval(f"begin({off!r})") == (ring == "", "event_idx" not in names)
            assert board.eval("ask(160)", 40) == (0, 0), off
            assert "asks for a reset" in board.eval("break_device()", 40), off
            assert board.eval("ask(20)", 40) == (0, 0), off
