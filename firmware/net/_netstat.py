# Frostnet: net.netstat
# MIT license; Copyright (c) 2026 The Frostnet authors

from collections import namedtuple

from frostnet.tcp.states import NAMES
from net._error import EINVAL, NetError
from net._host import network
from net._tcp_info import ends, pair, timer, timer_text

_ROW = "%-5s %6d %6d %-23s %-23s %s"

_FIELDS = ("proto", "recvq", "sendq", "local", "remote", "state")
Socket = namedtuple("Socket", _FIELDS)
Timed = namedtuple("Timed", _FIELDS + ("timer",))


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
    if option and option != "-o":
        text = 'netstat knows the options "-s" (counters), "-i" (interfaces) and "-o" (timers)'
        raise NetError(EINVAL, text)
    rt.lock()
    try:
        stack = rt.stack
        found = _tcp(stack.tcp) + _udp(stack.udp) + _raw(stack.raw)
    finally:
        rt.unlock()
    sockets = Rows(Timed(*row) if option else Socket(*row[:-1]) for row in found)
    title = "Proto Recv-Q Send-Q %-23s %-23s State" % ("Local Address", "Foreign Address")
    print("%-82s Timer" % title if option else title)
    for row in sockets:
        text = _ROW % tuple(row[:6])
        if option and row.timer:
            text = "%-82s %s" % (text, timer_text(row.timer))
        print(text)
    return sockets


# Rows of Timed: what has no timer has None.
def _tcp(tcp):
    rows = []
    for listener in tcp.listeners.values():
        while listener:
            local = pair(listener.laddr, listener.lport)
            rows.append(("tcp", listener.pending(), 0, local, "0.0.0.0:*", "LISTEN", None))
            listener = listener.next
    for c in tcp.connections():
        local, remote = ends(c)
        waits = timer(c, tcp.stack.now)
        rows.append(("tcp", c.rx.len, c.tx.len, local, remote, NAMES[c.state], waits))
    return rows


def _udp(udp):
    rows = []
    for e in udp.endpoints():
        remote = pair(e.raddr, e.rport)
        rows.append(("udp", e.available(), 0, pair(e.addr, e.port), remote, "", None))
    return rows


# The protocol's number stands where others have a port, as in Linux's netstat.
def _raw(raw):
    rows = []
    for e in raw.endpoints() if raw else ():
        local = pair(e.addr, e.proto)
        rows.append(("raw", e.available(), 0, local, pair(e.raddr, 0), "", None))
    return rows


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
