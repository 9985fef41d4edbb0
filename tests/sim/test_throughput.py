# Frostnet: hold TCP's throughput under loss against what is known of another stack
# MIT license; Copyright (c) 2026 The Frostnet authors

import subprocess
import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))
from throughput import ANCHOR, command, seconds


@pytest.mark.parametrize("buffer, loss", ANCHOR)
def test_throughput_under_loss(buffer, loss, request):
    """100 ms round trip; RFC 5681, 6298, 6675, 8985, 9438: with each of three seeds."""
    rates = []
    for seed in (11, 12, 13) if loss else (11,):
        words, env = command(
            request.config.getoption("--source"), "flow", buffer, loss, seed, seconds(loss)
        )
        rates.append(
            int(subprocess.run(words, env=env, stdout=subprocess.PIPE, check=True).stdout)
        )
    assert min(rates) >= ANCHOR[buffer, loss], rates
