# Frostnet: tests of the counters
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet import counters
from frostnet.counters import Counters


def test_registered_names_start_at_zero_and_count():
    c = Counters(("rx", "rx_drop_bad"))
    assert c.as_dict() == {"rx": 0, "rx_drop_bad": 0}
    c.rx += 1
    c.rx += 2
    assert c.as_dict() == {"rx": 3, "rx_drop_bad": 0}


def test_unregistered_name_is_an_error():
    c = Counters(("rx",))
    try:
        c.tx += 1
    except AttributeError:
        return
    assert False, "a misspelt counter was created"


def test_registering_again_keeps_the_count():
    c = Counters(("rx",))
    c.rx += 5
    c.register(("rx", "tx"))
    assert c.as_dict() == {"rx": 5, "tx": 0}


def test_as_dict_is_a_copy():
    c = Counters(("rx",))
    c.as_dict()["rx"] = 7
    assert c.rx == 0


def test_drops_lists_what_went_wrong_only():
    c = Counters(("rx", "ip_drop_ttl", "ip_drop_short", "bug_frame"))
    c.rx += 1
    c.ip_drop_ttl += 2
    assert c.drops() == {"ip_drop_ttl": 2}
    c.bug_frame += 1
    assert c.drops() == {"ip_drop_ttl": 2, "bug_frame": 1}


def test_names_are_unique():
    names = counters.LINK + counters.ARP + counters.IP + counters.ICMP + counters.UDP
    names += counters.STACK
    assert len(set(names)) == len(names)
