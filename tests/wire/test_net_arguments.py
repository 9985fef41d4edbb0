# Frostnet: tests of commands that are called wrongly: a sentence, and nothing has happened
# MIT license; Copyright (c) 2026 The Frostnet authors

import net
from net_bench import Bench, error_of

HOST = "10.0.0.9"

# What people type, by command: arguments, then keyword arguments.
WRONG = (
    (net.ping, ((5,), (None,), ("",))),
    (net.ping, ((HOST, "x"), (HOST, -1), (HOST, 1.5), (HOST, 4, None), (HOST, 4, -1))),
    (net.ping, ({"size": -1}, {"size": 65508}, {"size": "x"}, {"ttl": 0}, {"ttl": 256})),
    (net.ping, ({"timeout": "x"}, {"deadline": 0}, {"deadline": "x"}, {"timeout": float("nan")})),
    (net.traceroute, ((5,), ("",), (HOST, 0), (HOST, "x"), (HOST, 256), (HOST, 5, 11))),
    (net.traceroute, ({"wait": 0}, {"wait": "x"}, {"size": 27}, {"size": None})),
    (net.wget, ((5,), (None,), ("http://10.0.0.9/", 5, 5))),
    (net.wget, (("http://10.0.0.9/", None, None, None, "x"),)),
    (net.tftp, ((5, "x"), ("", "x"), (HOST, 5), (HOST, ""), (HOST, "x", 5))),
    (net.tftp, ((HOST, "x", None, True, 5), (HOST, "x", 5, True))),
    (net.tftp, ((HOST, "x", None, False, "octet", 7), (HOST, "x", None, False, "octet", 512, 0))),
    (net.tftp, ((HOST, "x", None, False, "octet", 512, 1, 0),)),
    (net.tftpd, ((5,), (None,), ("/", 0), ("/", "x"), ("/", 65536))),
    (net.ifconfig, (("eth9",), (5,), ("eth0", 5), ("eth0", "1.2.3"), ("eth0", ""))),
    (net.ifconfig, (("eth0", None, 5), ("eth0", None, None, 5), ("eth0", None, None, [5]))),
    (net.ifconfig, (("eth0", None, None, None, None, "x"), ("eth0", None, None, None, None, -1))),
    (net.nslookup, ((5,), ("",), (None,), ("x", "ZZ"), ("x", 1), ("x", "A", 5))),
    (net.ntp, ((5,), ("",), (HOST, True, "x"), (HOST, True, 0))),
    (net.netstat, (("-z",), (5,), ("s",))),
    (net.ss, ((5,), ("x",))),
    (net.tcpdump, ((5,), ("foo bar",), ("host",))),
    (net.tcpdump, ({"count": "x"}, {"count": 0}, {"seconds": "x"}, {"seconds": -1})),
    (net.tcpdump, ({"iface": "eth9"}, {"iface": 5}, {"file": 5}, {"file": ""}, {"snaplen": 13})),
    (net.route, ((5,), ("x",), ("10.9.0.0/16",), ("10.9.0.0/16", 5), ("10.9.0.0/16", "x"))),
    (net.route, (("10.9.0.0/16", HOST, None, "x"), ("10.9.0.0/16", HOST, None, -1))),
    (net.route, ({"forward": "x"}, {"forward": 5})),
    (net.route, ((None, HOST), (None, None, None, 0, True), ("10.9.0.0/16", HOST, "eth9"))),
    (net.arp, ((5,), ("x",), ("",), (HOST, 5), (HOST, "x"), (None, "52:54:00:12:34:56"))),
    (net.arp, ((None, None), (HOST, "52:54:00:12:34:56", None, True), (HOST, "x", "eth9"))),
    (net.arp, (("10.0.0.77", None), (None, "", "eth9"))),
    (net.nc, ((5,), (HOST,), (HOST, "x"), (HOST, 0), (5, 5), ("", 5))),
    (net.up, (("x",), (-1,), (1, "eth9"))),
    (net.syslog, ((5,), ("",), (HOST, 0), (HOST, "x"), (HOST, 514, False, "x", 24))),
    (net.inetd, ((5,), ("foo",))),
    (net.httpd, ((5,), ("",), (None, "x"), (None, 0), (None, 80, None, True, True, "x"))),
    (net.telnetd, ((5,), ("",), ("secret", 0), ("secret", "x"), ("secret", 23, "x"))),
    (net.lspci, (("-z",), (5,))),
)


def test_every_wrong_call_is_a_sentence():
    with Bench() as bench:
        for command, calls in WRONG:
            for call in calls:
                if isinstance(call, dict):
                    args = (HOST,) if command in (net.ping, net.traceroute) else ()
                    kwargs = call
                else:
                    args, kwargs = call, {}
                try:
                    e = error_of(command, *args, **kwargs)
                except Exception as other:
                    raise AssertionError("%r %r %r: %r" % (command, args, kwargs, other))
                text = str(e)
                assert 15 < len(text) < 200, text
                assert e.errno == 22 or e.errno == 71 or e.errno < 0, (args, kwargs, e.errno, text)
        # and nothing was begun
        assert not bench.board.stack.tcp.count and not bench.board.stack.tcp.listeners


def test_what_may_be_left_out():
    # None, where it means "as usual"
    with Bench():
        assert net.ping(HOST, count=1, deadline=None, quiet=True)
        assert net.up(name=None) == "10.0.0.2"
        assert net.up(0) == "10.0.0.2"


def test_help():
    # help() prints what repr() says: how the command is called, and what it gives; and all that
    # the class itself has.
    assert sorted(net.Command.__dict__) == ["__module__", "__qualname__"]
    for name in dir(net):
        command = getattr(net, name)
        if isinstance(command, net.Command):
            text = repr(command)
            assert text.startswith(name + "("), text
            lines = text.split("\n")
            assert len(lines) > 1 and all(len(line) < 100 for line in lines), name
            assert "eturns" in text or "Return" in text or name in ("ping",), name
