# Frostnet: bringing the network up
# MIT license; Copyright (c) 2026 The Frostnet authors

# On the board _boot.py calls boot(): cards are found, and DHCP runs in the background while the
# prompt appears. Settings (docs/settings.md) configure it:
#
#     ip=10.0.2.50/24 gw=10.0.2.2 dns=10.0.2.3 search=lan hostname=pump mdns=off
#
# `ip` replaces DHCP; `dns=dhcp` asks its servers for name servers alone. With `mdns=off` there
# are no names in .local. On the unix port the variable FROSTNET_LINK of the environment names the
# link, and such words may follow: FROSTNET_LINK="tap:frost0 ip=10.1.0.2/24". A program calls
# start() itself, or changes the running interface by network.LAN().

import os

import _port
import network
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

_KEYS = ("ip", "gw", "dns", "search", "hostname", "mdns")

_HOSTS = "/hosts"  # addresses of names that no server knows, in the form of /etc/hosts

_NO_CARD = (
    "network: no card; start QEMU with -netdev user,id=net0 -device virtio-net-device,netdev=net0"
)


def start(*links, ip=None, gw=None, dns=None, search=None, hostname=None, mdns=None):
    """Start the network on `links` and return its Runtime; a network that runs is stopped.

    A link is a frame device, or on the unix port what `framedev.open` takes ("tap:frost0");
    without any, the board's network cards; if there are none, programs can still talk to
    themselves. `ip` ("address/prefix"), `gw` and `dns` configure the first link; without `ip` DHCP
    does, in the background. `search` are domains to look for names in. The board is
    hostname.local unless `mdns` is "off". ValueError for what is no address, OSError or
    virtio.VirtioError if a link does not work.
    """
    # Everything that may be wrong is looked at before the network that runs is touched.
    address = _parsed("ip", network.parse_prefix, ip) if ip else None
    gateway = _parsed("gw", addr.parse, gw) if gw else 0
    inform = dns == "dhcp"
    servers = []
    if dns and not inform:
        servers = [_parsed("dns", addr.parse, server) for server in dns.split(",")]
    if hostname:
        network.hostname(hostname)
    stop()
    rt = _run(_devices(links))
    rt.lock()
    try:
        for iface in rt.stack.ifaces:
            if address:
                iface.set_address(address[0], address[1])
                rt.stack.ip.routes.set_default(iface, gateway)
                if inform:
                    rt.dhcp[iface].inform(rt.stack.now)
                address = None
            else:
                rt.dhcp[iface].start(rt.stack.now)
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
    """Stop the network; leases go back to their servers, connections are reset."""
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
        if not start(*links, **options).stack.ifaces and _virtio:
            print(_NO_CARD)
    except Exception as e:
        print("network: not started:", e)
        stop()
        _run(())  # programs can still talk to themselves


# A running network on the given frame devices, without addresses.
def _run(devices):
    stack = Stack(_rand, _port.ticks_us())
    rt = Runtime(stack, _port)
    rt.resolver = Resolver(stack)
    rt.resolver.hostname = network.hostname()
    _load_hosts(rt.resolver.hosts)
    for device in devices:
        iface = stack.add(device, "eth%d" % len(stack.ifaces))
        iface.on_link.append(rt.resolver.link_changed)
        rt.dhcp[iface] = Client(stack, iface, rt.resolver, network.hostname())
        device.attach(rt.pump)
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
        from virtio import net

        return net.cards()
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
        links = [word for word in words if word.split("=")[0] not in _KEYS]
        return links, _options(words)
    import settings

    return (), {key: settings.get(key) for key in _KEYS}


def _parsed(key, parse, text):
    try:
        return parse(text)
    except ValueError as e:
        raise ValueError("%s=%s: %s" % (key, text, e))


def _options(words):
    options = {}
    for word in words:
        key, _, value = word.partition("=")
        if key in _KEYS:
            options[key] = value
    return options
