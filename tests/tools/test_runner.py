# Frostnet: the runner of tests/unit and tests/wire tells what happened, whatever happens
# MIT license; Copyright (c) 2026 The Frostnet authors

import importlib.util
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parent.parent / "conftest.py"
spec = importlib.util.spec_from_file_location("frostnet_runner", CONFTEST)
runner = importlib.util.module_from_spec(spec)
spec.loader.exec_module(runner)


@pytest.fixture
def run(tmp_path):
    def run(source, *names, **kwargs):
        path = tmp_path / "test_sample.py"
        path.write_text(source)
        return runner.run_file(path.as_posix(), names, **kwargs)

    return run


def test_results_and_output_belong_to_their_function(run):
    outcomes = run(
        "def test_good(): print('fine', end='')\n"
        "def test_bad():\n    print('hm')\n    assert 1 == 2, 'no'\n"
        "def test_skip(): raise SystemExit('SKIP: no card')\n",
        *("test_good", "test_bad", "test_skip"),
    )
    assert outcomes["test_good"] == ("ok", "", "fine")
    result, _, output = outcomes["test_bad"]
    assert result == "fail"
    assert output.startswith("hm\nTraceback")
    assert output.endswith("line 4, in test_bad\nAssertionError: no")
    assert outcomes["test_skip"] == ("skip", "no card", "")


def test_only_the_functions_asked_for_run(run):
    outcomes = run("def test_a(): pass\ndef test_b(): raise ValueError\n", "test_a")
    assert outcomes == {"test_a": ("ok", "", "")}


def test_skip_at_import_skips_all(run):
    outcomes = run("raise SystemExit('SKIP: no root')\ndef test_a(): pass\n", "test_a")
    assert outcomes["test_a"][:2] == ("skip", "no root")


@pytest.mark.parametrize("source", ["import nonsense\n", "def test_a(\n", "raise SystemExit(0)\n"])
def test_failing_import_fails_all(run, source):
    outcomes = run(source + "def test_a(): pass\ndef test_b(): pass\n", "test_a", "test_b")
    assert [o[0] for o in outcomes.values()] == ["fail", "fail"]


def test_crash_is_blamed_on_its_function(run):
    outcomes = run(
        "import uctypes\ndef test_a(): pass\n"
        "def test_b():\n    print('x')\n    uctypes.bytearray_at(8, 8)[0] = 1\n"
        "def test_c(): pass\n",
        *("test_a", "test_b", "test_c"),
    )
    assert outcomes == {
        "test_a": ("ok", "", ""),
        "test_b": ("fail", "MicroPython was ended by SIGSEGV", "x"),
        "test_c": ("fail", "not run: MicroPython was ended by SIGSEGV", ""),
    }


def test_exit_is_no_way_out(run):
    outcomes = run(
        "import sys\ndef test_a(): sys.exit(0)\ndef test_b(): pass\n", "test_a", "test_b"
    )
    assert outcomes["test_a"][0] == "fail"
    assert outcomes["test_b"][1] == "not run: MicroPython ended early with status 0"


def test_endless_loop_is_killed(run):
    outcomes = run("def test_a():\n    while True: pass\n", "test_a", timeout=1)
    assert outcomes["test_a"] == ("fail", "still running after 1 s, killed", "")


def test_source_lines_are_shown_and_recursion_is_shortened():
    line = '  File "tests/run_micropython.py", line 16, in run'
    deep = ['  File "x.py", line 1, in f'] * 50
    assert runner.shorten([line, *deep, "E"]) == [*deep[:2], "E"]
    place = '  File "tests/run_micropython.py", line 1, in x'
    first = CONFTEST.with_name("run_micropython.py").read_text().splitlines()[0]
    assert runner.add_source_line(place) == f"{place}\n    {first}"
    assert runner.add_source_line("ValueError") == "ValueError"
