#!/usr/bin/env python3
# Frostnet: pack the dashboard's page into a module that is frozen into the image
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import gzip
import hashlib

from common import BUILD, ROOT, main

PAGES = ROOT / "firmware" / "httpd" / "pages"
MODULE = BUILD / "pages" / "httpd_pages.py"

TEXT = """\
# Frostnet: the dashboard's page, packed; made by tools/pack_pages.py
# MIT license; Copyright (c) 2026 The Frostnet authors

ETAG = '"{etag}"'
PAGE = {page!r}
"""


def page():
    """The page in one piece: a browser asks once, and for nothing else."""
    html = (PAGES / "index.html").read_text()
    for name in ("style.css", "dashboard.js"):
        mark = f"/* {name} */"
        if html.count(mark) != 1:
            raise SystemExit(f"{PAGES / 'index.html'} must have {mark!r} once")
        html = html.replace(mark, "\n" + (PAGES / name).read_text())
    return html.encode()


def pack():
    """Write the module if it would be another one."""
    data = page()
    # No time, no name: the same page is the same module.
    packed = gzip.compress(data, 9, mtime=0)
    text = TEXT.format(etag=hashlib.sha256(data).hexdigest()[:16], page=packed)
    if not MODULE.exists() or MODULE.read_text() != text:
        MODULE.parent.mkdir(parents=True, exist_ok=True)
        MODULE.write_text(text)
    return MODULE


def cli():
    argparse.ArgumentParser(
        description="Pack firmware/httpd/pages into build/pages/httpd_pages.py; every build does."
    ).parse_args()
    print(pack())


if __name__ == "__main__":
    main(cli)
