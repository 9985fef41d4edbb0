# Frostnet: bringing the network up
# MIT license; Copyright (c) 2026 The Frostnet authors

# On the board _boot.py calls boot(): cards are found, and DHCP runs in the background while the
# prompt appears. Settings (docs/settings.md) configure it:
#
#     ip=10.0.2.50/24 gw=10.0.2.2 dns=10.0.2.3 search=lan hostname=pump mdns=off eth1.ip=off
#     forward=on
#
# `ip` replaces DHCP; `dns=dhcp` asks its servers for name servers alone. With `mdns=off` there
# are no names in .local. `ip`, `gw`, `metric` and `mtu` (netplan.py) are those of the first card,
# or of the one whose name stands before them. On the unix port the variable FROSTNET_LINK of the
# environment names the links, and such words may follow: FROSTNET_LINK="tap:frost0
# ip=10.1.0.2/24". A program calls start() itself, or changes the running interface by
# network.LAN().

import os
import sys
from errno import ENOSPC

import _port
import netplan
import network
from micropython import const

from frostnet import runtime
from frostnet.dhcp import Client
from frostnet.dns import Resolver
from frostnet.mdns import Mdns
from frostnet.runtime import Runtime
from frostnet.stack import Stack
from frostnet.wire import addr

try:
    import _virtio
except ImportError:
    _virtio = None  # the unix port

_CARDS = const(16)  # in use; each takes two of the stack's UDP ports
_KEYS = ("dns", "search", "hostname", "mdns", "forward")

problems = []  # sentences about what start() could not do

_HOSTS = "/hosts"  # addresses of names that no server knows, in the form of /etc/hosts

_NO_CARD = (
    "network: no card; start QEMU with -netdev user,id=net0 -device virtio-net-device,netdev=net0"
)


def start(
    *links, dns=None, search=None, hostname=None, mdns=None, forward=None, cards={}, **first
):
    """Start the network on `links` and return its Runtime; a network that runs is stopped.

    A link is a frame device, or on the unix port what `framedev.open` takes ("tap:frost0");
    without any, the board's network cards; if there are none, programs can still talk to
    themselves. They are called eth0, eth1 and so on. `ip`, `gw`, `metric` and `mtu` configure
    eth0, `cards` any of them: {"eth1": {"ip": "10.1.0.5/24"}}; see netplan.Plan. Without `ip` DHCP
    does, in the background. `dns` are the name servers, with commas between; `search` domains to
    look for names in. The board is hostname.local unless `mdns` is "off". With `forward` "on" it
    is a router between its cards.

    ValueError for a setting that cannot be, OSError if a link cannot be opened. A card that does
    not work, or cannot be configured so, is named in `problems`; the others work.
    """
    # Everything that may be wrong is looked at before the network that runs is touched.
    plans = netplan.plans(first, cards)
    inform = dns == "dhcp"
    servers = []
    if dns and not inform:
        servers = [_parsed("dns", addr.parse, server) for server in dns.split(",")]
    if forward not in (None, "on", "off"):
        raise ValueError("forward=%s: it is on or off" % forward)
    if hostname:
        network.hostname(hostname)
    stop()
    problems.clear()
    rt = _run(_devices(links))
    rt.lock()
    try:
        for iface in rt.stack.ifaces:
            plan = plans.pop(iface.name, None) or netplan.Plan(iface.name)
            problems.extend(plan.apply(rt, iface, inform))
        problems.extend("there is no %s to configure" % name for name in plans if name in cards)
        if forward == "on":
            rt.stack.ip.set_forwarding(True)
        rt.resolver.servers = servers
        rt.resolver.search = search.split(",") if search else []
        if mdns != "off":
            service = Mdns(rt.resolver, network.hostname())
            for iface in rt.stack.ifaces:
                service.add(iface)
    finally:
        rt.unlock()
    rt.poll()  # the first one lets the interrupts in
    return rt


def stop():
    """Stop the network; leases go back to their servers, connections are reset, services end."""
    if "services" in sys.modules:
        sys.modules["services"].stop_all()
    rt = runtime.set_current(None)
    if rt is None:
        return
    rt.lock()
    try:
        if rt.resolver.multicast:
            rt.resolver.multicast.stop()
        for client in rt.dhcp.values():
            client.stop(rt.stack.now)
    finally:
        rt.unlock()
        rt.stop()
        for iface in rt.stack.ifaces:
            iface.dev.stop()


def boot():
    """Start the network as configured from outside; says what is wrong instead of raising."""
    try:
        links, options = _settings()
        if not start(*links, **options).stack.ifaces and _virtio and not problems:
            print(_NO_CARD)
        for problem in problems:
            print("network:", problem)
    except Exception as e:
        print("network: not started:", e)
        stop()
        _run(())  # programs can still talk to themselves


# A running network on the given frame devices, without addresses. In the place of one there may
# be the VirtioError with which it failed.
def _run(devices):
    stack = Stack(_rand, _port.ticks_us())
    rt = Runtime(stack, _port)
    rt.resolver = Resolver(stack)
    rt.resolver.hostname = network.hostname()
    _load_hosts(rt.resolver.hosts)
    for number, device in enumerate(devices):
        name = "eth%d" % number
        try:
            if isinstance(device, Exception):
                raise device
            if number >= _CARDS:
                device.stop()
                raise OSError(ENOSPC, "there are more than %d cards" % _CARDS)
            device.attach(rt.pump)
        except OSError as e:
            problems.append("%s does not work: %s" % (name, e.args[-1]))
            continue
        iface = stack.add(device, name)
        iface.on_link.append(rt.resolver.link_changed)
        rt.dhcp[iface] = Client(stack, iface, rt.resolver, network.hostname())
    runtime.set_current(rt)
    return rt


def _load_hosts(hosts):
    try:
        with open(_HOSTS) as file:
            bad = hosts.load(file)
    except OSError:
        return  # there is none
    except UnicodeError:
        bad = 1
    if bad:
        print("network: %s has lines that are not: address name…" % _HOSTS)


def _rand(bits):
    return int.from_bytes(os.urandom((bits + 7) >> 3), "big") & ((1 << bits) - 1)


def _devices(links):
    if not links:
        if not _virtio:
            return []
        from virtio import cards

        return cards.find()
    devices = []
    for link in links:
        if isinstance(link, str):
            import framedev

            link = framedev.open(link)
        devices.append(link)
    return devices


# Links and options of start() from the machine's surroundings.
def _settings():
    if not _virtio:
        words = (os.getenv("FROSTNET_LINK") or "").split()
        links = [word for word in words if not _is_setting(word.partition("=")[0])]
        return links, _options(word.split("=", 1) for word in words if "=" in word)
    import settings

    return (), _options(settings.all())


def _parsed(key, parse, text):
    try:
        return parse(text)
    except ValueError as e:
        raise ValueError("%s=%s: %s" % (key, text, e))


def _is_setting(name):
    card, dot, key = name.rpartition(".")
    return key in netplan.KEYS or not dot and key in _KEYS


# The arguments of start() that settings such as ("ip", "10.0.2.50/24") and ("eth1.ip", "off") are.
def _options(pairs):
    options = {"cards": {}}
    for name, value in pairs:
        if _is_setting(name):
            card, dot, key = name.rpartition(".")
            of_whom = options["cards"].setdefault(card, {}) if dot else options
            of_whom[key] = value
    return options
