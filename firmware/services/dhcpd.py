# Frostnet: the DHCP server
# MIT license; Copyright (c) 2026 The Frostnet authors

import services
from dhcpd.server import COUNTERS, Server
from frostnet.ip.station_path import StationPath
from frostnet.timers import Timer
from frostnet.wire import addr, dhcp
from services.datagrams import Datagrams


class Dhcpd(Datagrams):
    """Gives addresses to clients on the link of `iface`, as `config` says. With `dns_here` they
    are told that this board is the name server, while it is. `leases` is a list of them.
    """

    def __init__(self, iface, config, check=True, dns_here=True):
        super().__init__(dhcp.SERVER_PORT)
        self.iface = iface
        self.name = "dhcpd-" + iface.name
        self.config = config
        self.server = Server(config, check)
        self._dns_here = dns_here
        for name in COUNTERS:
            self.counters[name] = 0
        self.counters["drop_no_address"] = 0  # the interface's is not the one we started with
        self.server.counters = self.counters
        self._watches = {}  # {address: _Watch}
        self._timer = Timer(self._due)

    @property
    def leases(self):
        """The leases, as objects with `addr`, `mac`, `name`, `state` and `until`."""
        return self.server.leases.all(self.rt.clock())

    def address_of(self, name):
        """The address of the client that calls itself `name`, or 0."""
        return self.server.leases.address(name, self.rt.clock())

    def name_of(self, address):
        """The name of the client at `address`, or an empty text."""
        return self.server.leases.name(address, self.rt.clock())

    @property
    def domain(self):
        """The domain of the clients, or an empty text."""
        return self.config.domain

    def serves(self, address):
        """Whether an address is on the network that is served."""
        return self.config.on_network(address)

    def received(self, data, src, sport):
        config = self.config
        if self.iface.addr != config.server:
            self.counters["drop_no_address"] += 1
            return
        if self._dns_here:
            config.set_dns([config.server] if "dnsd" in services.running else [])
        self.server.input(data, 0, len(data), self.rt.clock())
        self._output()

    def run(self):
        server = self.server
        now = self.rt.clock()
        for watch in list(self._watches.values()):
            if watch.rival:
                server.conflict(watch.address, watch.rival, now)
                watch.rival = None
        if server.deadline is not None and now >= server.deadline:
            server.tick(now)
        self._output()
        super().run()

    def close_ports(self):
        super().close_ports()
        self.rt.stack.timers.cancel(self._timer)
        self._unwatch(lambda address: True)

    def _output(self):
        server = self.server
        rt = self.rt
        rt.lock()
        try:
            while self.running:
                item = server.output()
                if item is None:
                    break
                data, address, mac = item
                if data is None:
                    self._watch(address)
                else:
                    self.send(data, address, dhcp.CLIENT_PORT, self._path(address, mac))
            self._unwatch(lambda address: not server.checking(address))
            if server.deadline is not None:
                rt.stack.timers.set(self._timer, server.deadline)
        finally:
            rt.unlock()

    def _path(self, address, mac):
        ip = self.rt.stack.ip
        source = self.config.server
        if address == addr.BROADCAST:
            return ip.path(address, source, self.iface, False)
        return StationPath(ip, address, source, self.iface, mac)

    # Asks neighbours who has an address, and waits for their answers.
    def _watch(self, address):
        arp = self.iface.arp
        if address not in arp.claims:
            arp.claims[address] = self._watches[address] = _Watch(self, address)
        arp.probe(address)

    def _unwatch(self, over):
        claims = self.iface.arp.claims
        for address in list(self._watches):
            if over(address):
                watch = self._watches.pop(address)
                if claims.get(address) is watch:
                    del claims[address]

    # Inside a poll.
    def _due(self, now):
        self.pump.post(self)


class _Watch:
    """Looks like a `Claim` to the address, and notes who has it: called inside a poll."""

    in_use = False

    def __init__(self, service, address):
        self.address = address
        self.rival = None
        self._service = service

    def conflict(self, mac):
        if self.rival is None:
            self.rival = mac
            self._service.pump.post(self._service)

    def announce(self):
        pass

    def restart(self):
        pass

    def pause(self):
        pass
