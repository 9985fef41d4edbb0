# Frostnet: packages come from pip as they are, or it is said why not
# MIT license; Copyright (c) 2026 The Frostnet authors

import subprocess
import zipfile

import pytest

import fetch_packages

PACKAGE = fetch_packages.Package("micropython-thing", "1.0", "ab" * 32, ("thing/core.py",))


@pytest.fixture
def pip(tmp_path, monkeypatch):
    """pip's part: `pip.leaves(folder)` is what it does with its working folder, `pip.said` what
    it prints at the end, `pip.asked` the requirements that it got."""

    class Pip:
        asked, said = [], ""

        def leaves(self, folder):
            pass

        def run(self, command, env, **kw):
            folder = fetch_packages.FOLDER / "new"
            assert env["TMPDIR"] == str(folder) and "--require-hashes" in command
            self.asked.append((folder / "requirements.txt").read_text())
            self.leaves(folder)
            return subprocess.CompletedProcess(command, 1, "", self.said)

    pip = Pip()
    monkeypatch.setattr(fetch_packages, "FOLDER", tmp_path)
    monkeypatch.setattr(fetch_packages.subprocess, "run", pip.run)
    return pip


def sdist(folder):
    tree = folder / "pip-download-x" / "micropython-thing_0123"
    (tree / "thing").mkdir(parents=True)
    (tree / "thing" / "core.py").write_text("core = 1\n")


def test_a_source_archive_without_setup_py_is_fetched_once(pip):
    pip.leaves = sdist
    pip.said = "ERROR: neither 'setup.py' nor 'pyproject.toml' found."
    for _ in range(2):
        (path,) = PACKAGE.fetch().values()
        assert path.read_text() == "core = 1\n"
    assert pip.asked == ["micropython-thing==1.0 --hash=sha256:" + "ab" * 32 + "\n"]


def test_a_wheel(pip):
    def wheel(folder):
        with zipfile.ZipFile(folder / "thing-1.0.whl", "w") as archive:
            archive.writestr("thing/core.py", "core = 2\n")

    pip.leaves = wheel
    assert PACKAGE.fetch()["thing/core.py"].read_text() == "core = 2\n"


def test_without_a_network_it_says_so_and_leaves_nothing(pip):
    pip.said = "WARNING: Retrying\nERROR: Temporary failure in name resolution"
    with pytest.raises(fetch_packages.Unavailable, match="from PyPI: ERROR: Temporary failure"):
        PACKAGE.fetch()
    pip.leaves = sdist
    assert PACKAGE.fetch()["thing/core.py"].exists()


def test_a_package_without_its_files_is_not_taken(pip):
    def wheel(folder):
        with zipfile.ZipFile(folder / "thing-1.0.whl", "w") as archive:
            archive.writestr("other.py", "")

    pip.leaves = wheel
    with pytest.raises(fetch_packages.Unavailable, match="has no file thing/core.py"):
        PACKAGE.fetch()
