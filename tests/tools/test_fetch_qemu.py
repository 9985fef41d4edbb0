# Frostnet: the newest QEMU is fetched, or it is said why not
# MIT license; Copyright (c) 2026 The Frostnet authors

import subprocess

import pytest

import fetch_qemu
from private_apt import AptError

LOADER = """\
#!/bin/sh
echo "QEMU emulator version 99.0"
echo "$@"
"""


class Apt:
    """A PrivateApt for tests: `error` is what its mirror says."""

    error = None
    asked = 0

    def __init__(self, folder, arch, suite):
        pass

    def update(self):
        Apt.asked += 1
        if self.error:
            raise AptError(self.error)

    def download_with_dependencies(self, package):
        return []


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A build/qemu of the test's own, and what unpacking a package leaves there."""
    monkeypatch.setattr(fetch_qemu, "FOLDER", tmp_path)
    monkeypatch.setattr(fetch_qemu, "ROOT", tmp_path / "root")
    monkeypatch.setattr(fetch_qemu, "PROGRAM", tmp_path / "qemu-system-aarch64")
    monkeypatch.setattr(fetch_qemu, "PrivateApt", Apt)
    monkeypatch.setattr(Apt, "error", None)
    monkeypatch.setattr(Apt, "asked", 0)

    def unpack(debs):
        for path in "usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/bin":
            (tmp_path / "root" / path).mkdir(parents=True)
        loader = tmp_path / "root" / "usr/lib64/ld-linux-x86-64.so.2"
        loader.write_text(LOADER)
        loader.chmod(0o755)

    monkeypatch.setattr(fetch_qemu, "_unpack", unpack)
    return tmp_path


def test_it_is_fetched_once_and_started_by_its_own_loader(folder):
    program = fetch_qemu.fetch()
    assert fetch_qemu.fetch() == program and Apt.asked == 1
    assert fetch_qemu.version(program) == "QEMU emulator version 99.0"
    command = [program, "-M", "virt", "-append", "a  b"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    words = done.stdout.splitlines()[1]
    root = folder / "root"
    assert words.startswith(f"--library-path {root}/usr/lib/x86_64-linux-gnu {root}/usr/bin/qemu")
    assert words.endswith("-M virt -append a  b")


def test_without_a_mirror_it_says_so_and_leaves_nothing(folder):
    Apt.error = "Temporary failure resolving 'mirror.example'"
    with pytest.raises(fetch_qemu.Unavailable, match="cannot be fetched: Temporary failure"):
        fetch_qemu.fetch()
    assert not fetch_qemu.PROGRAM.exists()
    Apt.error = None
    assert fetch_qemu.fetch().exists()


def test_a_qemu_that_does_not_run_here_is_not_used(folder):
    program = fetch_qemu.fetch()
    loader = folder / "root" / "usr/lib64/ld-linux-x86-64.so.2"
    loader.write_text("#!/bin/sh\necho 'FATAL: kernel too old' >&2\nexit 127\n")
    with pytest.raises(fetch_qemu.Unavailable, match="does not run on this machine: FATAL"):
        fetch_qemu.fetch()
    loader.unlink()
    with pytest.raises(fetch_qemu.Unavailable, match="does not run on this machine"):
        fetch_qemu.version(program)


def test_libraries_in_unknown_places(folder, monkeypatch):
    monkeypatch.setattr(fetch_qemu, "_unpack", lambda debs: None)
    with pytest.raises(fetch_qemu.Unavailable, match="places not known"):
        fetch_qemu.fetch()
    assert not fetch_qemu.PROGRAM.exists()
