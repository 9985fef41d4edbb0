# Frostnet: network.hostname and network.country, and name servers
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet import runtime
from frostnet.wire import addr
from frostnet.wire.dns_name import encode_name

_HOSTNAME_MAX = const(32)

_hostname = "frostnet"
_country = "XX"


def hostname(name=None):
    """Name of this host, at most 32 characters; DHCP servers are told, and it is name.local."""
    global _hostname
    if name is None:
        return _hostname
    if not 0 < len(name) <= _HOSTNAME_MAX:
        raise ValueError("hostname must have 1 to 32 characters")
    encode_name(name)
    _hostname = name
    try:
        rt = runtime.current()
    except OSError:
        return
    rt.lock()
    try:
        resolver = rt.resolver
        if resolver:
            resolver.hostname = name
            if resolver.multicast:
                resolver.multicast.set_hostname(name)
        for client in rt.dhcp.values():
            client.sender.hostname = name
    finally:
        rt.unlock()


def country(code=None):
    """Two letters; kept for programs written for wireless boards."""
    global _country
    if code is None:
        return _country
    if len(code) != 2:
        raise ValueError("country code must have 2 letters")
    _country = code


def parse_servers(servers):
    """List of addresses from a text or several; "0.0.0.0" is none. ValueError."""
    if isinstance(servers, str):
        servers = (servers,)
    return [server for server in map(addr.parse, servers) if server]


def set_servers(rt, servers):
    """Ask these name servers, instead of those that a lease brings."""
    rt.lock()
    rt.resolver.servers = servers
    rt.unlock()
