# Frostnet: Chromium is found or fetched, or it is said why not
# MIT license; Copyright (c) 2026 The Frostnet authors

import pathlib
import subprocess

import pytest

import fetch_chromium
from private_apt import AptError

DEBIAN = {"ID": "debian", "VERSION_CODENAME": "bookworm"}


class Apt:
    """A PrivateApt with a C library among what it gives."""

    fails = False

    def __init__(self, folder, arch, suite):
        pass

    def update(self):
        if self.fails:
            raise AptError("no mirror")

    def download_with_dependencies(self, *packages):
        return [pathlib.Path("libc6_2.36_amd64.deb"), pathlib.Path("chromium_1_amd64.deb")]


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of Debian on which it is not installed; `unpacked` has what was unpacked."""
    folder = tmp_path / "chromium"
    folder.mkdir()
    Apt.unpacked = []
    Apt.fails = False

    def unpack(debs, root):
        Apt.unpacked.extend(deb.name for deb in debs)
        for path in ("usr/lib/chromium", "usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"):
            (root / path).mkdir(parents=True)
        program = root / "usr/lib/chromium/chromium-headless-shell"
        program.write_text('#!/bin/sh\necho "$LD_LIBRARY_PATH" "$FONTCONFIG_FILE" "$@"\n')
        program.chmod(0o755)

    monkeypatch.setattr(fetch_chromium, "FOLDER", folder)
    monkeypatch.setattr(fetch_chromium, "ROOT", folder / "root")
    monkeypatch.setattr(fetch_chromium, "PROGRAM", folder / "chromium-headless-shell")
    monkeypatch.setattr(fetch_chromium, "PrivateApt", Apt)
    monkeypatch.setattr(fetch_chromium.unpacked, "unpack", unpack)
    monkeypatch.setattr(fetch_chromium.shutil, "which", lambda name: None)
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: DEBIAN)
    return monkeypatch


def test_it_is_fetched_once_and_finds_its_libraries_and_fonts(machine, tmp_path):
    program = fetch_chromium.fetch()
    out = subprocess.run([program, "a  b"], capture_output=True, text=True, check=True).stdout
    root = tmp_path / "chromium" / "root"
    libraries = f"{root}/usr/lib/x86_64-linux-gnu:{root}/lib/x86_64-linux-gnu"
    assert out == f"{libraries} {tmp_path}/chromium/fonts.conf a  b\n"
    assert str(root) in (tmp_path / "chromium" / "fonts.conf").read_text()
    assert Apt.unpacked == ["chromium_1_amd64.deb"], "the C library is this machine's own"
    Apt.fails = True
    assert fetch_chromium.fetch() == program


def test_what_is_installed_will_do(machine):
    machine.setattr(
        fetch_chromium.shutil, "which", lambda name: "/x/chromium" if name == "chromium" else None
    )
    assert str(fetch_chromium.fetch()) == "/x/chromium" and not Apt.unpacked


def test_why_it_cannot_be_had(machine):
    Apt.fails = True
    with pytest.raises(fetch_chromium.Unavailable, match="no mirror"):
        fetch_chromium.fetch()
    machine.setattr("platform.freedesktop_os_release", lambda: {"ID": "fedora"})
    with pytest.raises(fetch_chromium.Unavailable, match="no release of Debian"):
        fetch_chromium.fetch()
