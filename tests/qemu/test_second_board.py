# Frostnet: a second board on a private wire, served by the first; other clients of both services
# MIT license; Copyright (c) 2026 The Frostnet authors

import re
import subprocess

import pytest

from hostlib import packages
from hostlib.lan import boot_on


def setting(name, text):
    return ["-fw_cfg", f"name=opt/frostnet/{name},string={text.replace(',', ',,')}"]


# The two ends of a private wire, as docs/two-boards.md has them.
def ends(folder, *ids):
    paths = [folder / "a", folder / "b"]
    netdevs = []
    for id, here, there in zip(ids, paths, reversed(paths), strict=True):
        netdev = f"dgram,id={id},local.type=unix,local.path={here}"
        netdevs.append(netdev + f",remote.type=unix,remote.path={there}")
    return netdevs


@pytest.mark.lossy  # on a busy machine an ACK of the second board may be late: it is asked for
@pytest.mark.timeout(150)
def test_second_board(boot, tmp_path):
    near, far = ends(tmp_path, "n1", "n0")
    args = ["-netdev", near, "-device", "virtio-net-device,netdev=n1,id=net1"]
    for name, text in (
        ("hostname", "first"),
        ("eth1.ip", "10.1.0.1/24"),
        ("dhcpd", "eth1,last=10.1.0.120,lease=600"),
        ("dnsd", "eth1"),
        ("httpd", "on"),
        ("inetd", "echo"),
        ("tftpd", "/,port=6969"),
        ("syslog", "10.0.2.2"),
    ):
        args += setting(name, text)
    first = boot(args=args)
    first.wait_prompt(60)
    first.wait_lease(60)
    first.exec(
        "import services, time\n"
        "wanted = {'dhcpd-eth1', 'dnsd', 'httpd', 'echo', 'echo-udp', 'tftpd', 'syslog'}\n"
        "while not wanted <= set(services.running): time.sleep(0.1)\n"
        "import netup, frostnet.runtime\n"
        "frostnet.runtime.current().resolver.hosts.add('printer.example.org', 0x0A010009)",
        60,
    )

    second = boot(netdev=far, args=setting("hostname", "second"))
    second.wait_prompt(60)
    assert second.wait_lease(60) == "10.1.0.100"
    second.exec("import net, socket")
    # Names: the first board, this one, and the hosts table of the first
    for name, address in (
        ("first.lan", "10.1.0.1"),
        ("first", "10.1.0.1"),
        ("second", "10.1.0.100"),
        ("printer.example.org", "10.1.0.9"),
    ):
        got = second.eval(f"socket.getaddrinfo({name!r}, 80)[0][-1]", 60)
        assert got == (address, 80), name
    assert "first.lan" in second.exec("net.nslookup('10.1.0.1')", 60)
    out = second.exec("net.wget('http://first.lan/api/status', '-', quiet=True)", 60)
    assert re.search(r'"name": ?"first"', out), out
    leases = first.exec("print(services.running['dhcpd-eth1'].leases)")
    assert leases.strip() == "[<10.1.0.100 bound second>]"
    counters = first.eval("services.running['dnsd'].counters")
    assert counters["local"] >= 3 and counters["failed"] == 0
    # It gives the address back, and gets the same again
    second.exec("import netup\nnetup.stop()\nnetup.start()")
    assert second.wait_lease(60) == "10.1.0.100"
    assert first.eval("services.running['dhcpd-eth1'].counters['releases']") == 1
    first.exec("for s in list(services.running.values()): s.stop()")
    assert first.eval("len(services.running)") == 0


SCRIPT = """#!/bin/sh
echo "$1 ip=$ip mask=$mask dns=$dns domain=$domain lease=$lease server=$serverid"
"""


@pytest.fixture(scope="module")
def busybox():
    return packages.program("busybox")


@pytest.fixture(scope="module")
def dig():
    return packages.program("dig")


def ask(wire, dig, *args):
    command = [*wire.prefix, dig, "@192.168.77.2", "+time=5", "+tries=3", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=40).stdout


@pytest.mark.lossy  # dig asks again if it is kept waiting
@pytest.mark.timeout(150)
def test_real_clients(wire, boot, busybox, dig, tmp_path):
    # dnsmasq is the server that the board asks; the host beside it is a client of the board
    big = [f"--host-record=big.test,10.9.{i}.1" for i in range(100)]
    wire.start_dnsmasq("--no-dhcp-interface=tap0", "--txt-record=text.test,hello", *big)
    args = [*setting("ip", "192.168.77.2/24"), *setting("dns", wire.host)]
    args += [*setting("dhcpd", "eth0"), *setting("dnsd", "on")]
    board, _ = boot_on(wire, boot, args=args)
    board.exec(
        "import services, time\n"
        "while not {'dhcpd-eth0', 'dnsd'} <= set(services.running): time.sleep(0.1)",
        60,
    )
    script = tmp_path / "script"
    script.write_text(SCRIPT)
    script.chmod(0o755)
    client = [*wire.prefix, busybox, "udhcpc", "-f", "-i", "tap0", "-s", script, "-t", "5", "-n"]
    client += ["-x", "hostname:host"]
    for extra in (["-q"], ["-q", "-B", "-r", "192.168.77.140"]):
        done = subprocess.run([*client, *extra], capture_output=True, text=True, timeout=60)
        said = re.search(r"^bound .*", done.stdout, re.M)
        assert said, done
        assert re.fullmatch(
            r"bound ip=192\.168\.77\.1\d\d mask=(24|255\.255\.255\.0) dns=192\.168\.77\.2 "
            r"domain=lan lease=3600 server=192\.168\.77\.2",
            said[0],
        ), said[0]
    counters = board.eval("services.running['dhcpd-eth0'].counters")
    assert counters["acks"] >= 2 and counters["failed"] == 0
    assert counters["drop_malformed"] == 0

    assert ask(wire, dig, "+short", "host.test").split() == [wire.host]
    assert ask(wire, dig, "+short", "alias.test").split() == ["host.test.", wire.host]
    assert '"hello"' in ask(wire, dig, "+short", "text.test", "TXT")
    assert ask(wire, dig, "+short", "host.lan").startswith("192.168.77.1")
    assert "NXDOMAIN" in ask(wire, dig, "nobody.lan")
    assert "status: REFUSED" in ask(wire, dig, "elsewhere.example.org")  # as dnsmasq says
    # By TCP, cut short by UDP, and whole then
    assert ask(wire, dig, "+short", "+tcp", "host.test").split() == [wire.host]
    assert len(ask(wire, dig, "+short", "+noedns", "big.test").split()) == 100
    cut = ask(wire, dig, "+noedns", "+ignore", "big.test")
    assert re.search(r"flags:[^;]* tc", cut), cut
    counters = board.eval("services.running['dnsd'].counters")
    assert counters["failed"] == 0 and counters["answered"] >= 5
