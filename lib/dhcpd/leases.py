# Frostnet: the addresses that a DHCP server has given, and to whom
# MIT license; Copyright (c) 2026 The Frostnet authors

# There is one Lease for each address that was ever given, so the table cannot outgrow the pool. A
# lease that is over stays, so that its client gets the same address again (RFC 2131 §2.2), until
# the address is needed for another.

from micropython import const

from frostnet.wire.addr import text

FREE = const(0)  # its client had it
OFFERED = const(1)
BOUND = const(2)
DECLINED = const(3)  # somebody uses it who was not given it

STATES = ("free", "offered", "bound", "declined")

_SECOND = const(1000000)
_QUARANTINE = const(600000000)  # µs
_LABEL = const(63)

# Names that would let a client speak for others.
_RESERVED = ("localhost", "wpad", "isatap")


class Lease:
    """`addr`, the client's `key` and `mac`, `state`, and `until` when, in µs; `name` is what the
    client calls itself, or empty.
    """

    name = ""

    def __init__(self, addr):
        self.addr = addr
        self.key = None
        self.mac = None
        self.state = FREE
        self.until = 0

    @property
    def address(self):
        """`addr` as text."""
        return text(self.addr)

    def __repr__(self):
        return "<%s>" % " ".join([self.address, STATES[self.state], self.name]).rstrip()


class Leases:
    """The leases of a Config; `recycle` says if a declined address may be tried again when there
    is no other.
    """

    def __init__(self, config, recycle=True):
        self.config = config
        self.recycle = recycle
        self._by_addr = {}
        self._by_key = {}
        self._names = {}  # {name: Lease}
        self._next = config.first  # all before it were given once

    def __len__(self):
        return len(self._by_addr)

    def find(self, key):
        """The Lease of the client `key`, which may be over, or None."""
        return self._by_key.get(key)

    def all(self, now):
        """A list of all leases, for people to look at."""
        for lease in self._by_addr.values():
            self._expire(lease, now)
        return [self._by_addr[addr] for addr in sorted(self._by_addr)]

    def choose(self, key, mac, wanted, now):
        """The Lease to offer to a client, which would like the address `wanted`; None if there is
        none (RFC 2131 §4.3.1): its own, the one that it wants, one that nobody had, the one that
        nobody has had for longest, and last what was offered to somebody who has not taken it.
        """
        config = self.config
        lease = self._by_key.get(key)
        if lease is not None and config.may_have(lease.addr, mac):
            return lease
        fixed = config.hosts.get(mac)
        address = fixed or wanted
        if not self._is_free(address, mac, now):
            address = 0 if fixed else self._unused() or self._oldest(mac, now)
        return self._give(address, key, mac) if address else None

    def claim(self, key, mac, address, now):
        """The Lease of `address` for a client that asks for just that one; None if it cannot have
        it. Who asks first has what was only offered to another.
        """
        lease = self._by_addr.get(address)
        if not self.config.may_have(address, mac):
            return None
        if lease is not None and lease.key == key:
            return lease
        if lease is not None and lease.state == DECLINED:
            return None
        if not self._is_free(address, mac, now) and lease.state != OFFERED:
            return None
        return self._give(address, key, mac)

    def bind(self, lease, name, now):
        """The client has it from now on; `name` is what it calls itself."""
        lease.state = BOUND
        lease.until = now + self.config.time * _SECOND
        if name != lease.name:
            self._unname(lease)
        holder = self._names.get(name)
        if name and (holder is None or not self._is_bound(holder, now)):
            if holder is not None:
                self._unname(holder)
            lease.name = name
            self._names[name] = lease

    def offer(self, lease, until):
        """It is offered until then, unless its client has it anyway."""
        if lease.state != BOUND:
            lease.state = OFFERED
            lease.until = until

    def free(self, lease, now):
        """Its client does not want it any more; it gets the same if it comes back."""
        self._unname(lease)
        lease.state = FREE
        lease.until = now

    def decline(self, lease, now):
        """Somebody else uses the address: nobody is given it for ten minutes."""
        self._unname(lease)
        if self._by_key.get(lease.key) is lease:
            del self._by_key[lease.key]
        lease.key = lease.mac = None
        lease.state = DECLINED
        lease.until = now + _QUARANTINE

    def address(self, name, now):
        """The address of the client that calls itself `name`, 0 if there is none."""
        lease = self._names.get(name)
        return lease.addr if lease is not None and self._is_bound(lease, now) else 0

    def name(self, address, now):
        """The name of the client at `address`, or an empty text."""
        lease = self._by_addr.get(address)
        return lease.name if lease is not None and self._is_bound(lease, now) else ""

    def _is_bound(self, lease, now):
        return lease.state == BOUND and lease.until > now

    # What time has changed.
    def _expire(self, lease, now):
        if lease.state != FREE and lease.until <= now:
            self.free(lease, lease.until)

    def _is_free(self, address, mac, now):
        if not address or not self.config.may_have(address, mac):
            return False
        lease = self._by_addr.get(address)
        if lease is None:
            return True
        self._expire(lease, now)
        # A station with an address of its own may have it by another client id
        return lease.state == FREE or (lease.mac == mac and mac in self.config.hosts)

    def _unused(self):
        config = self.config
        while self._next <= config.last:
            address = self._next
            self._next += 1
            if address not in self._by_addr and config.may_have(address, None):
                return address
        return 0

    # The address that is missed least; looks at all, but only when each has been given once.
    def _oldest(self, mac, now):
        best = None
        for lease in self._by_addr.values():
            self._expire(lease, now)
            if lease.state == BOUND or not self.config.may_have(lease.addr, mac):
                continue
            if lease.state == DECLINED and not self.recycle:
                continue
            if best is None or (lease.state, lease.until) < (best.state, best.until):
                best = lease
        return best.addr if best else 0

    # The Lease of `address` for the client `key`, who had another perhaps.
    def _give(self, address, key, mac):
        before = self._by_key.pop(key, None)
        if before is not None and before.addr != address:
            self._unname(before)
            del self._by_addr[before.addr]
            self._next = min(self._next, max(before.addr, self.config.first))
        lease = self._by_addr.get(address)
        if lease is None:
            lease = self._by_addr[address] = Lease(address)
        elif lease.key is not None:
            self._by_key.pop(lease.key, None)
        self._unname(lease)
        lease.key = key
        lease.mac = mac
        lease.state = FREE
        self._by_key[key] = lease
        return lease

    def _unname(self, lease):
        if lease.name:
            if self._names.get(lease.name) is lease:
                del self._names[lease.name]
            lease.name = ""


def host_name(raw):
    """The host name in option 12, which is the client's choice: the first label in lower case if
    it is letters, digits and hyphens (RFC 1123 §2.1), else empty.
    """
    label = raw.split(b"\0")[0].split(b".")[0].lower()
    if not 1 <= len(label) <= _LABEL or label[0] == 0x2D or label[-1] == 0x2D:
        return ""
    for c in label:
        if not (0x61 <= c <= 0x7A or 0x30 <= c <= 0x39 or c == 0x2D):
            return ""
    name = label.decode()
    return "" if name in _RESERVED else name
