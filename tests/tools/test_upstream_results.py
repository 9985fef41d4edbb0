# Frostnet: what is made of the outcome of MicroPython's own tests
# MIT license; Copyright (c) 2026 The Frostnet authors

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from upstream import results, suites


@pytest.fixture
def judge(monkeypatch, tmp_path):
    """A function that compares an outcome with lists of expected failures and skips."""

    def judge(outcome, fail=(), skip=()):
        lists = {"kind": {"fail": dict.fromkeys(fail, "why")}}
        lists["kind two"] = {"skip": dict.fromkeys(skip, "why")}
        monkeypatch.setattr(results, "EXPECTED", tmp_path / "expected.json")
        results.EXPECTED.write_text(json.dumps(lists))
        return results.Result("kind two", ("kind", "kind two"), outcome, seconds=61)

    return judge


def test_all_is_as_expected(judge):
    outcome = {"basics/a.py": "pass", "net_inet/b.py": "FAIL", "net_inet/c.py": "skip"}
    result = judge(outcome, ["net_inet/b.py"], ["net_inet/c.py"])
    assert result.good
    assert list(result.lines()) == ["  expected to fail: net_inet/b.py: why"]
    assert result.row().split() == ["kind", "two", "2", "1", "1", "0", "1:01"]


def test_a_failure_is_noticed(judge):
    result = judge({"basics/a.py": "FAIL", "basics/b.py": "pass"})
    assert not result.good and result.failed == ["basics/a.py"]
    assert "FAILED: basics/a.py" in list(result.lines())[0]


def test_a_failure_gets_a_second_run(monkeypatch, tmp_path):
    runs = []

    def language(tests, folder, name, chosen):
        runs.append((folder, list(chosen)))
        yield "basics/a.py", "FAIL"
        yield "basics/b.py", "pass" if len(runs) > 1 else "FAIL"

    monkeypatch.setattr(suites.single, "language", language)
    folder = tmp_path / "run"
    result = suites.perform(None, "bytecode", folder)
    both = ["basics/a.py", "basics/b.py"]
    assert runs == [(folder, []), (folder / "again", both)]
    assert result.failed == ["basics/a.py"] and result.again == both
    assert "  passed when it ran once more: basics/b.py" in result.lines()


def test_a_suite_that_runs_nothing_is_noticed(monkeypatch, tmp_path):
    monkeypatch.setattr(suites.single, "language", lambda *args: iter(()))
    with pytest.raises(suites.Broken):
        suites.perform(None, "bytecode", tmp_path / "run")


def test_a_test_that_does_not_run_is_noticed(judge):
    outcome = {"extmod/ssl_a.py": "skip", "basics/b.py": "skip", "extmod/vfs_c.py": "lrge"}
    assert judge(outcome).left_out == ["extmod/ssl_a.py", "extmod/vfs_c.py"]


def test_what_is_listed_in_vain_is_noticed(judge):
    outcome = {"net_inet/a.py": "pass", "net_inet/b.py": "pass"}
    assert judge(outcome, ["net_inet/a.py"]).stale == ["net_inet/a.py"]
    assert judge(outcome, skip=["net_inet/b.py"]).stale == ["net_inet/b.py"]
    # A test that this MicroPython does not have.
    assert judge(outcome, ["net_inet/z.py"]).good


def test_every_expectation_has_a_reason():
    lists = json.loads(results.EXPECTED.read_text())
    kinds = {"language", "multi_net", "multi_net cpython"}
    kinds |= {kind for suite, runs in suites.SUITES.items() for kind in (suite, *runs)}
    for kind, tests in lists.items():
        assert kind in kinds, kind
        for reasons in tests.values():
            assert all(reasons.values())


def test_a_test_belongs_to_a_suite():
    assert (
        suites.suite_of("basics/int1.py") == suites.suite_of("extmod/ssl_basic.py") == "language"
    )
    assert suites.suite_of("net_inet/getaddrinfo.py") == "net_inet"
    assert suites.suite_of("multi_net/tcp_data.py") == "multi_net"
    assert suites.suite_of("mpremote/test_mount.sh") == "mpremote"
    assert suites.suite_of("serial_test.py") == "serial"
