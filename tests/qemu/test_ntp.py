# Frostnet: net.ntp on the board, with chrony at the other end, and what the time is good for
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import subprocess
import time

import pytest

import fetch_peers
from hostlib import peers
from hostlib.console import ExecError
from hostlib.lan import boot_on

# chrony tells this machine's time and leaves it alone.
CONFIG = """
local stratum 4
allow
cmdport 0
bindaddress {host}
pidfile {folder}/chronyd.pid
"""
# For the board it is long ago when it boots.
RTC = ("-rtc", "base=1983-01-01T00:00:00")


@pytest.fixture(scope="module")
def chronyd():
    try:
        return fetch_peers.fetch("chronyd")
    except fetch_peers.Unavailable as e:
        pytest.skip(str(e))


@contextlib.contextmanager
def chrony(program, wire, folder):
    """A time server on the wire, with its log."""
    config = folder / "chrony.conf"
    config.write_text(CONFIG.format(host=wire.host, folder=folder))
    log = folder / "chrony.log"
    with log.open("w") as out:
        command = [*wire.prefix, program, "-x", "-d", "-d", "-F", "0", "-u", "root", "-f", config]
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + 20
        while "Disabled control" not in log.read_text():
            assert server.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.02)
        yield
    finally:
        server.terminate()
        server.wait(10)


def set_clock(board, *args):
    """Have the board set its clock; returns how far off it is then, in seconds, and what the
    command printed."""
    out = board.exec("import net\nt = net.ntp(%s)\nimport time\n" % ", ".join(map(repr, args)))
    before = time.time()
    says = board.eval("time.time_ns()") / 1e9
    after = time.time()
    return max(before - says, says - after, 0), out


@pytest.mark.timeout(120)
def test_clock_is_set_by_the_server_that_dhcp_names(wire, boot, chronyd, tmp_path):
    """RFC 4330 §5, RFC 2132 §8.3 (option 42). Nobody says the server's name."""
    wire.start_dnsmasq("--dhcp-option=42," + wire.host)
    with chrony(chronyd, wire, tmp_path):
        board, _ = boot_on(wire, boot, args=RTC)
        board.exec("import time")
        assert board.eval("time.gmtime()[0]") == 1983
        off, out = set_clock(board)
        first, second = out.splitlines()
        assert first.startswith(f"server {wire.host}, stratum 4, offset +"), out
        assert "step time server" in second and second[:4] == time.strftime("%Y"), out
        # The whole seconds are in the board's RTC too, and stay over a soft reset.
        assert off < 1, f"the clock is {off} s off"
        assert board.eval("(t.stratum, t.leap)") == (4, 0)
        assert board.eval("0 <= t.delay < 5 and t.offset > 1e9")
        board.soft_reset()
        board.wait_lease()
        assert abs(board.eval("__import__('time').time()") - time.time()) < 30
        board.exec("import net\nt = net.ntp(set=False)")
        assert abs(board.eval("t.offset")) < 1


@pytest.mark.timeout(120)
def test_clock_is_set_at_boot(wire, boot, chronyd, tmp_path):
    """The setting `ntp`: in the background, when the lease is there."""
    wire.start_dnsmasq("--dhcp-option=42," + wire.host)
    with chrony(chronyd, wire, tmp_path):
        args = [*RTC, "-fw_cfg", "name=opt/frostnet/ntp,string=on"]
        board, _ = boot_on(wire, boot, args=args)
        board.exec("import services, time")
        board.exec("while time.gmtime()[0] < 2000: time.sleep(0.1)", 60)
        assert abs(board.eval("time.time()") - time.time()) < 30
        assert board.eval("services.running['ntp'].counters['set']") >= 1


@pytest.mark.timeout(120)
def test_certificates_are_good_once_the_time_is_known(wire, boot, tmp_path, chronyd):
    """RFC 5280 §4.1.2.5: before notBefore a certificate is not valid."""
    from test_tls import TlsEcho

    wire.start_dnsmasq("--host-record=frostnet.test," + wire.host)
    ca = (peers.CERTIFICATES / "ca.pem").read_bytes()
    code = (
        "import socket, ssl\n"
        "def talk(port):\n"
        "    it = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)\n"
        "    it.verify_mode = ssl.CERT_REQUIRED\n"
        f"    it.load_verify_locations(cadata={ca!r})\n"
        "    s = socket.socket()\n"
        "    s.settimeout(30)\n"
        "    s.connect(socket.getaddrinfo('frostnet.test', port)[0][-1])\n"
        "    try:\n"
        "        c = it.wrap_socket(s, server_hostname='frostnet.test')\n"
        "        c.write(b'hello')\n"
        "        print(c.read(5))\n"
        "    finally:\n"
        "        s.close()\n"
    )
    with wire.inside():
        echo = TlsEcho(host=wire.host)
    with chrony(chronyd, wire, tmp_path), echo:
        board, _ = boot_on(wire, boot, args=RTC)
        board.exec(code)
        with pytest.raises(ExecError, match="validity starts in the future"):
            board.exec(f"talk({echo.port})", 60)
        off, _ = set_clock(board, "frostnet.test")
        assert off < 1
        assert board.exec(f"talk({echo.port})", 60) == "b'hello'\n"


def test_nobody_tells(board):
    """A sentence, not a traceback; the clock stays."""
    with pytest.raises(ExecError, match="nobody tells the time"):
        board.exec("import net\nnet.ntp('10.0.2.77', timeout=3)", 30)
    assert abs(board.eval("__import__('time').time()") - time.time()) < 30


def test_rtc_takes_microseconds(board):
    board.exec(
        "import machine, time\n"
        "rtc = machine.RTC()\n"
        "before = rtc.datetime()\n"
        "rtc.datetime((2030, 5, 6, 0, 7, 8, 9, 500000))\n"
        "t = time.time_ns()\n"
    )
    us = board.eval("t // 1000")
    start = 1904281689 * 1_000_000 + 500_000  # 2030-05-06 07:08:09.5 UTC
    assert start <= us < start + 1_000_000
    assert board.eval("rtc.datetime()[:4]") == (2030, 5, 6, 0)
    with pytest.raises(ExecError, match="out of range"):
        board.exec("rtc.datetime((2030, 5, 6, 0, 7, 8, 9, 1000000))")
    with pytest.raises(ExecError, match="out of range"):
        board.exec("rtc.datetime((2030, 5, 6, 0, 7, 8, 9, -1))")
    board.exec("rtc.datetime(before)")
