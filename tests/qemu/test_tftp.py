# Frostnet: files by TFTP to and from dnsmasq, curl and QEMU's own server
# MIT license; Copyright (c) 2026 The Frostnet authors

import shutil
import subprocess

import pytest

from hostlib import pattern
from hostlib.board import USER_NET
from hostlib.lan import boot_on

SIZE = 300_001


def curl(wire, *args, data=None):
    """What it prints, and its exit status."""
    command = [*wire.prefix, "curl", "-sS", "--max-time", "40", *args]
    done = subprocess.run(command, capture_output=True, input=data)
    return done.stdout, done.returncode


@pytest.fixture
def tftp_board(wire, boot, tmp_path):
    """(wire, board, its address, what dnsmasq serves)."""
    folder = tmp_path / "served"
    folder.mkdir()
    folder.chmod(0o755)
    wire.start_dnsmasq("--enable-tftp", f"--tftp-root={folder}")
    (folder / "a.bin").write_bytes(pattern.data(SIZE))
    (folder / "empty").write_bytes(b"")
    board, address = boot_on(wire, boot)
    board.exec("import net, os")
    return wire, board, address, folder


def test_from_dnsmasq(tftp_board):
    wire, board, _, _ = tftp_board
    for options in ("", ", block=512, window=1", ", block=4000"):
        text = board.exec(f"net.tftp('{wire.host}', 'a.bin', '/a.bin'{options})", 40)
        assert "300.0 kB in" in text and "/a.bin" in text
        size, digest = board.exec("file_hash('/a.bin')").split()
        assert (int(size), digest) == (SIZE, pattern.sha256(SIZE))
    assert board.eval(f"net.tftp('{wire.host}', 'empty')") == b""
    with pytest.raises(Exception, match="192.168.77.1 refuses none"):
        board.exec(f"net.tftp('{wire.host}', 'none')")


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl_is_served(tftp_board, tmp_path):
    wire, board, address, _ = tftp_board
    data = pattern.data(SIZE)
    board.exec("os.mkdir('/served'); s = net.tftpd('/served', write=True)")
    source = tmp_path / "source"
    for n in (0, 512, 1468, SIZE):
        source.write_bytes(data[:n])
        url = f"tftp://{address}/new"
        assert curl(wire, "-T", str(source), url) == (b"", 0)
        assert board.exec("file_hash('/served/new')").split()[0] == str(n)
        for options in (("--tftp-no-options",), (), ("--tftp-blksize", "8192")):
            if n == 0 and options != ("--tftp-no-options",):
                continue  # curl takes a length of 0 for an error
            assert curl(wire, *options, url) == (data[:n], 0), (n, options)
    # 68 to 71 are curl's names for TFTP's errors.
    assert curl(wire, f"tftp://{address}/none")[1] == 68
    assert curl(wire, "--path-as-is", f"tftp://{address}/../main.py")[1] == 69
    board.exec("s.stop(); s = net.tftpd('/served')")
    assert curl(wire, "-T", str(source), f"tftp://{address}/new")[1] == 69
    # Several at once.
    command = [*wire.prefix, "curl", "-sS", "--max-time", "40", f"tftp://{address}/new"]
    clients = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    assert [client.communicate()[0] == data for client in clients] == [True] * 4
    assert board.eval("(s.counters['failed'], len(s.transfers))") == (0, 0)
    board.exec("s.stop()")
    assert curl(wire, "--max-time", "2", f"tftp://{address}/new")[1] != 0


def test_from_qemu(boot, tmp_path):
    (tmp_path / "a.bin").write_bytes(pattern.data(SIZE))
    board = boot(netdev=f"{USER_NET},tftp={tmp_path}")
    board.wait_prompt()
    board.wait_lease()
    board.load()
    board.exec("import net; net.tftp('10.0.2.2', 'a.bin', '/a.bin')", 40)
    size, digest = board.exec("file_hash('/a.bin')").split()
    assert (int(size), digest) == (SIZE, pattern.sha256(SIZE))
