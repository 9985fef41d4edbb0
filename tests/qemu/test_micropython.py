# Frostnet: some of MicroPython's own tests of sockets, TLS, files and tools
# MIT license; Copyright (c) 2026 The Frostnet authors
"""A part of each suite of `make test-upstream` that is soon done: what breaks a suite shall be
noticed before all of it is run (tests/upstream/, docs/testing.md)."""

import sys

import pytest

from hostlib.board import ROOT
from upstream import suites

sys.path.insert(0, str(ROOT / "tools"))

import build
import patch_micropython

pytestmark = pytest.mark.timeout(240)

LANGUAGE = ["socket_*", "select_*", "ssl_*", "tls_*", "asyncio_[gl]*", "vfs_fat_f*", "vfs_lfs_m*"]
LANGUAGE += ["machine_[dr]*"]
STREAMS = ["asyncio_tcp_client_rst", "asyncio_tcp_readall", "tcp_accept_recv", "tcp_client_rst"]
SECURE = ["asyncio_tls_server_client_readline", "sslcontext_verify_time_error", "tls_dtls*"]


@pytest.fixture(scope="module")
def tree():
    """The folder of the tests of the MicroPython in use."""
    return patch_micropython.patched(build.micropython_dir()) / "tests"


@pytest.fixture
def perform(tree, tmp_path):
    """A function that does one run, with the tests that match."""

    def perform(run, folder, *patterns):
        chosen = sorted(
            f"{folder}/{path.name}"
            for name in patterns
            for path in tree.glob(f"{folder}/{name}.py")
        )
        check(suites.perform(tree, run, tmp_path / "run", chosen), tmp_path / "run")

    return perform


@pytest.fixture
def internet(_lan_missing):
    if _lan_missing:
        pytest.skip(_lan_missing)


def check(result, folder):
    """Every test did what is expected of it, and some passed."""
    log = folder / "log"
    text = "\n".join(result.lines()) + "\n" + (log.read_text() if log.exists() else "")
    assert result.good, text
    assert "pass" in result.outcome.values(), text


def test_extmod(perform):
    perform("bytecode", "extmod", *LANGUAGE)


def test_net_hosted(internet, perform):
    perform("net_hosted board", "net_hosted", "*")


def test_net_inet(internet, perform):
    perform("net_inet board", "net_inet", "asyncio_t*", "getaddrinfo", "test_*t", "test_*nonblock")


def test_multi_net_two_boards(internet, perform):
    perform("multi_net board+board", "multi_net", *STREAMS, *SECURE, "udp_data")


def test_multi_net_board_and_cpython(internet, perform):
    perform("multi_net board+cpython", "multi_net", *STREAMS, "udp_data")


def test_mpremote(tree, tmp_path):
    chosen = ["mpremote/test_mount.sh", "mpremote/test_resume.sh"]
    check(suites.perform(tree, "mpremote", tmp_path / "run", chosen), tmp_path / "run")


def test_serial(tree, tmp_path):
    if not (tree / "serial_test.py").exists():
        pytest.skip("this MicroPython has no tests/serial_test.py: it came in January 2026")
    check(suites.perform(tree, "serial", tmp_path / "run"), tmp_path / "run")
