# Frostnet: fixtures of the tests that boot the firmware in QEMU
# MIT license; Copyright (c) 2026 The Frostnet authors
"""`board` is a running board with a network card on QEMU's user networking; tests of one module
share it, and one that a failed test left in doubt is thrown away. `boot` starts others. Every
test's frames are captured under build/qemu-tests/ and tshark must find no fault in them."""

import os
import shutil
import signal
import sys
import warnings
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hostlib import capture, lan, packages, peers, qemu
from hostlib.board import FIRMWARE, ROOT, USER_NET, Board
from pytest_frostnet.captures import stem

# One folder per run: two runs at a time must not write to one file.
CAPTURES = ROOT / "build" / "qemu-tests" / str(os.getpid())
TIMEOUT = 60


def pytest_configure(config):
    config.addinivalue_line("markers", "timeout(seconds): limit of one test, instead of 60 s")
    config.addinivalue_line("markers", "lossy: the link fails on purpose; frames may come twice")
    config.addinivalue_line("markers", "hostile: malformed frames are sent on purpose")


def pytest_collection_modifyitems(items):
    booting = [item for item in items if "qemu" in item.path.parts]
    if not booting:
        return
    # Real peers keep real time, which a busy machine does not give them: what fails is run once
    # more, on a board of its own. pytest's summary names it (RERUN), with what it said.
    for item in booting:
        item.add_marker(pytest.mark.flaky(reruns=1))
    if not FIRMWARE.exists():
        pytest.exit(f"{FIRMWARE} is missing: run make firmware", 1)
    if not qemu.available():
        pytest.exit("qemu-system-aarch64 is missing: run tools/setup.py run", 1)


@pytest.fixture(scope="session", autouse=True)
def _captures():
    for old in CAPTURES.parent.glob("*"):
        if not os.path.exists(f"/proc/{old.name}"):
            shutil.rmtree(old, ignore_errors=True)
    CAPTURES.mkdir(parents=True)
    if not capture.available():
        warnings.warn("tshark is missing: captures are not checked", stacklevel=1)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    item.stash[_FAILED] = False  # it may be the second run
    item.stash[_BOARDS] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
        for board in item.stash.get(_BOARDS, ()):
            report.sections.append(("console of the board", board.log()[-8000:]))
    return report


_FAILED = pytest.StashKey[bool]()
_BOARDS = pytest.StashKey[list]()


@pytest.fixture(autouse=True)
def _deadline(request):
    """No test hangs: past its time limit it fails where it stands."""
    marker = request.node.get_closest_marker("timeout")
    limit = marker.args[0] if marker else TIMEOUT

    def expired(signum, frame):
        pytest.fail(f"the test did not end in {limit} s")

    before = signal.signal(signal.SIGALRM, expired)
    signal.setitimer(signal.ITIMER_REAL, limit)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


class Captured:
    """The captures of one test, checked when the boards have written all of it."""

    def __init__(self, request):
        self._node = request.node
        self._stem = stem(request.node.nodeid)
        if getattr(self._node, "execution_count", 1) > 1:
            self._stem += "-again"  # what the first run captured is worth a look
        self._paths = []

    def path(self):
        """A file name for one more capture."""
        self._paths.append(CAPTURES / f"{self._stem}-{len(self._paths)}.pcap")
        return self._paths[-1]

    def until_now(self, board):
        """What `board` sent and received so far: a capture that is complete."""
        board.qemu.end_capture()
        path = self._paths[-1]
        board.qemu.capture(self.path())
        return path

    def check(self):
        """tshark's verdict; says nothing about a test that failed anyway."""
        if self._node.stash.get(_FAILED, False) or not capture.available():
            return
        hostile = self._node.get_closest_marker("hostile")
        lossy = self._node.get_closest_marker("lossy")
        for path in self._paths:
            if path.exists() and not capture.is_empty(path) and not hostile:
                capture.check(path, lossless=not lossy)


@pytest.fixture
def captured(request):
    it = Captured(request)
    yield it
    it.check()


def _show(request, board):
    request.node.stash.setdefault(_BOARDS, []).append(board)


@pytest.fixture
def boot(request, captured):
    """A function that boots a board with the arguments of hostlib.board.Board, captures its
    frames, and ends it after the test."""
    boards = []

    def make(netdev=USER_NET, args=(), **kw):
        if netdev:
            args = [*args, "-object", f"filter-dump,id=cap0,netdev=n0,file={captured.path()}"]
        board = Board(netdev=netdev, args=args, **kw)
        boards.append(board)
        _show(request, board)
        return board

    yield make
    for board in boards:
        board.close()


class _Shared:
    """The board of a module: booted at the first use, again after a failure."""

    board = None

    def get(self):
        if self.board is None:
            self.board = Board()
            try:
                self.board.wait_prompt()
                self.board.wait_lease()
            except BaseException:
                self.drop()
                raise
        return self.board

    def drop(self):
        if self.board is not None:
            self.board.close()
            self.board = None


@pytest.fixture(scope="module")
def _shared():
    shared = _Shared()
    yield shared
    shared.drop()


@pytest.fixture
def board(request, _shared, captured):
    """A board whose network is up; on_board.py is loaded, and globals of earlier
    tests may be there."""
    board = _shared.get()
    _show(request, board)
    board.load()
    path = captured.path()
    board.qemu.capture(path)
    yield board
    if request.node.stash.get(_FAILED, False) or not board.qemu.alive():
        _shared.drop()
    else:
        board.console.recover()
        board.qemu.end_capture()


@pytest.fixture
def http():
    with peers.Http() as server:
        yield server


@pytest.fixture(scope="session")
def index(tmp_path_factory):
    """A package index for mip, with all of tools/fetch_packages.py; see hostlib/packages.py."""
    with packages.index(tmp_path_factory.mktemp("index")) as server:
        yield server


@pytest.fixture(scope="session")
def program():
    """A function that gives the path of a program of tools/fetch_peers.py. They are fetched here,
    where no test's time limit runs."""
    packages.program("mosquitto")
    return packages.program


@pytest.fixture(scope="session")
def _lan_missing():
    return lan.missing()


@pytest.fixture
def wire(_lan_missing, tmp_path):
    """A `Lan`: TAP device, kernel and dnsmasq in a namespace of the test's own."""
    if _lan_missing:
        pytest.skip(_lan_missing)
    with lan.Lan(tmp_path) as it:
        yield it


def pytest_report_header(config):
    return f"firmware: {os.path.relpath(FIRMWARE)}, QEMU: {qemu.PROGRAM}"
