# Frostnet: a DHCP client's messages (RFC 2131 section 4.4.1, table 5)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import addr, dhcp

_MAX_HOSTNAME = const(63)
_UDP_HEADERS = const(28)
_VENDOR_CLASS = b"frostnet"

# Routes before routers, as RFC 3442 wants them.
_WANTED = bytes(
    (dhcp.MASK, dhcp.ROUTES, dhcp.ROUTERS, dhcp.DNS, dhcp.DOMAIN, dhcp.SEARCH, dhcp.BROADCAST)
    + (dhcp.MTU, dhcp.HOSTNAME, dhcp.NTP, dhcp.LEASE_TIME, dhcp.T1, dhcp.T2)
)
_WANTED_BY_INFORM = bytes((dhcp.MASK, dhcp.ROUTERS, dhcp.DNS, dhcp.DOMAIN, dhcp.SEARCH, dhcp.NTP))

COUNTERS = (
    "dhcp_tx",
    "dhcp_tx_failed",  # no route, or no room in the device: the next try follows in time
)


class Sender:
    """Port 68 of one interface. `hostname` is told to servers if it is not empty."""

    def __init__(self, stack, iface, hostname=""):
        self.hostname = hostname
        self._stack = stack
        self._iface = iface
        self._endpoint = None
        self._buf = bytearray(dhcp.MAX_SIZE)
        stack.counters.register(COUNTERS)

    def open(self, handler):
        """Hand what servers say to `handler`, as an endpoint's."""
        self._endpoint = self._stack.udp.open(0, dhcp.CLIENT_PORT, self._iface)
        self._endpoint.handler = handler

    def close(self):
        if self._endpoint:
            self._endpoint.close()
            self._endpoint = None

    def ask(self, kind, xid, secs, ciaddr=0, dst=addr.BROADCAST, requested=0, server=0):
        """Send a DISCOVER, REQUEST or INFORM.

        `ciaddr` is our address where the message has one; else it comes from 0.0.0.0, whatever
        the interface has. `requested` and `server` are options, 0 if not wanted.
        """
        iface = self._iface
        # A reply to an address that is not set yet gets through only while there is no other
        broadcast = not ciaddr and iface.addr != 0
        n = self._begin(kind, xid, secs, ciaddr, broadcast, requested, server)
        buf = self._buf
        size = min(iface.mtu, iface.dev.mtu) - _UDP_HEADERS
        n = dhcp.put(buf, n, dhcp.MAX_MESSAGE, max(size, dhcp.MAX_SIZE).to_bytes(2, "big"))
        n = dhcp.put(buf, n, dhcp.VENDOR_CLASS, _VENDOR_CLASS)
        n = dhcp.put(buf, n, dhcp.WANTED, _WANTED_BY_INFORM if kind == dhcp.INFORM else _WANTED)
        if self.hostname:
            n = dhcp.put(buf, n, dhcp.HOSTNAME, self.hostname.encode()[:_MAX_HOSTNAME])
        self._transmit(n, dst, ciaddr)

    def decline(self, xid, address, server):
        """Say that somebody else uses `address` (section 4.4.4)."""
        n = self._begin(dhcp.DECLINE, xid, 0, 0, False, address, server)
        self._transmit(n, addr.BROADCAST, 0)

    def release(self, xid, address, server, mac):
        """Give `address` back (section 4.4.6). `mac` is where the server's last reply came from:
        nobody waits for ARP any more."""
        n = self._begin(dhcp.RELEASE, xid, 0, address, False, 0, server)
        self._transmit(n, server, address, mac)

    def _begin(self, kind, xid, secs, ciaddr, broadcast, requested, server):
        buf = self._buf
        mac = self._iface.mac
        n = dhcp.begin(buf, kind, xid, secs, ciaddr, mac, broadcast)
        n = dhcp.put(buf, n, dhcp.CLIENT_ID, b"\x01" + mac)
        if requested:
            n = dhcp.put_address(buf, n, dhcp.REQUESTED, requested)
        if server:
            n = dhcp.put_address(buf, n, dhcp.SERVER, server)
        return n

    def _transmit(self, n, dst, src, mac=None):
        n = dhcp.finish(self._buf, n)
        stack = self._stack
        try:
            path = stack.ip.path(dst, src, self._iface, False)
            if mac:
                path.suppose(mac)
            self._endpoint.use(path)
            if self._endpoint.send(memoryview(self._buf)[:n], dst, dhcp.SERVER_PORT):
                stack.counters.dhcp_tx += 1
                return
        except OSError:
            pass
        stack.counters.dhcp_tx_failed += 1
