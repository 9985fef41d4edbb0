# Frostnet: the copy of MicroPython that gets the emitter; the original is only read
# MIT license; Copyright (c) 2026 The Frostnet authors

import hashlib
import os
import shutil
import subprocess

import pytest

import build
import patch_micropython

pytestmark = pytest.mark.skipif(
    not (build.fetch_sources.MICROPYTHON.tree / "py").is_dir(), reason="no source was fetched yet"
)


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """The copy goes elsewhere, and is not locked against builds."""
    monkeypatch.setattr(patch_micropython, "COPY", tmp_path / "copy")
    monkeypatch.setenv("FROSTNET_LOCKED", str(build.BUILD))
    return tmp_path / "copy"


@pytest.fixture
def tree(tmp_path):
    """What is patched of the pinned source."""
    tree = tmp_path / "tree"
    for name in patched_files():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(build.fetch_sources.MICROPYTHON.tree / name, tree / name)
    for name in (*patch_micropython.COPIED, "lib/oofatfs"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    return tree


def patches():
    return sorted((patch_micropython.EMITTER / "patches").glob("*.patch"))


def patched_files():
    lines = [line for patch in patches() for line in patch.read_text().splitlines()]
    return sorted({line[6:] for line in lines if line.startswith("+++ b/")})


def state(tree):
    """Names, contents and times of everything in a tree."""
    found = {}
    for path in sorted(tree.rglob("*")):
        content = hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""
        found[path] = (path.lstat().st_mtime_ns, path.lstat().st_mode, content)
    return found


def test_pinned_source_takes_the_patches_and_stays_as_it_is(copy, tree):
    for path in (tree, *tree.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    before = state(tree)
    assert patch_micropython.patched(tree) == copy
    assert state(tree) == before
    for name in patched_files():
        assert (copy / name).read_bytes() != (tree / name).read_bytes(), name
    assert (copy / "py" / "asmaarch64.c").is_file()
    assert (copy / "lib/oofatfs").resolve() == tree / "lib/oofatfs"
    assert not list(copy.rglob("*.rej")) and not list(copy.rglob("*.orig"))


@pytest.mark.parametrize("name", ["py/emitnative.c", "mpy-cross/main.c"])
@pytest.mark.parametrize("gone", [False, True], ids=["changed", "missing"])
def test_file_that_does_not_take_a_patch_is_named(copy, tree, name, gone):
    if gone:
        (tree / name).unlink()
        if name == "mpy-cross/main.c":
            (tree / "mpy-cross/mpconfigport.h").touch()
    else:
        (tree / name).write_text("// another version\n")
    with pytest.raises(SystemExit) as error:
        patch_micropython.patched(tree)
    text = str(error.value)
    assert text.count("\n") == 0 and f" {name} of this MicroPython does not take " in text, text
    assert not copy.exists()


def test_tree_may_do_without_an_optional_patch(copy, tree):
    """Version 1.26 has the addressing modes as macros, and words its usage otherwise."""
    usage = tree / "mpy-cross" / "main.c"
    text = usage.read_text()
    assert "rv32imc, debug" in text
    usage.write_text(text.replace("rv32imc, debug", "rv32imc, host, debug"))
    patch_micropython.patched(tree)
    patched = (copy / "mpy-cross" / "main.c").read_text()
    assert 'strcmp(arch, "aarch64")' in patched and "rv32imc, host, debug" in patched


def test_emitter_of_the_tree_itself_is_used(copy, tree):
    with open(tree / "py/mpconfig.h", "a") as f:
        f.write("#define MICROPY_EMIT_ARM64 (0)\n")
    with pytest.raises(SystemExit, match="names no -march for it"):
        patch_micropython.patched(tree)
    with open(tree / "mpy-cross/main.c", "a") as f:
        f.write('} else if (strcmp(arch, "arm64") == 0) {\n')
    assert patch_micropython.patched(tree) == tree
    assert not copy.exists()
    assert build.native_options(tree) == ["NATIVE_OPTION=MICROPY_EMIT_ARM64", "NATIVE_ARCH=arm64"]


def test_patched_copy_counts_as_patched(copy, tree):
    patch_micropython.patched(tree)
    assert build.native_options(copy) == []


def test_copy_is_made_anew_when_something_changed(copy, tree, tmp_path, monkeypatch):
    emitter = tmp_path / "emitter"
    shutil.copytree(patch_micropython.EMITTER, emitter)
    monkeypatch.setattr(patch_micropython, "EMITTER", emitter)

    def renewed():
        mark = copy / "mark"
        kept = mark.exists()
        patch_micropython.patched(tree)
        renewed = kept and not mark.exists()
        mark.touch()
        return renewed

    renewed()
    assert not renewed()
    (tree / "ports/unix/build-standard").mkdir()
    (tree / "ports/unix/build-standard/main.o").touch()
    assert not renewed(), "what was built in the checkout is not copied"
    (tree / "extmod/new.c").touch()
    assert renewed()
    os.utime(tree / "py/compile.c", (2e9, 2e9))
    assert renewed()
    (tree / "new").mkdir()
    assert renewed() and (copy / "new").is_symlink()
    with open(emitter / "asmaarch64.h", "a") as f:
        f.write("// changed\n")
    assert renewed() and (copy / "py/asmaarch64.h").read_text().endswith("// changed\n")


def test_copy_made_anew_looks_no_newer(copy, tree):
    def times():
        patch_micropython.patched(tree)
        return {name: (copy / name).stat().st_mtime_ns for name in patched_files()}

    before = times()
    shutil.rmtree(copy)
    assert times() == before


def test_version_is_that_of_the_checkout(copy, tree, monkeypatch):
    def git(*args):
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", "-C", tree, *who, *args], check=True, capture_output=True)

    (tree / "docs").mkdir()
    git("init")
    git("add", ".")
    git("commit", "-m", "x")
    git("tag", "-a", "v9.8.7", "-m", "x")
    copied = patch_micropython.patched(tree)
    assert patch_micropython.origin(copied) == tree
    assert patch_micropython.origin(tree) == tree
    seen = {}
    monkeypatch.setattr(build, "run", lambda *command, env: seen.update(env))
    build.make(copied, copied / "mpy-cross")
    assert seen["MICROPY_GIT_TAG"] == "v9.8.7"
    shutil.rmtree(tree / ".git")
    seen.clear()
    build.make(copied, copied / "mpy-cross")
    assert "MICROPY_GIT_TAG" not in seen
    assert seen["GIT_CEILING_DIRECTORIES"] == str(copied.parent)


def test_objects_of_another_checkout_are_dropped(copy, tree, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(tree, other)
    out = tmp_path / "out"
    for source in (tree, other):
        build.prepare(out, patch_micropython.patched(source))
        assert not (out / "object.o").exists()
        (out / "object.o").touch()
