# Frostnet: tests of TCP's choice of local ports
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp.ports import EPHEMERAL, Ports
from simwire import Rng

HERE, PEER, OTHER = 0x0A00020F, 0x0A000202, 0x08080808


def ports(seed=1):
    rng = Rng(seed)
    return Ports(lambda bits: rng.bits() & ((1 << bits) - 1))


def test_no_port_comes_again_soon():
    # RFC 6056 §3.3.4. Four thousand random ports of 32768 repeat some two hundred times, and a
    # peer in TIME_WAIT refuses a repetition.
    p = ports()
    seen = set()
    for i in range(4000):
        seen.add(p.pick(HERE, PEER, 80))
        if i % 8 == 0:
            p.pick(HERE, OTHER, 443 + i)
    assert len(seen) == 4000, len(seen)
    assert EPHEMERAL <= min(seen) and max(seen) <= 0xFFFF


def test_all_ports_have_their_turn():
    p = ports()
    first = p.pick(HERE, PEER, 80)
    for _ in range(EPHEMERAL - 1):
        assert p.pick(HERE, PEER, 80) != first
    assert p.pick(HERE, PEER, 80) == first


def test_one_peer_learns_nothing_of_another():
    # RFC 6056 §3.3.4: where a peer's ports begin is secret, and differs from peer to peer.
    peers = ((HERE, PEER, 80), (HERE, PEER, 81), (HERE, OTHER, 80), (HERE + 1, PEER, 80))
    begins = [[ports(seed).pick(*peer) for peer in peers] for seed in range(20)]
    for n in range(1, len(peers)):
        assert len({(b[n] - b[0]) & 0x7FFF for b in begins}) > 15, "a fixed distance"


def test_taken_ports_are_passed_over():
    p = ports()
    wanted = ports()
    first = wanted.pick(HERE, PEER, 80)
    second = wanted.pick(HERE, PEER, 80)
    third = wanted.pick(HERE, PEER, 80)
    p.bind(0, first)
    assert p.pick(HERE, PEER, 80, lambda port: port != second) == third


def test_no_port_is_left():
    p = ports()
    try:
        p.pick(HERE, PEER, 80, lambda port: False)
        assert False, "a port that is not free"
    except OSError as e:
        assert e.errno == 99
