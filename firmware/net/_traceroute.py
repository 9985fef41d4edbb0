# Frostnet: net.traceroute
# MIT license; Copyright (c) 2026 The Frostnet authors

from collections import namedtuple

from micropython import const

from frostnet.trace import REACHED, Trace
from frostnet.wire import addr
from net._check import check_seconds, check_whole
from net._error import EINVAL, NetError, explain
from net._host import network, resolve

_HEADER = const(28)  # of IP and UDP, or ICMP echo
_MAX_SIZE = const(65535)
# As Unix marks why a probe went no further, by code of "destination unreachable".
_MARKS = {0: "!N", 1: "!H", 2: "!P", 4: "!F", 5: "!S", 9: "!X", 10: "!X", 13: "!X"}
_MARKS.update({14: "!V", 15: "!C"})

Probe = namedtuple("Probe", ("address", "rtt", "mark"))
Hop = namedtuple("Hop", ("ttl", "probes"))


class Hops(list):
    """A list that the prompt does not print once more. `address` is the host's; `reached`."""

    def __init__(self, address):
        super().__init__()
        self.address = address
        self.reached = False

    def __repr__(self):
        text = "<%d hops to %s>" if self.reached else "<%d hops towards %s>"
        return text % (len(self), self.address)


def traceroute(host, max_hops=30, probes=3, wait=2, size=60, icmp=False, quiet=False):
    """See net.traceroute; NetError if the host is unknown or there is no network at all."""
    check_whole("max_hops", max_hops, 1, 255)
    check_whole("probes", probes, 1, 10)
    check_whole("size", size, _HEADER, _MAX_SIZE)
    check_seconds("wait", wait, 0.001, most=60)
    rt = network()
    dst = resolve(rt, host)
    if not addr.is_unicast(dst) and not addr.is_loopback(dst):
        raise NetError(EINVAL, "%s is not the address of one host" % host)
    hops = Hops(addr.text(dst))
    say = _silence if quiet else print
    rt.lock()
    try:
        trace = Trace(rt.stack, dst, size - 20, icmp)
    except OSError as e:
        raise explain(e, hops.address)
    finally:
        rt.unlock()
    text = "traceroute to %s (%s), %d hops max, %d byte packets"
    say(text % (host, hops.address, max_hops, size))
    try:
        while len(hops) < max_hops:
            ttl = len(hops) + 1
            answers = _ask(rt, trace, ttl, probes, int(wait * 1000000))
            hops.append(Hop(ttl, [_probe(answer) for answer in answers]))
            say(_line(hops[-1]))
            # Who has the address is the host, even if it takes itself for a router, as QEMU's
            # user networking does
            hops.reached = any(a and (a.what == REACHED or a.addr == dst) for a in answers)
            refused = sum(1 for answer in answers if answer and answer.what >= 0)
            if hops.reached or refused > probes // 2:
                break
    except KeyboardInterrupt:
        say("^C")
    except OSError as e:
        raise explain(e, hops.address)
    finally:
        rt.lock()
        trace.close()
        rt.unlock()
    return hops


# Returns the answers to the probes of one hop, None where there was none. All leave at once, so
# that a silent router costs their patience (µs) only once.
def _ask(rt, trace, ttl, probes, patience):
    first = (ttl - 1) * probes
    numbers = range(first, first + probes)
    answers = [None] * probes
    rt.lock()
    try:
        for number in numbers:
            # Without a transmit buffer the probe is as good as lost
            trace.send(number, ttl, rt.clock())
        until = rt.clock() + patience
        while True:
            for answer in trace.answers:
                answers[answer.number - first] = answer
            trace.answers.clear()
            if not any(map(trace.waiting, numbers)) or rt.clock() >= until:
                break
            rt.wait(until)
        for number in numbers:
            trace.forget(number)
    finally:
        rt.unlock()
    return answers


def _probe(answer):
    if answer is None:
        return Probe(None, None, "*")
    what = answer.what
    mark = "" if what < 0 else _MARKS.get(what) or "!%d" % what
    return Probe(addr.text(answer.addr), answer.rtt / 1000, mark)


# An address is told once for all that it answered in a row.
def _line(hop):
    text = "%2d " % hop.ttl
    last = None
    for probe in hop.probes:
        if probe.address is None:
            text += " *"
            continue
        if probe.address != last:
            last = probe.address
            text += " " + last
        text += "  %.3f ms" % probe.rtt
        if probe.mark:
            text += " " + probe.mark
    return text


def _silence(text):
    pass
