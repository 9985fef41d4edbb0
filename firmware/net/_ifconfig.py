# Frostnet: net.ifconfig
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.dhcp.states import NAMES
from frostnet.errnos import EADDRNOTAVAIL
from frostnet.wire import addr
from micropython import const
from net._check import check_text, check_whole
from net._error import EINVAL, NetError
from net._host import interface, network

_METRICS = const(65535)


class Interface:
    """What `net.ifconfig` tells about one interface; addresses are texts, "" for none.

    `promisc`: it receives what is for others too. `metric`: what its routes cost. `error`: why
    the card does not work, "" if it does.
    `origin` of the address: "dhcp", "link-local" or "static". `conflict`: who uses it too.
    `lease`: `None`, or {"server", "time", "left", …} with seconds, `None` for ever.
    `notes`: what is done to its frames on purpose (net.impair, net.hook).
    `counters`: those of the device, {name: count}.
    """

    def __init__(self, rt, iface):
        self.name = iface.name
        self.ether = addr.mac_text(iface.mac)
        self.up = iface.up
        self.link = iface.carrier
        self.promisc = iface.promiscuous
        self.notes = list(iface.dev.notes())
        self.mtu = iface.mtu
        self.metric = iface.metric
        error = getattr(iface.dev, "error", None)
        self.error = error.args[1] if error else ""
        self.address = _text(iface.addr)
        self.prefix = iface.prefixlen
        self.netmask = _text(iface.netmask)
        self.broadcast = _text(iface.broadcast)
        route = None if iface.loopback else rt.stack.ip.routes.default(iface)
        self.gateway = _text(route.gateway) if route else ""
        self.dns = [] if iface.loopback else [addr.text(a) for a in rt.resolver.servers]
        self.counters = iface.dev.counters.as_dict()
        client = rt.dhcp.get(iface)
        self.dhcp = NAMES[client.state].lower() if client and client.state else ""
        self.lease = _lease(client.lease, client.left(rt.clock())) if client else None
        self.origin = _origin(iface, client)
        rival = iface.claim and iface.claim.rival
        self.conflict = addr.mac_text(rival) if rival else ""
        self._ago = (rt.clock() - iface.claim.seen) // 1000000 if rival else 0
        self._loopback = iface.loopback

    def __repr__(self):
        return "<%s %s>" % (
            self.name,
            "%s/%d" % (self.address, self.prefix) if self.address else "-",
        )

    def lines(self):
        """Return the lines that describe the interface as ifconfig does."""
        flags = []
        if self.up:
            flags.append("UP")
        flags.append("LOOPBACK" if self._loopback else "BROADCAST")
        if self.up and self.link:
            flags.append("RUNNING")
        if not self._loopback:
            flags.append("MULTICAST")
        if self.promisc:
            flags.append("PROMISC")
        lines = ["%s: flags=<%s>  mtu %d" % (self.name, ",".join(flags), self.mtu)]
        if self.metric:
            lines[0] += "  metric %d" % self.metric
        if self.error:
            lines.append("does not work: " + self.error)
        lines += self.notes
        if self.address:
            text = "inet %s  netmask %s" % (self.address, self.netmask)
            if self.broadcast and not self._loopback:
                text += "  broadcast " + self.broadcast
            if self.origin == "link-local":
                text += "  link-local"
            lines.append(text)
        if self.conflict:
            text = "conflict: %s used this address too, %d s ago; give one of them another"
            lines.append(text % (self.conflict, self._ago))
        if not self._loopback:
            lines.append("ether " + self.ether)
        text = "gateway %s" % self.gateway if self.gateway else ""
        if self.dns:
            text += "  dns " + " ".join(self.dns)
        if text:
            lines.append(text.strip())
        if self.dhcp:
            lines.append("dhcp " + self.dhcp + self._lease_text())
        get = self.counters.get
        for way in ("rx", "tx"):
            dropped = 0
            for name, count in self.counters.items():
                if name.startswith(way + "_drop") or name == way + "_lost":
                    dropped += count
            text = "%s packets %d  bytes %d  dropped %d"
            counts = (way.upper(), get(way + "_frames", 0), get(way + "_bytes", 0), dropped)
            lines.append(text % counts)
        return lines

    def _lease_text(self):
        lease = self.lease
        if lease is None:
            return ": no lease yet"
        if lease["time"] is None:
            return ", for ever, from " + lease["server"]
        return ", lease %d s, %d s left, from %s" % (lease["time"], lease["left"], lease["server"])


def _origin(iface, client):
    if not iface.addr or iface.loopback:
        return ""
    if client and client.lease and client.lease.addr == iface.addr:
        return "dhcp"
    return "link-local" if addr.is_link_local(iface.addr) else "static"


def _lease(lease, left):
    if lease is None:
        return None
    return {
        "server": addr.text(lease.server),
        "domain": lease.domain,
        "search": lease.search,
        "hostname": lease.hostname,
        "ntp": [addr.text(a) for a in lease.ntp],
        "mtu": lease.mtu,
        "routes": ["%s/%d %s" % (addr.text(n), p, addr.text(g)) for n, p, g in lease.routes],
        "time": lease.time,
        "left": left,
    }


def ifconfig(name=None, address=None, gateway=None, dns=None, up=None, metric=None, promisc=None):
    """See net.ifconfig; NetError if there is no such interface or a setting is not valid."""
    if address is not None:
        check_text("address", address, "10.0.2.50/24")
    if gateway is not None:
        check_text("gateway", gateway, "10.0.2.2")
    if metric is not None:
        check_whole("metric", metric, 0, _METRICS)
    for server in dns if isinstance(dns, (tuple, list)) else () if dns is None else (dns,):
        check_text("dns", server, "10.0.2.3")
    rt = network()
    stack = rt.stack
    chosen = stack.ifaces + [stack.lo] if name is None else [interface(rt, name)]
    if any(value is not None for value in (address, gateway, dns, up, metric, promisc)):
        _set(rt, chosen[0], address, gateway, dns, up, metric, promisc)
        chosen = chosen[:1]
    rt.lock()
    try:
        result = [Interface(rt, iface) for iface in chosen]
    finally:
        rt.unlock()
    for shown in result:
        lines = shown.lines()
        print(lines[0])
        for line in lines[1:]:
            print("        " + line)
        print()
    return result


def _set(rt, iface, address, gateway, dns, up, metric, promisc):
    import network as api
    from network._lan import nic_of

    if iface.loopback:
        raise NetError(EINVAL, "the loopback interface has nothing to set: name another")
    lan = nic_of(rt, iface)
    try:
        rt.lock()
        try:
            if metric is not None:
                iface.set_metric(metric)
            if promisc is not None:
                iface.set_promiscuous(bool(promisc))
        finally:
            rt.unlock()
        if up is not None:
            lan.active(up)
        if address == "dhcp":
            lan.ipconfig(dhcp4=True)
        elif address is not None:
            lan.ipconfig(addr4=address)
        if gateway is not None:
            lan.ipconfig(gw4=gateway)
        if dns == "dhcp":
            lan.inform()
        elif dns is not None:
            api.ipconfig(dns=dns)
    except ValueError as e:
        text = 'cannot set that (%s): use address="10.0.2.50/24" or "dhcp", gateway="10.0.2.2"'
        raise NetError(EINVAL, text % e)
    except OSError as e:
        text = "cannot set that (%s): the gateway must be in the network of the address"
        if dns == "dhcp" and e.errno == EADDRNOTAVAIL:
            text = 'cannot ask for name servers (%s): set an address, "dhcp" brings its own'
        raise NetError(e.errno, text % e)


def _text(address):
    return addr.text(address) if address else ""
