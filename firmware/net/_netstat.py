# Frostnet: net.netstat
# MIT license; Copyright (c) 2026 The Frostnet authors

from collections import namedtuple

from frostnet.tcp.states import NAMES
from frostnet.wire import addr
from net._error import EINVAL, NetError
from net._host import network

_ROW = "%-5s %6d %6d %-23s %-23s %s"

Socket = namedtuple("Socket", ("proto", "recvq", "sendq", "local", "remote", "state"))


class Rows(list):
    """A list that the prompt does not print once more."""

    def __repr__(self):
        return "<%d sockets>" % len(self)


class Counts(dict):
    """{name: count}, which the prompt does not print once more."""

    def __repr__(self):
        return "<%d counters>" % len(self)


def netstat(option=""):
    """See net.netstat; NetError for an option that there is not."""
    rt = network()
    if option == "-s":
        return _counters(rt)
    if option == "-i":
        return _interfaces(rt)
    if option:
        raise NetError(EINVAL, 'netstat knows the options "-s" (counters) and "-i" (interfaces)')
    rt.lock()
    try:
        stack = rt.stack
        sockets = Rows(_tcp(stack.tcp) + _udp(stack.udp) + _raw(stack.raw))
    finally:
        rt.unlock()
    print("Proto Recv-Q Send-Q %-23s %-23s State" % ("Local Address", "Foreign Address"))
    for row in sockets:
        print(_ROW % tuple(row))
    return sockets


def _tcp(tcp):
    rows = []
    for listener in tcp.listeners.values():
        while listener:
            local = _pair(listener.laddr, listener.lport)
            rows.append(Socket("tcp", listener.pending(), 0, local, "0.0.0.0:*", "LISTEN"))
            listener = listener.next
    for c in tcp.connections():
        local = _pair(c.laddr, c.ports >> 16)
        remote = _pair(c.raddr, c.ports & 0xFFFF)
        rows.append(Socket("tcp", c.rx.len, c.tx.len, local, remote, NAMES[c.state]))
    return rows


def _udp(udp):
    rows = []
    for e in udp.endpoints():
        remote = _pair(e.raddr, e.rport)
        rows.append(Socket("udp", e.available(), 0, _pair(e.addr, e.port), remote, ""))
    return rows


# The protocol's number stands where others have a port, as in Linux's netstat.
def _raw(raw):
    rows = []
    for e in raw.endpoints() if raw else ():
        local = _pair(e.addr, e.proto)
        rows.append(Socket("raw", e.available(), 0, local, _pair(e.raddr, 0), ""))
    return rows


def _pair(address, port):
    return "%s:%s" % (addr.text(address), port or "*")


def _counters(rt):
    counters = Counts(rt.stack.counters.as_dict())
    for iface in rt.stack.ifaces:
        for name, count in iface.dev.counters.as_dict().items():
            counters[iface.name + "_" + name] = count
    # What happened, by layer; what did not is in the result only
    layer = None
    for name in sorted(counters):
        if counters[name]:
            if name.partition("_")[0] != layer:
                layer = name.partition("_")[0]
                print(layer + ":")
            print("%12d %s" % (counters[name], name[len(layer) + 1 :]))
    return counters


def _interfaces(rt):
    from net._ifconfig import Interface

    rt.lock()
    try:
        rows = [Interface(rt, iface) for iface in rt.stack.ifaces + [rt.stack.lo]]
    finally:
        rt.unlock()
    print("Iface      MTU    RX-OK    RX-BYTES    TX-OK    TX-BYTES  Link")
    for row in rows:
        get = row.counters.get
        counts = [get(name, 0) for name in ("rx_frames", "rx_bytes", "tx_frames", "tx_bytes")]
        link = "up" if row.up and row.link else "down"
        print("%-8s %5d %8d %11d %8d %11d  %s" % ((row.name, row.mtu) + tuple(counts) + (link,)))
    return rows
