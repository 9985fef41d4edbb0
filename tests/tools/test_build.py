# Frostnet: the build tool refuses what it cannot build, and notices what is stale
# MIT license; Copyright (c) 2026 The Frostnet authors

import pytest

import build
import fetch_sources


def make_tree(folder, major, minor):
    (folder / "py").mkdir(parents=True)
    (folder / "py" / "mpconfig.h").write_text(
        f"#define MICROPY_VERSION_MAJOR {major}\n#define MICROPY_VERSION_MINOR {minor}\n"
    )
    return folder


@pytest.mark.parametrize("version", [(1, 25), (1, 26), (2, 0)])
def test_micropython_dir_is_taken(tmp_path, monkeypatch, version):
    monkeypatch.setenv("MICROPY_DIR", str(make_tree(tmp_path / "mp", *version)))
    assert build.micropython_dir() == tmp_path / "mp"


def test_old_micropython_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("MICROPY_DIR", str(make_tree(tmp_path / "mp", 1, 24)))
    with pytest.raises(SystemExit, match="1.24: use version 1.25 or later"):
        build.micropython_dir()


def test_other_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("MICROPY_DIR", str(tmp_path))
    with pytest.raises(SystemExit, match="is not a MicroPython source tree"):
        build.micropython_dir()


def test_build_folder_is_dropped_for_another_tree_or_makefile(tmp_path):
    out, makefile = tmp_path / "out", tmp_path / "Makefile"
    makefile.write_text("CFLAGS = -O1")
    trees = [make_tree(tmp_path / name, 1, 25) for name in "ab"]

    def kept(tree):
        build.prepare(out, tree, makefile)
        kept = (out / "object.o").exists()
        (out / "object.o").touch()
        return kept

    assert [kept(trees[0]), kept(trees[0])] == [False, True]
    assert [kept(trees[1]), kept(trees[1])] == [False, True]
    makefile.write_text("CFLAGS = -O2")
    assert [kept(trees[1]), kept(trees[1])] == [False, True]


def test_library_that_is_no_submodule_gets_a_stand_in(tmp_path):
    lib = tmp_path / "lib" / "micropython-lib"
    lib.mkdir(parents=True)
    assert build.library_dir(tmp_path) != lib
    (lib / "README.md").touch()
    assert build.library_dir(tmp_path) == lib


def test_changed_download_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(fetch_sources, "DOWNLOAD", tmp_path)
    for source in fetch_sources.SOURCES.values():
        for name in source.files:
            (tmp_path / name).write_text("something else")
        with pytest.raises(SystemExit, match="is not the pinned file"):
            source.verify()


def test_a_users_own_modules_are_frozen_too(tmp_path, monkeypatch):
    out, tree = tmp_path / "out", make_tree(tmp_path / "mp", 1, 25)
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("FREEZE", str(own))
    with pytest.raises(SystemExit, match="is no folder with .py files"):
        build.freeze_dir()
    (own / "mine.py").touch()
    assert build.freeze_dir() == own

    def listed():
        """Whether what is frozen was still in the list of before."""
        build.prepare(out, tree)
        there = (out / "frozen_content.c").exists()
        (out / "frozen_content.c").touch()
        return there

    assert [listed(), listed()] == [False, True]
    (own / "more.py").touch()
    assert [listed(), listed()] == [False, True]
    monkeypatch.delenv("FREEZE")
    assert build.freeze_dir() is None
    assert [listed(), listed()] == [False, True]
