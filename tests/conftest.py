# Frostnet: pytest runs tests/unit, wire and hostile in MicroPython, one process per file
# MIT license; Copyright (c) 2026 The Frostnet authors

import os
import re
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MICROPYTHON = ROOT / "build" / "unix" / "micropython"
RUNNER = "tests/run_micropython.py"
FOLDERS = (ROOT / "tests" / "unit", ROOT / "tests" / "wire", ROOT / "tests" / "hostile")
_TEST = r"^((?:@\w+.*\n)*)def (test_\w+)\s*\(([^)]*)\)"
SOURCES = ("lib", "firmware", "ports/unix/modules", "build/pages")


def pytest_addoption(parser):
    group = parser.getgroup("frostnet")
    group.addoption(
        "--source",
        action="store_true",
        help="test lib/, firmware/ and ports/unix/modules/ as they are, not what is frozen "
        "into build/unix/micropython",
    )
    group.addoption(
        "--file-timeout",
        type=float,
        default=300,
        metavar="SECONDS",
        help="time limit of one file that runs in MicroPython (default: %(default)s)",
    )
    group.addoption(
        "--heap", default="16M", help="its heap in MicroPython's notation (default: %(default)s)"
    )


def pytest_configure(config):
    # What a shell runs in the background ignores Ctrl-C, and so would what the tests start.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("--source"):
        # What a build would do.
        pack = [sys.executable, ROOT / "tools" / "pack_pages.py"]
        subprocess.run(pack, check=True, stdout=subprocess.DEVNULL)


def pytest_pycollect_makemodule(module_path, parent):
    if any(folder in module_path.parents for folder in FOLDERS):
        return MicroPythonFile.from_parent(parent, path=module_path)
    return None


class MicroPythonFile(pytest.File):
    """A file whose test functions run in one MicroPython process, at the first one's turn."""

    outcomes = None
    heap = None  # a line "# heap: 32M" of the file

    def collect(self):
        text = self.path.read_text()
        found = re.search(r"^# heap: (\w+)$", text, re.MULTILINE)
        self.heap = found and found[1]
        seen = set()
        for match in re.finditer(_TEST, text, re.MULTILINE):
            decorated, name, args = match.groups()
            # A decorator may give the function its arguments.
            if name in seen or (args.strip() and not decorated):
                problem = "is there twice" if name in seen else "takes arguments"
                raise self.CollectError(f"{self.path.name}: {name} {problem}")
            seen.add(name)
            line = text.count("\n", 0, match.start())
            yield MicroPythonTest.from_parent(self, name=name, line=line)

    def outcome(self, name):
        if self.outcomes is None:
            names = [item.name for item in self.session.items if item.parent is self]
            self.outcomes = self.run(names)
        return self.outcomes[name]

    def run(self, names):
        if not MICROPYTHON.exists():
            pytest.exit("build/unix/micropython is missing: run make unix", 1)
        option = self.config.getoption
        return run_file(
            self.path.relative_to(ROOT).as_posix(),
            names,
            heap=self.heap or option("--heap"),
            timeout=option("--file-timeout"),
            folders=[ROOT / folder for folder in SOURCES] if option("--source") else [],
        )


def run_file(path, names, heap="16M", timeout=120, folders=()):
    """Run functions of a file in MicroPython; map each to (result, detail, output)."""
    mark = "@" + secrets.token_hex(8)
    process = subprocess.Popen(
        [MICROPYTHON, "-X", "heapsize=" + heap, RUNNER, mark, path, *names],
        cwd=ROOT,
        env=dict(os.environ, MICROPYPATH=":".join([*map(str, folders), ".frozen"])),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        output, _ = process.communicate(timeout=timeout)
        end = describe_exit(process.returncode)
    except BaseException as e:
        process.kill()
        output, _ = process.communicate()
        if not isinstance(e, subprocess.TimeoutExpired):
            raise
        end = f"still running after {timeout:g} s, killed"
    return parse(output.decode(errors="replace"), mark, names, end)


def describe_exit(status):
    if status < 0:
        return "MicroPython was ended by " + signal.Signals(-status).name
    return f"MicroPython ended early with status {status}"


def parse(output, mark, names, end):
    """Map each name to (result, detail, output); `end` says how the process ended."""
    imported, rest = None, {}
    name, lines = None, []
    for line in output.splitlines():
        # A test may leave a line of output unfinished.
        before, found, after = line.partition(mark + " ")
        if not found or before:
            lines.append(before if found else line)
        if not found:
            continue
        word, _, detail = after.partition(" ")
        if word in ("import", "run"):
            name, lines = detail, []
            continue
        outcome = (word, detail, "\n".join(lines))
        if name == "":
            imported = outcome
        else:
            rest[name] = outcome
        name, lines = None, []
    if imported is None or imported[0] == "ok":
        # Whatever has no result: the running one is to blame, the others never started.
        blame = ("fail", end, "\n".join(lines))
        other = ("fail", "not run: " + end, "")
        if imported is None:
            other = blame
        return {n: rest.get(n, blame if n == name else other) for n in names}
    return dict.fromkeys(names, imported)


class MicroPythonFailure(Exception):
    pass


class MicroPythonTest(pytest.Item):
    """One test function of a MicroPythonFile."""

    def __init__(self, *, line, **kwargs):
        super().__init__(**kwargs)
        self.line = line

    def runtest(self):
        result, detail, output = self.parent.outcome(self.name)
        if result == "skip":
            raise pytest.skip.Exception(detail, _use_item_location=True)
        if result == "fail":
            raise MicroPythonFailure("\n".join(filter(None, (output, detail))))
        if output:
            self.add_report_section("call", "stdout", output)

    def repr_failure(self, excinfo):
        if not isinstance(excinfo.value, MicroPythonFailure):
            return super().repr_failure(excinfo)
        # pytest's summary shows the first line: the exception itself.
        lines = str(excinfo.value).splitlines() or ["no output"]
        return "\n".join([lines[-1], "", *map(add_source_line, shorten(lines))])

    def reportinfo(self):
        return self.path, self.line, self.name


def shorten(lines):
    """Drop the runner's own frame, and what a deep recursion repeats."""
    lines = [line for line in lines if RUNNER not in line]
    return [line for i, line in enumerate(lines) if i < 2 or lines[i - 2 : i] != [line, line]]


def add_source_line(line):
    """Put the source below a place in MicroPython's traceback."""
    match = re.match(r'  File "(.+)", line (\d+)', line)
    for folder in ("", *SOURCES) if match else ():
        path = ROOT / folder / match[1]
        if path.is_file():
            return line + "\n    " + path.read_text().splitlines()[int(match[2]) - 1].strip()
    return line
