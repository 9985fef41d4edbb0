# Frostnet: what MicroPython's tests said, compared with what is expected of them
# MIT license; Copyright (c) 2026 The Frostnet authors
"""expected.json has, by kind of run, the tests that fail and those that do not apply, each with
the reason. Of tests of the network, TLS, files and hardware everything is named; of the others
those that fail. What is said of tests that the tree does not have is not looked at: versions of
MicroPython differ."""

import json
import re
from pathlib import Path

EXPECTED = Path(__file__).parent / "expected.json"
# Which of the tests that do not apply are to be named.
_NAMED = re.compile(
    r"extmod/(socket|select|asyncio|ssl|tls|vfs|machine)\w*\.py|(net_|multi_net|mpremote)"
)
_HEAD = "{:<28}{:>7}{:>7}{:>12}{:>9}{:>8}"


class Result:
    """The outcome of one run, {test: "pass" | "FAIL" | "skip" | "lrge"}, by what expected.json
    says of its `kinds`. `again` has the tests that ran twice, `seconds` is how long all took."""

    def __init__(self, name, kinds, outcome, again=(), seconds=0):
        self.name, self.outcome, self.again, self.seconds = name, outcome, again, seconds
        everything = json.loads(EXPECTED.read_text())
        failing, skipped = {}, {}
        for kind in kinds:
            failing |= everything.get(kind, {}).get("fail", {})
            skipped |= everything.get(kind, {}).get("skip", {})
        bad = self._of("FAIL")
        missing = [test for test in self._of("skip", "lrge") if _NAMED.match(test)]
        self.known = {test: failing[test] for test in bad if test in failing}
        self.failed = [test for test in bad if test not in failing]
        self.left_out = [test for test in missing if test not in skipped]
        # What a list says and is not so.
        self.stale = [
            test
            for listed, actual in ((failing, bad), (skipped, missing))
            for test in listed
            if test in outcome and test not in actual
        ]

    def _of(self, *results):
        return [test for test, result in self.outcome.items() if result in results]

    @property
    def good(self):
        return not (self.failed or self.left_out or self.stale)

    def lines(self):
        """What there is to say, as lines."""
        for test, reason in self.known.items():
            yield f"  expected to fail: {test}: {reason}"
        for test in self.again:
            if self.outcome[test] == "pass":
                yield f"  passed when it ran once more: {test}"
        for test in self.failed:
            yield f"  FAILED: {test}"
        for test in self.left_out:
            yield f"  DID NOT RUN: {test} (if it does not apply, say why in {EXPECTED})"
        for test in self.stale:
            yield f"  expected not to pass, but did: {test} (take it out of {EXPECTED})"

    def row(self):
        """Its line of the table."""
        passed, unexpected = len(self._of("pass")), len(self.failed) + len(self.left_out)
        applied = len(self.known) + len(self.failed) + passed
        minutes, seconds = divmod(round(self.seconds), 60)
        time = f"{minutes}:{seconds:02}"
        return _HEAD.format(self.name, applied, passed, len(self.known), unexpected, time)


def table(results):
    """The summary of all runs, as lines."""
    yield _HEAD.format("", "apply", "pass", "known fail", "wrong", "time")
    for result in results:
        yield result.row()
