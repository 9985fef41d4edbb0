# Frostnet: names that need no server
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import addr
from frostnet.wire.dns_name import encode_name, text_name

_ENTRIES = const(256)


class Hosts:
    """A table of names and their addresses, like /etc/hosts: it comes before any server."""

    def __init__(self):
        self._addresses = {}  # wire name: [address, …]
        self._names = {}  # address: wire name, the first that it was given
        self._count = 0

    def __len__(self):
        return self._count

    def add(self, name, address):
        """Let `name` have `address`, beside those it has.

        ValueError if it is no name, MemoryError if the table is full.
        """
        name = encode_name(name)
        known = self._addresses.get(name, ())
        if address in known:
            return
        if self._count >= _ENTRIES:
            raise MemoryError("hosts table is full")
        self._addresses.setdefault(name, []).append(address)
        self._names.setdefault(address, name)
        self._count += 1

    def remove(self, name):
        """Forget `name` and its addresses; KeyError if it is not there."""
        name = encode_name(name)
        found = self._addresses.pop(name)
        self._count -= len(found)
        for address in found:
            if self._names[address] == name:
                del self._names[address]
                for other, addresses in self._addresses.items():
                    if address in addresses:
                        self._names[address] = other
                        break

    def clear(self):
        self._addresses.clear()
        self._names.clear()
        self._count = 0

    def load(self, lines):
        """Add the entries of a hosts file: "address name…" with comments behind "#".

        Returns how many lines made no sense; those with IPv6 addresses are passed over.
        """
        bad = 0
        for line in lines:
            words = line.split("#")[0].split()
            if not words or ":" in words[0]:
                continue
            try:
                address = addr.parse(words[0])
                if len(words) < 2:
                    raise ValueError("no name")
                for name in words[1:]:
                    self.add(name, address)
            except (ValueError, MemoryError):
                bad += 1
        return bad

    def addresses(self, name):
        """Return the addresses of a wire name; empty if it is not in the table."""
        return self._addresses.get(name, ())

    def name(self, address):
        """Return the name of an address as text, or `None`."""
        name = self._names.get(address)
        return None if name is None else text_name(name)
