# Frostnet: apt with a configuration of its own, for another architecture or suite
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The machine's mirrors and keys are used; its lists, caches and settings stay untouched."""

import os
import subprocess
from pathlib import Path

from fetch_micropython import debian_source, machine_sources, parse_deb822


class AptError(Exception):
    """apt could not do it; the text says why."""


class PrivateApt:
    """Packages of `suite` for `arch`; everything is kept under `folder`."""

    def __init__(self, folder, arch, suite):
        self.folder = Path(folder).resolve()
        for name in ("state/lists/partial", "cache/archives/partial", "debs"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        # No package counts as installed, whatever this machine has.
        (self.folder / "status").touch()
        self._write_sources(arch, suite)
        self._config = self.folder / "apt.conf"
        self._config.write_text(
            f'Dir::State "{self.folder}/state";\n'
            f'Dir::State::status "{self.folder}/status";\n'
            f'Dir::Cache "{self.folder}/cache";\n'
            f'Dir::Etc::SourceList "{self.folder}/debian.sources";\n'
            'Dir::Etc::SourceParts "-";\n'
            f'APT::Architecture "{arch}";\n'
            f'APT::Architectures "{arch}";\n'
            'APT::Sandbox::User "";\n'
            'APT::Update::Error-Mode "any";\n'
            'Acquire::Languages "none";\n'
            'Acquire::Retries "3";\n'
        )

    def _write_sources(self, arch, suite):
        (entry,) = parse_deb822(debian_source(machine_sources()))
        entry.update(types="deb", suites=suite, architectures=arch)
        lines = [f"{key.title()}: {value}\n" for key, value in entry.items()]
        (self.folder / "debian.sources").write_text("".join(lines))

    def _run(self, *command, cwd=None):
        env = {**os.environ, "APT_CONFIG": str(self._config), "LC_ALL": "C"}
        done = subprocess.run(command, cwd=cwd, text=True, capture_output=True, env=env)
        if done.returncode:
            raise AptError((done.stderr.strip().splitlines() or ["no reason given"])[-1])
        return done.stdout

    def update(self):
        """Fetch the package lists."""
        self._run("apt-get", "-q", "update")

    def show(self, package):
        """The package's record as a dict with lower-case keys."""
        text = self._run("apt-cache", "show", "--no-all-versions", package)
        return next(parse_deb822(text))

    def download(self, package):
        """Fetch a package; returns the path of its file."""
        debs = self.folder / "debs"
        for old in debs.glob(f"{package}_*.deb"):
            old.unlink()
        self._run("apt-get", "-q", "download", package, cwd=debs)
        (deb,) = debs.glob(f"{package}_*.deb")
        return deb
