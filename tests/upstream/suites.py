# Frostnet: MicroPython's test suites, and where each of them runs
# MIT license; Copyright (c) 2026 The Frostnet authors

import shutil
import time

from . import multi, remote, single
from .results import Result

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


def perform(tests, run, folder, chosen=(), progress=lambda count: None):
    """Do one run of MicroPython's `tests` (`chosen`: only these), with its files in `folder`; its
    Result. Raises single.Broken."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    suite, _, where = run.partition(" ")
    kinds = (suite, run)
    if suite in single.EMITTERS:
        source = single.language(tests, folder, run, chosen)
        kinds = ("language", run)
    elif suite == "multi_net":
        if "cpython" in where:
            kinds = ("multi_net cpython", run)
        source = multi.pair(tests, folder, where, chosen)
    elif suite in ("serial", "mpremote"):
        source = getattr(remote, suite)(tests, folder, chosen)
    else:
        source = single.on_internet(tests, folder, suite, where, chosen)
    begin = time.monotonic()
    outcome = {}
    for test, result in source:
        outcome[test] = result
        progress(len(outcome))
    return Result(run, kinds, outcome, not chosen, time.monotonic() - begin)
