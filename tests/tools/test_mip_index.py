# Frostnet: a package index has what mip asks for, in its layout
# MIT license; Copyright (c) 2026 The Frostnet authors

import hashlib
import json
import urllib.error
import urllib.request

import pytest

import build
import mip_index

SOURCE = b"def hello():\n    return 'hello'\n"


def get(server, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=10) as answer:
        return answer.read()


def package(folder, name, kind="py", version="latest"):
    return json.loads((folder / "package" / kind / name / f"{version}.json").read_text())


def test_files_are_named_by_their_hashes(tmp_path):
    index = mip_index.Index(tmp_path)
    index.add("hello", {"hello/__init__.py": SOURCE, "hello/data.bin": b"\0"}, "1.2", ["other"])
    digest = hashlib.sha256(SOURCE).hexdigest()[:8]
    with mip_index.Server(tmp_path) as server:
        for version in ("1.2", "latest"):
            said = json.loads(get(server, f"/package/py/hello/{version}.json"))
            assert said["hashes"][0] == ["hello/__init__.py", digest]
            assert [name for name, _ in said["hashes"]] == ["hello/__init__.py", "hello/data.bin"]
            assert said["deps"] == [["other", "latest"]] and said["version"] == "1.2"
        assert get(server, f"/file/{digest[:2]}/{digest}") == SOURCE
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(server, "/package/6/hello/latest.json")
        assert "/package/6/hello/latest.json" in server.requests


def test_boards_get_what_was_compiled(tmp_path):
    if not build.MPY_CROSS.exists():
        pytest.skip("mpy-cross is not built")
    index = mip_index.Index(tmp_path, build.MPY_CROSS)
    index.add("hello", {"hello.py": SOURCE, "note.txt": b"as it is"})
    (compiled,) = {path.name for path in (tmp_path / "package").iterdir()} - {"py"}
    names = dict(package(tmp_path, "hello", compiled)["hashes"])
    assert set(names) == {"hello.mpy", "note.txt"}
    short = names["hello.mpy"]
    data = (tmp_path / "file" / short[:2] / short).read_bytes()
    assert data[:1] == b"M" and data[1] == int(compiled) and b"hello.py" in data
    with pytest.raises(ValueError, match="wrong.py cannot be compiled: .*Syntax"):
        index.add("wrong", {"wrong.py": b"def\n"})
    assert not (tmp_path / "package" / "py" / "wrong").exists()


def test_files_and_folders_are_packages(tmp_path):
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "inner" / "deep.py").write_bytes(SOURCE)
    (tmp_path / "single.py").write_bytes(SOURCE)
    (tmp_path / "empty").mkdir()
    index = mip_index.Index(tmp_path / "out")
    index.add_path(tree)
    index.add_path(tmp_path / "single.py")
    assert package(index.folder, "tree")["hashes"][0][0] == "tree/inner/deep.py"
    assert package(index.folder, "single")["hashes"][0][0] == "single.py"
    with pytest.raises(ValueError, match="has no .py files"):
        index.add_path(tmp_path / "empty")


def test_a_checkout_of_micropython_lib(tmp_path):
    """What a package requires becomes part of it; what is not for boards is left out."""
    if not (mip_index.MANIFESTS / "manifestfile.py").exists():
        pytest.skip("MicroPython's source was not fetched")
    lib = tmp_path / "lib"
    for name, manifest in {
        "micropython/upper": 'metadata(version="2.0")\nrequire("lower")\nmodule("upper.py")',
        "python-stdlib/lower": 'metadata(version="1.0")\nmodule("lower.py")',
        "micropython/strange": 'require("there-is-no-such-thing")',
    }.items():
        folder = lib / name
        folder.mkdir(parents=True)
        (folder / "manifest.py").write_text(manifest)
        (folder / f"{folder.name}.py").write_bytes(SOURCE)
    index = mip_index.Index(tmp_path / "out")
    assert sorted(index.add_library(lib)) == ["lower", "upper"]
    said = package(index.folder, "upper", version="2.0")
    assert [name for name, _ in said["hashes"]] == ["lower.py", "upper.py"]
