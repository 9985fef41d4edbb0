# Frostnet: the board in a container, and on a machine that has nothing but Debian
# MIT license; Copyright (c) 2026 The Frostnet authors
"""There need be no container engine: the steps of the Containerfile are carried out in clean roots
that debootstrap makes, from the folder that `docker build` would send. The root of its first stage
is a fresh machine, too: `make` and a copy of the sources are all that it was given."""

import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from hostlib import ROOT, cleanroot, lan
from hostlib.containerfile import Build, parse
from hostlib.fetch import fetch
from hostlib.terminal import Terminal

PATIENCE = 1800  # s for one step of a machine that does other things, too

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(cleanroot.missing() is not None, reason=cleanroot.missing() or ""),
    pytest.mark.skipif(lan.missing() is not None, reason=lan.missing() or ""),
]


def run(image, text):
    """A RUN of the Containerfile."""
    command = start(image, ["/bin/sh", "-c", text])
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, f"{text}: {done.stdout[-4000:]}"


def start(image, program):
    return cleanroot.command(image.root, program, image.user, image.env, image.workdir)


@pytest.fixture(scope="module")
def built():
    """What `docker build` would have made: the Build, with the last stage as `image`."""
    folder = Path(tempfile.mkdtemp(prefix="roots-", dir=cleanroot.cache()))

    def base(name):
        suite = re.fullmatch(r"debian:(\w+)-slim", name)[1]
        return cleanroot.copy(suite, folder / str(len(list(folder.iterdir()))))

    build = Build(ROOT, base, run)
    try:
        build.image = build.carry_out(parse((ROOT / "Containerfile").read_text()))
        yield build
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A namespace as a container's: a loopback, and one address of its own."""
    network = lan.Lan(tmp_path_factory.mktemp("network"))
    yield network
    network.close()


def dashboard(network, host):
    """The page at port 8080."""
    with network.inside():
        return fetch(f"http://{host}:8080/")


class Telnet:
    """A client that agrees to nothing, which is no reason not to be served (RFC 854)."""

    def __init__(self, network, host):
        with network.inside():
            self._s = socket.create_connection((host, 2323), 30)
        self._text = b""

    def read_until(self, wanted):
        while wanted not in self._text:
            data = self._s.recv(4096)
            assert data, f"{wanted!r} did not come: {self._text}"
            self._text += data
        self._text = self._text.partition(wanted)[2]

    def type(self, text):
        self._s.sendall(text.encode() + b"\r\n")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._s.close()


def look_at(terminal, network, host):
    """The board is at its prompt: the dashboard at port 8080, and the prompt at port 2323."""
    assert b"<title>Frostnet" in dashboard(network, host)
    terminal.type("import net; net.telnetd('correct horse')\r")
    terminal.read_until(b">>> ", 60)
    with Telnet(network, host) as telnet:
        telnet.read_until(b"assword: ")
        telnet.type("correct horse")
        telnet.read_until(b">>> ")
        telnet.type("6 * 7")
        telnet.read_until(b"42\r\n")


def leave(terminal):
    terminal.type("\x01x")
    assert terminal.process.wait(60) == 0


def test_docker_run(built, network):
    """docker run -it -p 127.0.0.1:8080:8080 -p 127.0.0.1:2323:2323 frostnet"""
    image = built.image
    assert image.ports == {8080, 2323}
    command = [*network.prefix, *start(image, image.entrypoint + image.command)]
    with Terminal(command) as terminal:
        text = terminal.read_until(b"\r\n>>> ", 120)
        assert "0.0.0.0:8080 is its tcp port 80." in text
        # The engine's own end of what it forwards comes to the container's address.
        look_at(terminal, network, network.host)
        assert dashboard(network, "localhost") == dashboard(network, network.host)
        leave(terminal)


def test_arguments_of_docker_run(built, network):
    """What stands behind the name of the image."""
    more = ["--set", "hostname=pump", "--disk", "/home/frostnet/disk.img"]
    command = [*network.prefix, *start(built.image, built.image.entrypoint + more)]
    with Terminal(command) as terminal:
        terminal.read_until(b"\r\n>>> ", 120)
        assert (built.image.root / "home/frostnet/disk.img").exists()
        terminal.type("import network; network.hostname()\r")
        terminal.read_until(b"'pump'\r", 60)
        leave(terminal)


def test_docker_finds_the_file():
    """`docker build` looks for a Dockerfile, others for a Containerfile."""
    assert (ROOT / "Dockerfile").resolve() == ROOT / "Containerfile"


def test_the_image_has_what_it_runs_and_no_more(built):
    image = built.image
    assert image.user not in (None, "root", "0")
    for name in ("usr/bin/make", "usr/bin/gcc", "usr/bin/aarch64-linux-gnu-gcc", "frostnet/lib"):
        assert not (image.root / name).exists()
    usage = subprocess.run(["du", "-sm", image.root], capture_output=True, text=True, check=True)
    assert int(usage.stdout.split()[0]) < 500, usage.stdout


def test_make_run_on_a_fresh_machine(built, network):
    """The command of the README, as root, in the root in which `make firmware` found all it
    needs: QEMU is missing, and is installed. Then again without a network, for its two ports."""
    machine = built.images["build"]
    fresh = not (
        machine.root / "usr/bin/qemu-system-aarch64"
    ).exists()  # it is not, the second time
    with Terminal(start(machine, ["make", "run"])) as terminal:
        text = terminal.read_until(b"\r\n>>> ", 500)
        assert fresh == ("installing qemu-system-arm" in text)
        leave(terminal)
    with Terminal([*network.prefix, *start(machine, ["make", "run"])]) as terminal:
        text = terminal.read_until(b"\r\n>>> ", 120)
        assert "installing" not in text
        assert "The dashboard is at http://localhost:8080/." in text
        assert "127.0.0.1:2323 is its tcp port 23." in text
        look_at(terminal, network, "localhost")
        leave(terminal)
