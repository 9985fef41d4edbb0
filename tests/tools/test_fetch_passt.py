# Frostnet: passt is found or fetched, or it is said why not
# MIT license; Copyright (c) 2026 The Frostnet authors

import subprocess

import pytest

import fetch_passt
from private_apt import AptError

DEBIAN = {"ID": "debian", "VERSION_CODENAME": "bookworm"}


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine on which passt is not installed; what is fetched goes to the test's folder."""
    monkeypatch.setattr(fetch_passt, "FOLDER", tmp_path)
    monkeypatch.setattr(fetch_passt, "PROGRAM", tmp_path / "root/usr/bin/passt")
    monkeypatch.setattr(fetch_passt.shutil, "which", lambda name: None)
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: DEBIAN)
    return monkeypatch


class Apt:
    """A PrivateApt whose package is a folder with the program."""

    asked = []

    def __init__(self, folder, arch, suite):
        self.asked.append(suite)

    def update(self):
        pass

    def download(self, package):
        return package


def unpack(command, **kw):
    if command[0] == "dpkg" and command[1] == "-x":
        (command[3] / "usr/bin").mkdir(parents=True)
        (command[3] / "usr/bin" / command[2]).touch()
    return subprocess.CompletedProcess(command, 0, "amd64\n", "")


def test_it_is_fetched_once_from_the_machines_release(machine):
    Apt.asked.clear()
    machine.setattr(fetch_passt, "PrivateApt", Apt)
    machine.setattr(fetch_passt.subprocess, "run", unpack)
    assert fetch_passt.fetch().exists()
    assert fetch_passt.fetch() == fetch_passt.PROGRAM and Apt.asked == ["bookworm"]


def test_what_is_installed_is_taken(machine):
    machine.setattr(fetch_passt.shutil, "which", lambda name: "/opt/passt")
    assert str(fetch_passt.fetch()) == "/opt/passt"


def test_it_is_said_why_it_cannot_be_had(machine):
    def broken(*args):
        raise AptError("no Debian mirror is configured in /etc/apt")

    machine.setattr(fetch_passt, "PrivateApt", broken)
    with pytest.raises(fetch_passt.Unavailable, match="cannot be fetched: no Debian mirror"):
        fetch_passt.fetch()
    machine.setattr("platform.freedesktop_os_release", lambda: {"ID": "fedora"})
    with pytest.raises(fetch_passt.Unavailable, match="no release of Debian"):
        fetch_passt.fetch()
