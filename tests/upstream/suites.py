# Frostnet: MicroPython's test suites, and where each of them runs
# MIT license; Copyright (c) 2026 The Frostnet authors

import shutil
import time

from . import multi, remote, single
from .results import Result
from .stations import Broken

# Suite: its runs.
SUITES = {
    "language": tuple(single.EMITTERS),
    "net_hosted": ("net_hosted board", "net_hosted unix"),
    "net_inet": ("net_inet board", "net_inet unix"),
    "multi_net": tuple("multi_net " + pair for pair in multi.PAIRS),
    "serial": ("serial",),
    "mpremote": ("mpremote",),
}


def suite_of(test):
    """The suite of a test such as net_inet/getaddrinfo.py."""
    folder = test.partition("/")[0]
    if folder.startswith("serial_test"):
        return "serial"
    return folder if folder in SUITES else "language"


def needs_network(run):
    """True if a run needs a namespace (hostlib.lan)."""
    return run.startswith(("net_", "multi_net"))


def perform(tests, run, folder, chosen=(), progress=lambda count: None):
    """Do one run of MicroPython's `tests` (`chosen`: only these), with its files in `folder`; its
    Result. Raises Broken.

    What fails unexpectedly is run once more: tests measure time, which a busy machine does not
    give them.
    """
    shutil.rmtree(folder, ignore_errors=True)
    begin = time.monotonic()
    outcome = {}
    for test, result in _source(tests, run, folder, chosen):
        outcome[test] = result
        progress(len(outcome))
    if not outcome and run != "serial":
        raise Broken(f"nothing ran: read {folder / 'log'}")
    again = Result(run, _kinds(run), outcome).failed
    if again:
        outcome.update(_source(tests, run, folder / "again", again))
    return Result(run, _kinds(run), outcome, again, time.monotonic() - begin)


# The tests and what became of them, one by one.
def _source(tests, run, folder, chosen):
    folder.mkdir(parents=True)
    suite, _, where = run.partition(" ")
    if suite in single.EMITTERS:
        return single.language(tests, folder, run, chosen)
    if suite == "multi_net":
        return multi.pair(tests, folder, where, chosen)
    if suite in ("serial", "mpremote"):
        return getattr(remote, suite)(tests, folder, chosen)
    return single.on_internet(tests, folder, suite, where, chosen)


# What is expected of a run: the keys of expected.json.
def _kinds(run):
    suite = run.partition(" ")[0]
    if suite in single.EMITTERS:
        suite = "language"
    elif suite == "multi_net" and "cpython" in run:
        suite = "multi_net cpython"
    return suite, run
