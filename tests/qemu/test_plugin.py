# Frostnet: the pytest plugin of tools/pytest_frostnet, as other projects use it
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The plugin is installed with pip in a virtual environment of its own, and pytest runs there.
What it needs from the package index comes from build/venv, so that no index is asked."""

import os
import re
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from hostlib import qemu
from hostlib.board import FIRMWARE, ROOT

PLUGIN = ROOT / "tools" / "pytest_frostnet"
pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The interpreter of an environment with the plugin."""
    folder = tmp_path_factory.mktemp("plugin") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "build.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = folder / "bin" / "python"
    options = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-build-isolation"]
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", *options, PLUGIN],
        check=True,
        capture_output=True,
    )
    return python


@pytest.fixture
def project(python, tmp_path):
    """A function: pytest on a project with the test module `source`; `passed` and so on are how
    many tests did, `text` is what pytest said."""

    def run(source, *args, env=(), ini=""):
        (tmp_path / "test_it.py").write_text("import pytest\n" + source)
        (tmp_path / "pytest.ini").write_text("[pytest]\n" + ini)
        return Outcome(finish(start(python, tmp_path, *args, env=env)))

    return run


def start(python, folder, *args, env=(), **kw):
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "FROSTNET"))}
    return subprocess.Popen(
        [python, "-m", "pytest", "-rA", "-p", "no:cacheprovider", *args],
        cwd=folder,
        env=variables | {"FROSTNET_FIRMWARE": str(FIRMWARE), "QEMU": qemu.PROGRAM} | dict(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **kw,
    )


def finish(process, timeout=100):
    """What it said, when it has ended."""
    with process:
        try:
            return process.communicate(timeout=timeout)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.fail(f"no end in {timeout} s:\n{process.communicate()[0]}")


class Outcome:
    def __init__(self, text):
        self.text = text
        last = text.rstrip().splitlines()[-1]
        self.counts = {what: int(n) for n, what in re.findall(r"(\d+) (\w+)", last)}

    def passed(self, count):
        assert self.counts.keys() <= {"passed", "warning", "warnings"}, self.text
        assert self.counts.get("passed") == count, self.text


def test_the_example_project(python, tmp_path):
    # As its CI runs it, in two processes.
    example = PLUGIN / "example"
    process = start(python, example, "-n", "2", f"--frostnet-pcap={tmp_path}")
    Outcome(finish(process)).passed(7)
    names = {path.name for path in tmp_path.iterdir()}
    assert {f"tests-test_sensor.py-test_{name}.pcap" for name in ("posts", "two_boards")} <= names
    assert all(path.stat().st_size > 24 for path in tmp_path.iterdir()), names


def test_the_examples_of_docs_protocol(python):
    process = start(python, ROOT / "docs" / "examples", "-n", "2", "test_boards.py")
    Outcome(finish(process)).passed(2)


FAILING = """
def test_fails(board):
    board.exec("def f():\\n    return {}['missing']\\n")
    board.exec("print('before'); f()")

def test_passes(board):
    pass

def test_waits_in_vain(board):
    board.exec("print('waiting')\\nwhile True: pass", timeout=1)
"""


def test_a_failure_shows_traceback_console_and_frames(project, tmp_path):
    outcome = project(FAILING, "--frostnet-pcap=frames", "--frostnet-keep=failed")
    assert outcome.counts.items() >= {"failed": 2, "passed": 1}.items(), outcome.text
    assert "line 2, in f\nE           KeyError: missing" in outcome.text
    assert "console of the board" in outcome.text and "frames/test_it.py-test_fails.pcap" in (
        outcome.text
    )
    assert "did not end, and printed nothing for 1 s" in outcome.text
    kept = {path.name: path.read_bytes() for path in (tmp_path / "frames").iterdir()}
    assert sorted(kept) == ["test_it.py-test_fails.pcap", "test_it.py-test_waits_in_vain.pcap"]
    # With the lease in it, and whole.
    assert all(b"\x35\x01\x05" in frames for frames in kept.values())


ONE = "def test_it(board):\n    pass\n"


@pytest.mark.parametrize(
    "args, env, sentence",
    [
        (["--frostnet-firmware=no.elf"], {}, "the firmware no.elf is missing: run make firmware"),
        (["--frostnet-qemu=no-qemu"], {}, "no-qemu is missing: install QEMU"),
        ([], {"FROSTNET_FIRMWARE": ""}, "no firmware was named: give --frostnet-firmware=FILE"),
    ],
    ids=["firmware", "qemu", "no-firmware"],
)
def test_what_is_missing_is_one_sentence(project, args, env, sentence):
    outcome = project(ONE, *args, env=env)
    assert outcome.counts == {"error": 1}, outcome.text
    assert f"\nfrostnet: {sentence}" in outcome.text
    assert "Traceback" not in outcome.text and "plugin.py" not in outcome.text


def test_the_configuration_file_names_things_too(project, tmp_path):
    # Relative to itself; the environment counts more.
    ini = "frostnet_firmware = no.elf\nfrostnet_qemu = no-qemu\n"
    outcome = project(ONE, "--rootdir=/", env={"FROSTNET_FIRMWARE": ""}, ini=ini)
    assert f"\nfrostnet: the firmware {tmp_path}/no.elf is missing" in outcome.text
    assert "\nfrostnet: no-qemu is missing" in project(ONE, ini=ini).text
    outcome = project(ONE, ini="frostnet_scope = week\n")
    assert "ERROR: frostnet_scope must be one of: function, module, session" in outcome.text


WRONG = {
    "ram=1": "ram is no option of a board: there are memory, cpu, nic, settings,",
    "nic='isa'": "nic: 'isa' is no card: there are mmio, mmio-2, pci, and None",
    "forward=['x']": "forward: 'x' is not PORT,",
    "disk='no.img'": "disk: no.img is no file, and no size such as 16M",
    "cpu='z80'": "the board did not boot: ",
    "'64M'": "the marker has named arguments only: frostnet(memory=",
}


def test_what_is_wrong_is_one_sentence(project):
    source = "".join(
        f"@pytest.mark.frostnet({argument})\ndef test_{n}(board):\n    pass\n\n"
        for n, argument in enumerate(WRONG)
    )
    outcome = project(source)
    assert outcome.counts == {"errors": len(WRONG)}, outcome.text
    for sentence in WRONG.values():
        assert f"\nfrostnet: {sentence}" in outcome.text
    assert "'z80'" in outcome.text.partition("did not boot: ")[2].partition("\n")[0]
    assert "Traceback" not in outcome.text and "plugin.py" not in outcome.text


SHARED = """
pids = []

@pytest.mark.parametrize("n", range(3))
def test_it(board, n):
    assert board.eval("'left' in globals()") is False
    board.exec("left = 1; open('/left%d', 'w').close()" % n)
    pids.append(board.qemu.pid)

def test_leaves_something_running(board):
    board.start("while True: pass")

def test_leaves_its_own_prompt(board):
    board.start("import sys\\nwhile True: sys.stdin.read(1)")

def test_other_kind(board):
    assert board.qemu.pid in pids

@pytest.mark.frostnet(memory="64M")
def test_another_kind(board):
    assert board.qemu.pid not in pids

def test_count(board):
    assert len(set(pids)) == %d
    assert len(board.eval("__import__('os').listdir('/')")) == %d
"""


def test_boards_are_shared_as_far_as_is_wished(project):
    source = SHARED.replace("'/left%d' %", "'/left%%d' %").replace("% n)", "% n)")
    source = SHARED.replace("/left%d', 'w').close()\" % n", "/left' + str(%d), 'w').close()\" % n")
    head, _, tail = source.partition("def test_count")
    project(head + "def test_count" + tail % (1, 3), "--frostnet-scope=session").passed(8)
    alone = head.partition("def test_leaves_something")[0] + "def test_count" + tail % (3, 0)
    project(alone).passed(4)


MACHINE = """
import socket
from pytest_frostnet.errors import TransportError

pytestmark = pytest.mark.frostnet(nic="pci", settings={"hostname": "pump"})

@pytest.mark.frostnet(forward=[7, "udp:5000"], cpu="max", settings={"ip": "10.0.2.50/24"})
def test_marker(board):
    assert board.address == "10.0.2.50"
    code = "import socket\\ns = socket.socket()\\ns.bind(('', 7))\\ns.listen(1)\\n"
    code += "print('ready')\\nc, _ = s.accept()\\nwhile True:\\n    c.send(c.recv(100))\\n"
    assert {key for key in board._forwarded} == {("tcp", 7), ("udp", 5000)}
    port = board.forward(7)
    assert len(board.qemu.forwards()) == 2  # it was there
    assert board.forward(8) != port and len(board.qemu.forwards()) == 3
    forwards = board.qemu.forwards()
    board.restart()
    assert board.forward(7) == port and board.qemu.forwards() == forwards
    with board.running(code, until="ready"):
        with socket.create_connection(("127.0.0.1", port), 10) as s:
            s.sendall(b"hello")
            assert s.recv(100) == b"hello"

@pytest.mark.frostnet(disk="4M")
def test_disk_and_power(board, tmp_path):
    assert board.eval("__import__('network').hostname()") == "pump"
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    for n in (0, 1, 8191, 8192, 20000):
        (tree / "inner" / str(n)).write_bytes(bytes(i * i >> 3 & 255 for i in range(n)))
    board.put(tree, "/copy")
    board.restart()
    for path in (tree / "inner").iterdir():
        assert board.get("/copy/inner/" + path.name) == path.read_bytes()
    (tmp_path / "main.py").write_text("import os, sys\\nprint(os.listdir('/'))\\nsys.exit(7)\\n")
    assert board.run_main(tmp_path / "main.py") == (7, "['ram', 'copy']\\n")
    (tmp_path / "main.py").write_text("import sys\\nsys.exit(3)\\n")
    assert board.run_main(tmp_path / "main.py") == (3, "")
    (tmp_path / "main.py").write_text("print('for ever')\\nwhile True: pass\\n")
    with pytest.raises(TransportError, match="did not end in 3 s; console: "):
        board.run_main(tmp_path / "main.py", timeout=3)
    with pytest.raises(TransportError, match="the board is off"):
        board.exec("pass")
    board.restart()
    board.put(tmp_path / "main.py", "/made/of/")
    assert "for ever" in board.eval("open('/made/of/main.py').read()")
    with pytest.raises(TransportError, match="the code did not end: QEMU ended"):
        board.exec("import machine; machine.deepsleep()", timeout=None)

@pytest.mark.frostnet(nic=None)
def test_mount(board, tmp_path):
    assert board.address is None
    (tmp_path / "hosted.py").write_text("where = 'on the host'")
    (tmp_path / "numbers.bin").write_bytes(bytes(range(256)))
    board.mount(tmp_path)
    assert board.exec("import hosted; print(hosted.where)") == "on the host\\n"
    board.exec("f = open('numbers.bin', 'r+b'); f.seek(-3, 2); f.write(b'end'); f.close()")
    assert (tmp_path / "numbers.bin").read_bytes()[-4:] == b"\\xfcend"
    assert board.type("open('numbers.bin', 'rb').read(2)") == "b'\\\\x00\\\\x01'"
    board.umount()
    assert board.eval("__import__('os').listdir('/')") == []
    with pytest.raises(NotADirectoryError):
        board.mount(tmp_path / "none")
"""


def test_machines_disks_and_folders(project):
    project(MACHINE).passed(3)


THREE = """
@pytest.mark.frostnet(forward=[7])
def test_three(boards):
    group = boards(3, memory="64M")
    assert len({board.address for board in group}) == 3
    group[1].restart()
    group[2].exec("import net; assert net.ping('board2.local', count=1).received == 1")
    group[2].exec("assert net.ping('10.0.2.2', count=1).received == 1")
    assert len({board.forward(7) for board in group}) == 3
"""


def test_three_boards_on_a_wire(project):
    project(THREE).passed(1)


HANGING = """
def test_it(boards, tmp_path):
    group = boards(2)
    pids = [str(board.qemu.pid) for board in group] + [str(group[0]._wire._qemu.pid)]
    with open("pids", "w") as file:
        file.write(" ".join(pids) + "\\n")
    group[0].exec("while True: pass", timeout=None)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "killed"])
def test_nothing_is_left_behind(python, tmp_path, how):
    (tmp_path / "test_it.py").write_text(HANGING)
    process = start(python, tmp_path)
    pids = []
    deadline = time.monotonic() + 40
    while not pids and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.1)
        path = tmp_path / "pids"
        pids = path.read_text().split() if path.exists() else []
    process.send_signal(how)
    text = finish(process, 20)
    assert len(pids) == 3, text
    deadline = time.monotonic() + 10
    while any(Path("/proc", pid).exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in pids if Path("/proc", pid).exists()]
