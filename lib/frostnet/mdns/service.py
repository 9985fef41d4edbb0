# Frostnet: multicast DNS: the host's name, and names in .local
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 6762. On each interface a Link has a Prober, which gets the name, and a Responder; a Lookup
# asks on all of them.

from micropython import const

from frostnet.errnos import ENETDOWN, ENETUNREACH
from frostnet.mdns.link import Link
from frostnet.mdns.lookup import Lookup
from frostnet.wire import mdns
from frostnet.wire.dns_name import encode_name, text_name

_CONFLICTS = const(15)  # in _WINDOW, then a new name every _HOLD only (§8.1)
_WINDOW = const(10000000)  # µs
_HOLD = const(5000000)
_MAX_LABEL = const(63)

COUNTERS = (
    "mdns_tx",
    "mdns_tx_failed",  # no route, or no room in the device
    "mdns_rx",
    "mdns_conflict",  # somebody else had our name
    "mdns_drop_malformed",
    "mdns_drop_down",  # while the interface has no address or no link
    "mdns_drop_far",  # not from this link
    "mdns_drop_port",  # a response from a port other than 5353
)


class Mdns:
    """Answers for `hostname`.local, and lets `resolver` ask for names in .local.

    `name` is the wire name that we have or want: hostname-2 and so on if others have it.
    """

    def __init__(self, resolver, hostname):
        self.stack = resolver.stack
        self.resolver = resolver
        self.links = []
        self.stack.counters.register(COUNTERS)
        self.hold = 0  # µs to wait before a name is probed for
        self._conflicts = []  # when the last ones were
        self._take(hostname)
        resolver.multicast = self

    def add(self, iface):
        """Take part on an interface while it has an address. OSError if the port is taken."""
        link = Link(self, iface)
        self.links.append(link)
        link.follow()

    def stop(self):
        """Say goodbye on all links, without waiting."""
        for link in self.links:
            link.close()
        self.links = []
        self.resolver.multicast = None

    def set_hostname(self, hostname):
        """Have another name; ValueError if it cannot be one."""
        old = self.name
        self._take(hostname)
        if self.name != old:
            for link in self.links:
                link.goodbye()
                link.begin()

    def hostname(self):
        """Return the name that we have or want, as text, without ".local"."""
        return text_name(self.name)[: -len(".local")]

    def unavailable(self):
        """The errno that tells why nobody can be asked, or 0."""
        if any(link.up for link in self.links):
            return 0
        return ENETUNREACH if any(link.iface.carrier for link in self.links) else ENETDOWN

    def ask(self, resolver, key):
        """Return a `Pending` that asks for `key`; called by the resolver."""
        return Lookup(resolver, key, self.links)

    # What the links tell

    def conflict(self):
        """Somebody has our name: try the next one."""
        now = self.stack.now
        self.stack.counters.mdns_conflict += 1
        recent = [when for when in self._conflicts if when > now - _WINDOW]
        recent.append(now)
        self._conflicts = recent[-_CONFLICTS:]
        if len(recent) >= _CONFLICTS:
            self.hold = _HOLD
        self._number += 1
        self._choose()
        for link in self.links:
            link.begin()

    def got_name(self):
        """Nobody else has the name."""
        self.hold = 0

    def response(self, message):
        """A response, to somebody or to nobody: it may be what is looked for."""
        resolver = self.resolver
        for record in message.answers:
            # §10.1 and §10.2: gone, or changed; it is asked for again when it is needed. What
            # servers said is not for neighbours to change.
            if (not record.ttl or record.rclass & mdns.TOP) and resolver.is_multicast(record.name):
                resolver.cache.forget((record.name, record.rtype))
        exchanges = resolver.exchanges
        for key, pending in list(exchanges.items()):
            # One that is answered may end others
            if isinstance(pending, Lookup) and exchanges.get(key) is pending:
                pending.response(message)

    def _take(self, hostname):
        label = hostname.split(".")[0]
        encode_name(label)
        self._base = label
        self._number = 1
        self._choose()

    def _choose(self):
        label = self._base
        if self._number > 1:
            tail = "-%d" % self._number
            label = label[: _MAX_LABEL - len(tail)] + tail
        self.name = encode_name(label + ".local")
