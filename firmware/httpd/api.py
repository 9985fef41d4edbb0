# Frostnet: the state of the board for programs, as dicts and lists
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc
import sys
import time

from micropython import const

import network
import services
from frostnet.dhcp.states import NAMES as DHCP
from frostnet.link.neighbour import NAMES as NEIGHBOUR
from frostnet.tcp.states import NAMES as STATE
from frostnet.wire import addr
from frostnet.wire.dns_name import text_name

_MOST = const(100)  # connections in one answer, each of which takes some 80,000 instructions
_NO_LIMIT = const(1 << 30)  # ssthresh before the first loss
_MEMORY = const(10000000)  # µs between two looks at the heap, each of which takes some ms

_total = 0
_used = 0
_looked = -_MEMORY


def status(rt):
    """Return what the board is, its interfaces, memory and services."""
    rt.lock()
    try:
        return {
            "name": network.hostname(),
            "version": sys.version,
            "machine": sys.implementation[2],
            "uptime": rt.clock() / 1000000,
            "time": time.time(),
            "memory": _memory(rt),
            "interfaces": [_interface(rt, iface) for iface in rt.stack.ifaces],
            "dns": [addr.text(server) for server in rt.resolver.servers] if rt.resolver else [],
            "tcp": {"connections": rt.stack.tcp.count, "listeners": len(rt.stack.tcp.listeners)},
            "services": {s.name: {"port": s.port, "counters": s.counters} for s in _services()},
        }
    finally:
        rt.unlock()


def connections(rt):
    """Return TCP's connections, the first 100 of them, with their windows and times."""
    tcp = rt.stack.tcp
    rows = []
    rt.lock()
    try:
        for c in tcp.connections():
            if len(rows) >= _MOST:
                break
            tcp.settle(c, rt.stack.now)
            rows.append(_connection(c))
        return {"total": tcp.count, "connections": rows}
    finally:
        rt.unlock()


def arp(rt):
    """Return who is known on each network."""
    rows = []
    rt.lock()
    try:
        for iface in rt.stack.ifaces:
            for address, mac, state, age in iface.arp.entries():
                rows.append(
                    {
                        "address": addr.text(address),
                        "mac": addr.mac_text(mac) if mac else None,
                        "interface": iface.name,
                        "state": NEIGHBOUR[state],
                        "age": None if age is None else age / 1000000,
                    }
                )
    finally:
        rt.unlock()
    return {"neighbours": rows}


def dns(rt):
    """Return the names that were looked up, and for how long the answers are good."""
    rows = []
    if not rt.resolver:
        return {"names": rows}
    rt.lock()
    try:
        for name, kind, answer, until in rt.resolver.cache.entries():
            left = (until - rt.stack.now) / 1000000
            if left > 0:
                results = [addr.text(r) if kind == 1 else str(r) for r in answer.results]
                row = {"name": text_name(name), "type": kind, "results": results, "left": left}
                if answer.error:
                    row["error"] = answer.error
                rows.append(row)
    finally:
        rt.unlock()
    return {"names": rows}


def counters(rt):
    """Return what was counted: {"stack": {…}, "eth0": {…}}."""
    rt.lock()
    try:
        out = {"stack": rt.stack.counters.as_dict()}
        for iface in rt.stack.ifaces:
            out[iface.name] = iface.dev.counters.as_dict()
        return out
    finally:
        rt.unlock()


def live(rt, rtt):
    """Return what graphs are made of; `rtt` is in ms, or None."""
    rt.lock()
    try:
        received = sent = 0
        for iface in rt.stack.ifaces:
            counts = iface.dev.counters
            received += getattr(counts, "rx_bytes", 0)
            sent += getattr(counts, "tx_bytes", 0)
        return {
            "t": rt.clock() / 1000000,
            "rx": received,
            "tx": sent,
            "rtt": rtt,
            "memory": _memory(rt),
            "tcp": rt.stack.tcp.count,
            "link": [iface.up and iface.carrier for iface in rt.stack.ifaces],
        }
    finally:
        rt.unlock()


def _memory(rt):
    global _total, _used, _looked
    now = rt.clock()
    if not now - _MEMORY < _looked <= now:
        _looked = now
        _used = gc.mem_alloc()
        _total = _total or _used + gc.mem_free()
    return {"used": _used, "free": _total - _used}


def _services():
    return [s for s in services.running.values() if hasattr(s, "counters")]


def _interface(rt, iface):
    client = rt.dhcp.get(iface)
    route = rt.stack.ip.routes.default(iface)
    return {
        "name": iface.name,
        "mac": addr.mac_text(iface.mac),
        "up": iface.up,
        "link": iface.carrier,
        "address": addr.text(iface.addr) if iface.addr else None,
        "prefix": iface.prefixlen,
        "gateway": addr.text(route.gateway) if route and route.gateway else None,
        "mtu": iface.mtu,
        "dhcp": DHCP[client.state].lower() if client else None,
        "lease_left": client.left(rt.stack.now) if client and client.lease else None,
    }


def _connection(c):
    cc = c.cc
    ssthresh = cc.ssthresh if cc else _NO_LIMIT
    return {
        "local": "%s:%d" % (addr.text(c.laddr), c.ports >> 16),
        "remote": "%s:%d" % (addr.text(c.raddr), c.ports & 0xFFFF),
        "state": STATE[c.state],
        "recv_queue": c.rx.len,
        "send_queue": c.tx.len,
        "in_flight": c.snd_max - c.snd_una,
        "recv_window": c.rcv_adv - c.rcv_nxt,
        "send_window": c.snd_wnd,
        "cwnd": cc.cwnd if cc else None,
        "ssthresh": ssthresh if ssthresh < _NO_LIMIT else None,
        "rtt": (c.srtt >> 3) / 1000 if c.srtt else None,
        "rto": c.rto / 1000,
        "mss": c.smss,
    }
