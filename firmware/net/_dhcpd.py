# Frostnet: net.dhcpd
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import addr
from micropython import const
from net._error import EINVAL, NetError
from net._host import interface, network

_EADDRNOTAVAIL = const(99)


def dhcpd(
    name="eth1",
    first=None,
    last=None,
    lease=3600,
    router=None,
    dns=None,
    domain="lan",
    hosts=None,
    options=None,
    check=True,
):
    """See net.dhcpd; NetError."""
    from dhcpd.config import Config
    from services.dhcpd import Dhcpd

    rt = network()
    iface = interface(rt, name)
    if not _is_fixed(rt, iface):
        text = '%s needs a fixed address to serve from: net.ifconfig("%s", "10.1.0.1/24") first'
        raise NetError(_EADDRNOTAVAIL, text % (name, name))
    if router is None:
        router = addr.text(iface.addr) if rt.stack.ip.forwarder else ()
    try:
        config = Config(
            iface.addr,
            iface.prefixlen,
            addr.parse(first) if first else 0,
            addr.parse(last) if last else 0,
            lease,
            _addresses(router),
            _addresses(dns or ()),
            domain,
            {_mac(mac): addr.parse(address) for mac, address in (hosts or {}).items()},
            options or {},
        )
    except ValueError as e:
        raise NetError(EINVAL, "dhcpd cannot give addresses like that: %s" % e)
    try:
        return Dhcpd(iface, config, check, dns is None).start()
    except OSError as e:
        raise NetError(e.errno, e.args[1] if len(e.args) > 1 else str(e))


def _is_fixed(rt, iface):
    client = rt.dhcp.get(iface)
    return iface.addr and not iface.loopback and not (client and client.state)


def _addresses(said):
    return [addr.parse(text) for text in ((said,) if isinstance(said, str) else said)]


def _mac(text):
    parts = text.split(":")
    if len(parts) != 6:
        raise ValueError("%s is no hardware address such as 52:54:00:12:34:56" % text)
    return bytes([int(part, 16) for part in parts])
