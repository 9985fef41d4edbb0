# Frostnet: tests of what is remembered about DNS servers
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.dns.servers import Servers

S = 1000000


def test_failed_servers_come_last_for_a_while():
    servers = Servers()
    assert servers.order([1, 2, 3], 0) == [1, 2, 3]
    servers.failed(1, 0)
    assert servers.order([1, 2, 3], 30 * S - 1) == [2, 3, 1]
    assert servers.order([1, 2, 3], 30 * S) == [1, 2, 3]
    # The longer it is silent, the longer it waits, up to a bound
    servers.failed(1, 30 * S)
    assert servers.order([1, 2], 89 * S) == [2, 1]
    assert servers.order([1, 2], 90 * S) == [1, 2]
    for _ in range(100):
        servers.failed(1, 0)
    assert servers.order([1, 2], 480 * S) == [1, 2]
    servers.answered(1)
    assert servers.order([1, 2], 1) == [1, 2]
    servers.failed(1, 0)
    assert servers.order([1, 2], 30 * S) == [1, 2]


def test_edns():
    servers = Servers()
    assert servers.edns(1, 0)
    servers.no_edns(1, 0)
    assert not servers.edns(1, 3599 * S) and servers.edns(2, 0)
    assert servers.edns(1, 3600 * S)


def test_bounded():
    servers = Servers()
    for i in range(1000):
        servers.failed(i, 0)
    assert len(servers._known) == 8
    assert len(servers.order(list(range(100)), 0)) == 4
