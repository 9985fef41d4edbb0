#!/usr/bin/env python3
# Frostnet: a package index for mip, made of what is at hand
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The layout is that of MicroPython's own index: package/FORMAT/NAME/VERSION.json lists a
package's files by their hashes and the packages that it needs, file/HH/HASH are the files. FORMAT
is "py" or the version of .mpy files; mip on the board asks for the latter."""

import argparse
import functools
import hashlib
import http.server
import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import fetch_packages
from common import BUILD, fail, main, say

FOLDER = BUILD / "mip-index"
MPY_CROSS = BUILD / "mpy-cross" / "mpy-cross"
MANIFESTS = BUILD / "micropython" / "tools"  # where manifestfile.py is
LATEST = "latest"
_HASH = 8  # digits of a file's hash, as in MicroPython's index


class Index:
    """An index in `folder`, which any web server can serve. `mpy_cross` compiles what is added;
    without it boards get the source."""

    def __init__(self, folder, mpy_cross=None):
        self.folder = Path(folder)
        self._mpy_cross = mpy_cross
        self._formats = {"py"}
        if mpy_cross:
            said = subprocess.run([mpy_cross, "--version"], capture_output=True, text=True)
            self._formats.add(re.search(r"mpy v(\d+)", said.stdout)[1])

    def add(self, name, files, version=LATEST, deps=()):
        """Add a package of {name on the board: path or bytes}; `deps` are names of packages.
        ValueError if a file cannot be compiled."""
        sources = {
            target: source if isinstance(source, bytes) else Path(source).read_bytes()
            for target, source in sorted(files.items())
        }
        # All is compiled before anything is written.
        forms = {kind: self._form(kind, sources) for kind in self._formats}
        for kind, contents in forms.items():
            package = {
                "v": 1,
                "version": version,
                "hashes": [[target, self._store(data)] for target, data in contents],
                "deps": [[dep, LATEST] for dep in deps],
            }
            for release in {version, LATEST}:
                path = self.folder / "package" / kind / name / f"{release}.json"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(package))

    def _form(self, kind, sources):
        return [
            (target[:-3] + ".mpy", self._compile(target, data))
            if kind != "py" and target.endswith(".py")
            else (target, data)
            for target, data in sources.items()
        ]

    def _store(self, data):
        short = hashlib.sha256(data).hexdigest()[:_HASH]
        path = self.folder / "file" / short[:2] / short
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return short

    def _compile(self, target, data):
        command = [self._mpy_cross, "-s", target, "-o", "-", "-"]
        done = subprocess.run(command, input=data, capture_output=True)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise ValueError(f"{target} cannot be compiled: {(said or ['no reason given'])[-1]}")
        return done.stdout

    # -- where packages come from

    def add_path(self, path):
        """A .py file, or a folder: a package of that name."""
        path = Path(path)
        if path.is_dir():
            files = {
                f"{path.name}/{file.relative_to(path).as_posix()}": file
                for file in path.rglob("*.py")
            }
        else:
            files = {path.name: path}
        if not files:
            raise ValueError(f"{path} has no .py files")
        self.add(path.stem if path.is_file() else path.name, files)

    def add_fetched(self, name):
        """A package of tools/fetch_packages.py."""
        package = fetch_packages.PACKAGES[name]
        self.add(name, package.fetch(), package.version, package.deps)

    def add_library(self, checkout):
        """All of a checkout of micropython-lib that is for boards; the names. What a package
        requires becomes part of it, as in MicroPython's index."""
        sys.path.insert(0, str(MANIFESTS))
        import manifestfile

        names = []
        for path in sorted(Path(checkout).glob("*/**/manifest.py")):
            manifest = manifestfile.ManifestFile(
                manifestfile.MODE_COMPILE, {"MPY_LIB_DIR": str(checkout)}
            )
            try:
                manifest.execute(str(path))
                files = {file.target_path: file.full_path for file in manifest.files()}
                self.add(path.parent.name, files, manifest.metadata().version or LATEST)
            except (manifestfile.ManifestFileError, ValueError):
                continue  # drivers for one board, and what is for the unix port
            names.append(path.parent.name)
        return names


class Server:
    """Serves a folder by HTTP, for this machine alone unless `host` says otherwise; `requests`
    are the paths that were asked for. A context manager with `.port`."""

    def __init__(self, folder, port=0, host="127.0.0.1"):
        self.requests = requests = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *args):
                requests.append(self.path)

        handler = functools.partial(Handler, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer((host, port), handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def join(self):
        self._thread.join()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def cli():
    parser = argparse.ArgumentParser(
        description="Serve a package index for mip on 127.0.0.1, made of .py files, of folders "
        f"with them, and of these packages of PyPI: {', '.join(fetch_packages.PACKAGES)}.",
        epilog='On a board with QEMU\'s user networking: mip.install("NAME", '
        'index="http://10.0.2.2:8200"); on the host: mpremote mip install --index '
        "http://127.0.0.1:8200 NAME.",
    )
    parser.add_argument("source", nargs="*", help="a .py file, a folder, or a package's name")
    parser.add_argument("--lib", metavar="FOLDER", help="add this checkout of micropython-lib")
    parser.add_argument("--port", type=int, default=8200)
    parser.add_argument("--out", type=Path, default=FOLDER, help="where the index is written")
    parser.add_argument("--no-serve", action="store_true", help="write the index only")
    args = parser.parse_args()
    index = Index(args.out, MPY_CROSS if MPY_CROSS.exists() else None)
    sources = args.source or ([] if args.lib else fetch_packages.PACKAGES)
    try:
        for source in sources:
            if source in fetch_packages.PACKAGES:
                index.add_fetched(source)
            elif Path(source).exists():
                index.add_path(source)
            else:
                fail(f"{source} is neither a file or folder nor a package: see --help")
        if args.lib:
            index.add_library(args.lib)
    except (ValueError, fetch_packages.Unavailable) as e:
        fail(f"the index is not complete: {e}")
    if args.no_serve:
        print(args.out)
        return
    try:
        server = Server(args.out, args.port)
    except OSError as e:
        fail(f"port {args.port} cannot be used ({e.strerror}): choose another with --port")
    say(f"serving packages at http://127.0.0.1:{server.port} until Ctrl-C")
    server.join()


if __name__ == "__main__":
    main(cli)
