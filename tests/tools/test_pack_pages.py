# Frostnet: tests of tools/pack_pages.py
# MIT license; Copyright (c) 2026 The Frostnet authors

import gzip
import re

import pack_pages


def values(path):
    names = {}
    exec(path.read_text(), names)
    return names["ETAG"], names["PAGE"]


def test_the_module_has_the_whole_page(monkeypatch, tmp_path):
    monkeypatch.setattr(pack_pages, "MODULE", tmp_path / "pages" / "httpd_pages.py")
    module = pack_pages.pack()
    etag, packed = values(module)
    page = gzip.decompress(packed).decode()
    assert "</html>" in page and "fetch(" in page and "canvas {" in page
    assert "/* style.css */" not in page and "/* dashboard.js */" not in page
    assert re.fullmatch('"[0-9a-f]{16}"', etag)
    assert len(packed) < 16384, "it is in every image"


def test_it_is_written_when_it_changes_and_only_then(monkeypatch, tmp_path):
    monkeypatch.setattr(pack_pages, "MODULE", tmp_path / "httpd_pages.py")
    module = pack_pages.pack()
    before = module.stat().st_mtime_ns, values(module)
    pack_pages.pack()
    assert module.stat().st_mtime_ns == before[0]
    monkeypatch.setattr(pack_pages, "page", lambda: b"<p>another")
    pack_pages.pack()
    assert (
        values(module)[0] != before[1][0] and gzip.decompress(values(module)[1]) == b"<p>another"
    )


def test_nothing_is_loaded_from_elsewhere():
    page = pack_pages.page().decode()
    assert not re.findall(r"https?://|src=|@import|url\(", page)
