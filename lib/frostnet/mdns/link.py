# Frostnet: multicast DNS on one interface
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.mdns.prober import ANNOUNCING, Prober
from frostnet.mdns.records import own_records
from frostnet.mdns.responder import Responder
from frostnet.wire import mdns
from frostnet.wire.fast_headers import udp_build

_TTL = const(255)  # RFC 6762 §11
_UDP = const(17)


class Link:
    """What `service`, a `Mdns`, does on `iface`: nothing while that has no address or no link."""

    def __init__(self, service, iface):
        self.service = service
        self.stack = service.stack
        self.iface = iface
        self.up = False
        self.own = None  # records of our name and address
        self.prober = Prober(self)
        self.responder = Responder(self)
        self._path = None  # to the group
        self._endpoint = self.stack.udp.open(0, mdns.PORT, iface)
        self._endpoint.handler = self._input
        self._changed = self.follow
        iface.on_link.append(self._changed)
        iface.on_address.append(self._changed)
        self.stack.ip.igmp.join(mdns.GROUP, iface)

    def close(self):
        """Say goodbye and be gone."""
        self.goodbye()
        self._stop()
        self.iface.on_link.remove(self._changed)
        self.iface.on_address.remove(self._changed)
        self._endpoint.close()
        self.stack.ip.igmp.leave(mdns.GROUP, self.iface)

    def follow(self, carrier=None):
        """Begin anew, or stop: address, link or interface have come or gone."""
        self._stop()
        iface = self.iface
        if iface.addr and iface.carrier and iface.up:
            self.up = True
            self.begin()

    def begin(self):
        """Get the host's name for this link, from the start."""
        if self.up:
            self.responder.stop()
            self.own = own_records(self.service.name, self.iface.addr)
            self.prober.start(self.service.hold)

    def _stop(self):
        self.up = False
        self.prober.stop()
        self.responder.stop()

    # What prober and responder need

    def conflict(self):
        """Somebody else has our name."""
        self.service.conflict()

    def announce(self):
        """Tell everybody our name and address (RFC 6762 §8.3)."""
        self.service.got_name()
        self.responder.multicast(self.own[:2])

    def goodbye(self):
        """Tell everybody to forget them (RFC 6762 §10.1)."""
        if self.up and self.prober.state >= ANNOUNCING:
            self.responder.multicast(self.own[:2], 0)

    def send(self, data, dst=mdns.GROUP, port=mdns.PORT):
        """Send a message; False, and it is lost, if that cannot be done now."""
        try:
            path = self._way(dst)
            out = path.begin()
            if out is None:
                self.stack.counters.mdns_tx_failed += 1
                return False
            n = len(data)
            udp_build(out, path.off, mdns.PORT << 16 | port, data, n)
            path.send(_UDP, n + 8, 6)
        except OSError:
            self.stack.counters.mdns_tx_failed += 1
            return False
        self.stack.counters.udp_tx += 1
        self.stack.counters.mdns_tx += 1
        return True

    def _way(self, dst):
        path = self._path
        if path is not None and dst == mdns.GROUP and path.src == self.iface.addr:
            return path
        path = self.stack.ip.path(dst, self.iface.addr, self.iface, False)
        path.set_ttl(_TTL)
        if dst == mdns.GROUP:
            path.loop = False
            self._path = path
        return path

    def _input(self, iface, buf, off, end, src, sport):
        counters = self.stack.counters
        ip = self.stack.ip
        if src in ip.owners:
            return  # our own, which programs here get as well
        if not self.up:
            counters.mdns_drop_down += 1
            return
        counters.mdns_rx += 1
        # RFC 6762 §11: what was sent to the group alone is from this link for certain
        if not ip.group and (src ^ iface.addr) & iface.netmask:
            counters.mdns_drop_far += 1
            return
        try:
            message = mdns.parse(buf, off, end)
        except ValueError:
            counters.mdns_drop_malformed += 1
            return
        if message.response:
            if sport != mdns.PORT:
                counters.mdns_drop_port += 1  # §6
                return
            self.prober.response(message)
            self.service.response(message)
        else:
            self.prober.query(message)
            if self.prober.state >= ANNOUNCING:
                self.responder.query(message, src, sport)
