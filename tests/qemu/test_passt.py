# Frostnet: passt, user networking outside of QEMU, with MTUs up to its own
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import hashlib
import socket
import subprocess
import sys
import time

import pytest

from hostlib import capture, pattern, peers
from hostlib.board import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import fetch_passt

SIZE = 2_000_000
ROUTER = "192.168.77.254"  # which is the host's loopback, by passt's map
ECHO = 2007  # port of the host that leads to the board's


@pytest.fixture(scope="session")
def program():
    try:
        return fetch_passt.fetch()
    except fetch_passt.Unavailable as e:
        pytest.skip(str(e))


@contextlib.contextmanager
def passt(program, wire, folder):
    """passt in the namespace, which takes addresses and routes from what is there. Gives QEMU's
    -netdev; skips the test if it does not run here."""
    wire.ip("route", "add", "default", "via", ROUTER, "dev", "tap0")
    path = folder / "passt.sock"
    command = [*wire.prefix, program, "--foreground", "--one-off", "--ipv4-only", "--runas", "0"]
    command += ["--socket", path, "--tcp-ports", str(ECHO), "--udp-ports", "none"]
    log = folder / "passt.log"
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + 10
        while not path.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace").strip().splitlines()
                pytest.skip("passt does not run here: " + (said or ["it says nothing"])[-1])
            time.sleep(0.02)
        yield f"stream,id=n0,server=off,addr.type=unix,addr.path={path}"
    finally:
        process.kill()
        process.wait()


# The smallest that everybody has, and passt's own, which its DHCP server tells.
@pytest.mark.lossy
@pytest.mark.parametrize("mtu", (1500, 65520))
def test_transfers(wire, boot, captured, program, tmp_path, mtu):
    card = "virtio-net-device" + (",host_mtu=65535" if mtu > 1500 else "")
    with passt(program, wire, tmp_path) as netdev:
        board = boot(netdev=netdev, card=card, modern=True)
        board.wait_prompt()
        assert board.wait_lease() == wire.host, "passt gives the host's own address"
        board.load()
        board.exec("import network")
        assert board.eval("network.LAN().ifconfig()[2]") == ROUTER
        assert board.eval("network.LAN()._iface.mtu") == mtu
        with wire.inside():
            servers = peers.Source(SIZE), peers.Sink(), peers.UdpEcho()
        source, sink, udp = servers
        with source, sink, udp:
            digest = hashlib.sha256(pattern.data(SIZE)).hexdigest()
            got = board.exec(f"recv({source.port}, True, '{ROUTER}')", 50).strip()
            assert got == digest
            board.exec(f"send({sink.port}, {SIZE}, '{ROUTER}')", 50)
            assert sink.done.acquire(timeout=30)
            assert sink.results[0][1:] == (SIZE, digest)
            # Datagrams, up to what fits into one frame.
            board.exec("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nu.settimeout(10)")
            for n in (1, 1000, min(mtu, 9000) - 28):
                board.exec(f"u.sendto(bytes({n}), ('{ROUTER}', {udp.port}))")
                assert board.eval("len(u.recv(70000))") == n
        # And inwards.
        with board.serving(f"tcp_echo({ECHO})"), wire.inside():
            with socket.create_connection(("127.0.0.1", ECHO), timeout=10) as s:
                assert peers.ask(s, pattern.data(30000)) == pattern.data(30000)
        if mtu > 1500:
            ours = f"ip.src == {wire.host} && tcp.len > 10000"
            assert capture.count(captured.until_now(board), ours), "no large segments"
