# Frostnet: the benchmark's figures over a TAP device
# MIT license; Copyright (c) 2026 The Frostnet authors
"""One TCP flow between the kernel of the host and each guest, on a TAP device of its own in a
namespace of its own, with all offloads that QEMU has."""

import contextlib
from dataclasses import replace

import bench
import bench_figures
from common import say
from hostlib import lan

_TAP_MTU = 65521  # the largest that Linux gives a TAP device
# Name of the figures: MTU of the TAP device, and of the card if it is to tell.
_LINKS = {"tap": (1500, None), "jumbo": (_TAP_MTU, 65535)}


class Net(lan.Lan):
    """A network with offloads, as the guests of the benchmark want it."""

    def __init__(self, workdir, mtu=1500):
        super().__init__(workdir, offloads=True)
        self.listen = self.host
        self.ip("link", "set", lan.TAP, "mtu", str(mtu))
        self.start_dnsmasq()


def function(figure):
    """The function of bench_figures.py that takes a figure."""
    return getattr(bench_figures, "tcp_" + figure.partition("_")[2])


def measure(makers, plan, results, workdir):
    """Take the figures that are asked for; `makers` boot the guests."""
    wanted = {
        link: [f"{link}_{way}" for way in ("receive", "send") if f"{link}_{way}" in results.values]
        for link in _LINKS
    }
    if not any(wanted.values()):
        return
    missing = lan.missing()
    if missing:
        say(f"no figures over TAP: {missing}")
        return
    plan = replace(plan, bulk=plan.tap_bulk)
    for link, figures in wanted.items():
        if figures:
            _measure(link, figures, makers, plan, results, workdir)


def _measure(link, figures, makers, plan, results, workdir):
    mtu, told = _LINKS[link]
    args = ["-global", f"virtio-net-device.host_mtu={told}"] if told else []
    functions = {name: function(name) for name in figures}
    with contextlib.ExitStack() as stack:
        guests = {}
        for name, make in makers.items():
            net = stack.enter_context(Net(workdir, mtu))
            guests[name] = make(args=args, net=net)
            stack.callback(guests[name].close)
            guests[name].prepare()
        bench.take_rounds(guests, plan, results, functions)
