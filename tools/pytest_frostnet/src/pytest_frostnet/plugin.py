# Frostnet: pytest's plugin
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Options, the marker `frostnet`, and the fixtures `board`, `boards` and `board_pair`."""

import os
from pathlib import Path

import pytest

from .captures import Captures
from .errors import QemuError, TransportError
from .kit import Kit
from .machine import Machine
from .pool import Pool
from .qemu import PROGRAM
from .testboard import TestBoard
from .wire import Wire

SCOPES = ("function", "module", "session")
KEEP = ("failed", "all", "none")
_MARKER = (
    'frostnet(memory="128M", cpu="cortex-a72", nic="mmio", settings={}, disk=None, forward=[], '
    "args=[]): what the board of this test is made of"
)
_kit = pytest.StashKey[Kit]()
_failed = pytest.StashKey[bool]()
_boards = pytest.StashKey[list]()


def pytest_addoption(parser):
    group = parser.getgroup("frostnet", "boards in QEMU")
    for name, meta, text in (
        ("firmware", "FILE", "the image that boards boot; also FROSTNET_FIRMWARE"),
        ("qemu", "PROGRAM", f"the emulator; also QEMU (default: {PROGRAM})"),
        ("pcap", "DIR", "the folder for captures (default: in pytest's cache, of failed tests)"),
    ):
        group.addoption(f"--frostnet-{name}", metavar=meta, help=text)
    group.addoption(
        "--frostnet-keep",
        choices=KEEP,
        help="which tests' captures are kept (default: all with --frostnet-pcap, else failed)",
    )
    group.addoption(
        "--frostnet-scope",
        choices=SCOPES,
        help="how long tests use the same board, with a soft reset between (default: function)",
    )
    parser.addini("frostnet_firmware", "the image that boards boot, relative to this file")
    parser.addini("frostnet_qemu", "the emulator")
    parser.addini("frostnet_scope", "how long tests use the same board")


def pytest_configure(config):
    config.addinivalue_line("markers", _MARKER)
    firmware = config.getoption("--frostnet-firmware") or os.environ.get("FROSTNET_FIRMWARE")
    if not firmware and config.getini("frostnet_firmware"):
        here = config.inipath.parent if config.inipath else config.rootpath
        firmware = here / config.getini("frostnet_firmware")
    qemu = config.getoption("--frostnet-qemu") or config.getini("frostnet_qemu") or PROGRAM
    config.stash[_kit] = Kit(firmware, qemu)
    if _scope(config) not in SCOPES:
        raise pytest.UsageError(f"frostnet_scope must be one of: {', '.join(SCOPES)}")


def _scope(config):
    return config.getoption("--frostnet-scope") or config.getini("frostnet_scope") or "function"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    item.stash[_failed] = False  # it may be run again
    item.stash[_boards] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        item.stash[_failed] = True
        for board in item.stash.get(_boards, ()):
            report.sections.append(("console of the board", board.log()[-8000:]))
        captures = item.funcargs.get("_frostnet_captures") if hasattr(item, "funcargs") else None
        for path in captures.paths if captures else ():
            report.sections.append(("frames of the board", str(path)))
    return report


class _Trouble:
    """What is wrong with boards is one sentence, and no traceback through this plugin."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, (QemuError, ValueError, TransportError, AssertionError)):
            pytest.fail(f"frostnet: {error}", pytrace=False)


def _machine(node, more=None):
    options = {}
    # The nearest counts most: a test's marker changes some of its module's.
    for marker in reversed(list(node.iter_markers("frostnet"))):
        if marker.args:
            raise ValueError(f"the marker has named arguments only: {_MARKER}")
        options.update(marker.kwargs)
    return Machine.of(**options | (more or {}))


@pytest.fixture
def _frostnet_captures(request):
    config = request.config
    folder = config.getoption("--frostnet-pcap")
    keep = config.getoption("--frostnet-keep") or ("all" if folder else "failed")
    if keep == "none":
        yield None
        return
    captures = Captures(Path(folder) if folder else _cache(request), request.node.nodeid)
    yield captures
    if keep == "failed" and not request.node.stash.get(_failed, False):
        captures.drop()


def _cache(request):
    cache = getattr(request.config, "cache", None)
    if cache is None:  # pytest -p no:cacheprovider
        return request.getfixturevalue("tmp_path_factory").getbasetemp() / "frostnet"
    return Path(cache.mkdir("frostnet"))


def _pool(request):
    factory = request.getfixturevalue("tmp_path_factory")
    pool = Pool(request.config.stash[_kit], lambda: factory.mktemp("board"))
    yield pool
    pool.clear()


_frostnet_function = pytest.fixture(scope="function", name="_frostnet_function")(_pool)
_frostnet_module = pytest.fixture(scope="module", name="_frostnet_module")(_pool)
_frostnet_session = pytest.fixture(scope="session", name="_frostnet_session")(_pool)


@pytest.fixture
def board(request, _frostnet_captures):
    """A board with its network up, at the prompt, with nothing running on it."""
    pool = request.getfixturevalue("_frostnet_" + _scope(request.config))
    with _Trouble():
        board = pool.take(_machine(request.node), _frostnet_captures)
    request.node.stash[_boards].append(board)
    yield board
    if request.node.stash.get(_failed, False):
        board.close()
    else:
        pool.give_back(board)


@pytest.fixture
def boards(request, _frostnet_captures, tmp_path_factory):
    """A function: `boards(count, **options)` gives a list of boards on one wire, whose options are
    those of the marker `frostnet` and those given. They are called board1.local and so on."""
    kit = request.config.stash[_kit]
    opened = []

    def make(count, **options):
        with _Trouble():
            machine = _machine(request.node, options)
            if machine.nic is None:
                raise ValueError("boards on a wire need a card: nic is None")
            wire = Wire(count, kit.qemu, _frostnet_captures and _frostnet_captures.path())
            opened.append(wire)
            group = []
            for number in range(count):
                what = machine.with_hostname(f"board{number + 1}")
                folder = tmp_path_factory.mktemp("board")
                group.append(TestBoard(kit, what, folder, None, wire, number))
                opened.append(group[-1])
                request.node.stash[_boards].append(group[-1])
            for board in group:
                board.wait()
        return group

    yield make
    for it in reversed(opened):
        it.close()


@pytest.fixture
def board_pair(boards):
    """Two boards on one wire."""
    return boards(2)
