# Frostnet: apt with a configuration of its own, for another architecture or suite
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The machine's Debian mirror and keyring are used; its own lists, caches and hooks stay
untouched."""

import os
import platform
import re
import subprocess
from pathlib import Path

# Fields of a source that say what to take; the others say how to reach and trust the archive.
SELECTION = {"types", "uris", "suites", "components", "enabled", "architectures", "targets"}


class AptError(Exception):
    """apt could not do it; the text says why."""


def parse_deb822(text):
    """Entries of a .sources file as dicts with lower-case keys; folded lines are kept."""
    for block in re.split(r"\n\s*\n", text):
        entry, key = {}, None
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            if line[:1] in (" ", "\t") and key:
                entry[key] += "\n" + line
            elif ":" in line:
                key, value = line.split(":", 1)
                key = key.strip().lower()
                entry[key] = value.strip()
        if entry:
            yield entry


def parse_list(text):
    """Entries of a one-line .list file, in the same form."""
    names = {"arch": "architectures", "target": "targets"}
    for line in text.splitlines():
        match = re.match(r"\s*(deb|deb-src)\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)([^#]*)", line)
        if match:
            kind, options, uri, suite, components = match.groups()
            entry = {"types": kind, "uris": uri, "suites": suite, "components": components.strip()}
            for option in (options or "").split():
                key, _, value = option.partition("=")
                key = key.rstrip("+-").lower()
                entry[names.get(key, key)] = value.replace(",", " ")
            yield entry


def machine_sources(etc=Path("/etc/apt")):
    """All entries of this machine's apt configuration."""
    for path in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]:
        if path.is_file() and path.suffix in (".list", ".sources"):
            parse = parse_deb822 if path.suffix == ".sources" else parse_list
            yield from parse(path.read_text())


def debian_source(entries, **selection):
    """A deb822 source with these fields, by way of the mirror and keyring of the first entry that
    is an archive of Debian itself."""
    for entry in entries:
        uri = next(iter(entry.get("uris", "").split()), "")
        enabled = entry.get("enabled", "yes").lower() not in ("no", "false", "0")
        suites = [s for s in entry.get("suites", "").split() if not re.search("-security|/", s)]
        debian = re.search(r"/debian/?$", uri) or uri.startswith("mirror")
        if enabled and debian and suites and "main" in entry.get("components", "").split():
            fields = {k: v for k, v in entry.items() if k not in SELECTION}
            fields.update(selection, uris=uri, components="main")
            return "".join(f"{key.title()}: {value}\n" for key, value in fields.items())
    raise AptError("no Debian mirror is configured in /etc/apt")


def machine_architecture():
    """What Debian calls this machine's processor."""
    command = ["dpkg", "--print-architecture"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as e:
        raise AptError(f"dpkg does not run: {e}") from e


def machine_release():
    """The code name of this machine's release of Debian."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    if release.get("ID") != "debian" or "VERSION_CODENAME" not in release:
        raise AptError("this is no release of Debian")
    return release["VERSION_CODENAME"]


class PrivateApt:
    """Packages of `suite`: binaries for `arch`, or sources (types="deb-src", no arch).

    Everything is kept under `folder`."""

    def __init__(self, folder, arch, suite, types="deb"):
        self.folder = Path(folder).resolve()
        for name in ("state/lists/partial", "cache/archives/partial", "debs"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        # No package counts as installed, whatever this machine has.
        (self.folder / "status").touch()
        self._selection = {"types": types, "suites": suite}
        self._config = self.folder / "apt.conf"
        self._config.write_text(
            f'Dir::State "{self.folder}/state";\n'
            f'Dir::State::status "{self.folder}/status";\n'
            f'Dir::Cache "{self.folder}/cache";\n'
            f'Dir::Etc::SourceList "{self.folder}/debian.sources";\n'
            'Dir::Etc::SourceParts "-";\n'
            + (f'APT::Architecture "{arch}";\nAPT::Architectures "{arch}";\n' if arch else "")
            # apt's helper user has no way into a home directory.
            + 'APT::Sandbox::User "root";\n'
            'APT::Update::Error-Mode "any";\n'
            'Acquire::Languages "none";\n'
            'Acquire::Retries "3";\n'
            # The machine's hooks clean up the machine's caches.
            "#clear APT::Update::Pre-Invoke;\n"
            "#clear APT::Update::Post-Invoke;\n"
            "#clear APT::Update::Post-Invoke-Success;\n"
        )

    def _run(self, program, *args, cwd=None):
        # -c is read after the machine's configuration, APT_CONFIG before it.
        command = [program, "-c", str(self._config), "-q", *args]
        env = {**os.environ, "LC_ALL": "C"}
        done = subprocess.run(
            command, cwd=cwd, check=False, text=True, capture_output=True, env=env
        )
        if done.returncode:
            raise AptError((done.stderr.strip().splitlines() or ["no reason given"])[-1])
        return done.stdout

    def update(self):
        """Fetch the package lists."""
        source = debian_source(machine_sources(), **self._selection)
        (self.folder / "debian.sources").write_text(source)
        self._run("apt-get", "update")

    def show(self, package):
        """The package's record as a dict with lower-case keys."""
        return next(parse_deb822(self._run("apt-cache", "show", "--no-all-versions", package)))

    def download(self, package):
        """Fetch a package; returns the path of its file."""
        debs = self.folder / "debs"
        for old in debs.glob(f"{package}_*.deb"):
            old.unlink()
        self._run("apt-get", "download", package, cwd=debs)
        (deb,) = debs.glob(f"{package}_*.deb")
        return deb

    def download_with_dependencies(self, *packages):
        """Fetch packages and all that they need; returns the paths of the files."""
        self._run(
            "apt-get", "install", "--download-only", "--no-install-recommends", "-y", *packages
        )
        return sorted((self.folder / "cache" / "archives").glob("*.deb"))

    def download_source(self, package, version, folder):
        """Fetch the files of a source package into the folder."""
        self._run("apt-get", "source", "--download-only", f"{package}={version}", cwd=folder)
