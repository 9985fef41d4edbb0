# Frostnet: options of UDP sockets at the level of IP: groups, TTLs, outgoing interface
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.sockets.names import iface_named
from frostnet.udp_options import Options
from frostnet.wire.addr import load, parse

IP_TTL = const(2)
IP_MULTICAST_TTL = const(5)
IP_MULTICAST_IF = const(6)
IP_MULTICAST_LOOP = const(7)
IP_ADD_MEMBERSHIP = const(0x400)  # as on MicroPython's lwIP ports
IP_DROP_MEMBERSHIP = const(0x401)

OPTIONS = (
    IP_TTL,
    IP_MULTICAST_TTL,
    IP_MULTICAST_IF,
    IP_MULTICAST_LOOP,
    IP_ADD_MEMBERSHIP,
    IP_DROP_MEMBERSHIP,
)

_MEMBERSHIPS = const(20)  # of one socket, as on Linux

_EINVAL = const(22)
_EADDRINUSE = const(98)
_EADDRNOTAVAIL = const(99)
_ENODEV = const(19)
_ENOBUFS = const(105)


class IPOptions(Options):
    """The options of one socket. All of it runs under the lock."""

    def __init__(self, ip):
        super().__init__()
        self._ip = ip
        self._groups = []  # (group, interface)

    def set(self, option, value):
        """Set an option; OSError as of setsockopt(2)."""
        if option == IP_ADD_MEMBERSHIP:
            self._join(*self._request(value))
        elif option == IP_DROP_MEMBERSHIP:
            self._leave(*self._request(value))
        elif option == IP_MULTICAST_IF:
            self.multicast_iface = self._iface(value)
        elif option == IP_MULTICAST_LOOP:
            self.multicast_loop = bool(_number(value))
        elif option == IP_MULTICAST_TTL:
            self.multicast_ttl = _in_range(value, 0)
        else:
            self.ttl = _in_range(value, 1)

    def get(self, option):
        """Return the value of an option; OSError(EINVAL) of one that cannot be asked for."""
        if option == IP_MULTICAST_IF:
            return self.multicast_iface.addr if self.multicast_iface else 0
        if option == IP_MULTICAST_LOOP:
            return int(self.multicast_loop)
        if option == IP_MULTICAST_TTL:
            return self.multicast_ttl
        if option == IP_TTL:
            return self.ttl
        raise OSError(_EINVAL)

    def close(self):
        """Leave the groups that the program did not leave itself."""
        for group, iface in self._groups:
            try:
                self._ip.igmp.leave(group, iface)
            except OSError:
                pass
        self._groups.clear()

    def _join(self, group, iface):
        groups = self._groups
        if len(groups) >= _MEMBERSHIPS:
            raise OSError(_ENOBUFS)
        iface = self._ip.igmp.join(group, iface)
        if (group, iface) in groups:
            self._ip.igmp.leave(group, iface)
            raise OSError(_EADDRINUSE)
        groups.append((group, iface))

    def _leave(self, group, iface):
        for entry in self._groups:
            if entry[0] == group and (iface is None or entry[1] is iface):
                self._groups.remove(entry)
                self._ip.igmp.leave(group, entry[1])
                return
        raise OSError(_EADDRNOTAVAIL)

    # (group, interface or None) of a struct ip_mreq, or of (group, interface) in text.
    def _request(self, value):
        if isinstance(value, tuple):
            return parse(value[0]), self._iface(value[1])
        value = _bytes(value, 8)
        return load(value, 0), self._iface(value[4:])

    # The interface with a name, or with an address in bytes; None for "" and 0.
    def _iface(self, value):
        stack = self._ip.stack
        if isinstance(value, str):
            return iface_named(stack, value)
        addr = load(_bytes(value, 4), 0)
        if not addr:
            return None
        iface = self._ip.owners.get(addr)
        if iface is None:
            raise OSError(_ENODEV)
        return iface


def _bytes(value, n):
    if len(value) != n:
        raise ValueError("value must be %d bytes: addresses as of inet_pton()" % n)
    return value


def _number(value):
    return value if isinstance(value, int) else int.from_bytes(value, "little")


def _in_range(value, least):
    value = _number(value)
    if not least <= value <= 255:
        raise OSError(_EINVAL)
    return value
