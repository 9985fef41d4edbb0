# Frostnet: the peers of package tests are found or fetched, or it is said why not
# MIT license; Copyright (c) 2026 The Frostnet authors

import subprocess

import pytest

import fetch_peers
from private_apt import AptError

DEBIAN = {"ID": "debian", "VERSION_CODENAME": "bookworm"}


class Apt:
    """A PrivateApt; unpacking what it gives makes the programs and a loader."""

    asked = []

    def __init__(self, folder, arch, suite):
        pass

    def update(self):
        pass

    def download_with_dependencies(self, *packages):
        self.asked.append(packages)
        return []


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of Debian on which none of the programs is installed."""

    def unpack(debs, root):
        for folder in ("usr/bin", "usr/sbin", "lib/x86_64-linux-gnu", "lib64"):
            (root / folder).mkdir(parents=True)
        loader = root / "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
        loader.write_text('#!/bin/sh\necho "$@"\n')
        loader.chmod(0o755)
        # As in Debian 12: it leads to the loader of the machine itself.
        (root / "lib64/ld-linux-x86-64.so.2").symlink_to("/lib/x86_64-linux-gnu/ld-linux.so")

    Apt.asked.clear()
    monkeypatch.setattr(fetch_peers, "FOLDER", tmp_path)
    monkeypatch.setattr(fetch_peers, "PrivateApt", Apt)
    monkeypatch.setattr(fetch_peers.unpacked, "unpack", unpack)
    monkeypatch.setattr(fetch_peers.shutil, "which", lambda name, path: None)
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: DEBIAN)
    return monkeypatch


def test_all_are_fetched_at_once_and_started_by_their_own_loader(machine, tmp_path):
    for name, program in fetch_peers.PROGRAMS.items():
        done = subprocess.run(
            [fetch_peers.fetch(name), "-x", "a  b"], capture_output=True, text=True, check=True
        )
        root = tmp_path / "root"
        assert (
            done.stdout == f"--library-path {root}/lib/x86_64-linux-gnu {root}/{program} -x a  b\n"
        )
    assert Apt.asked == [fetch_peers.PACKAGES]


def test_what_is_installed_is_taken(machine):
    machine.setattr(fetch_peers.shutil, "which", lambda name, path: f"/opt/{name}")
    assert str(fetch_peers.fetch("wrk")) == "/opt/wrk" and not Apt.asked


def test_it_is_said_why_they_cannot_be_had(machine):
    def broken(*args):
        raise AptError("no Debian mirror is configured in /etc/apt")

    machine.setattr(fetch_peers, "PrivateApt", broken)
    with pytest.raises(fetch_peers.Unavailable, match="cannot be fetched from Debian: no Debian"):
        fetch_peers.fetch("wrk")
    machine.setattr("platform.freedesktop_os_release", lambda: {"ID": "fedora"})
    with pytest.raises(fetch_peers.Unavailable, match="chrony, .* no release of Debian"):
        fetch_peers.fetch("wrk")
