# Frostnet: net.ss
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp.connection import NEVER
from frostnet.tcp.states import NAMES
from net._error import EINVAL, ENOTCONN, NetError
from net._host import network
from net._tcp_info import congestion, ends, scales, timer, timer_text

_ROW = "%-12s %6s %6s %-23s %s"


class Info(dict):
    """What there is to know about a connection; the prompt does not print it once more."""

    def __repr__(self):
        return "<%s %s>" % (self["state"], self["remote"])


class Rows(list):
    """A list that the prompt does not print once more."""

    def __repr__(self):
        return "<%d connections>" % len(self)


def ss(sock=None):
    """See net.ss; NetError if `sock` is no TCP socket with a connection."""
    rt = network()
    rt.lock()
    try:
        now = rt.stack.now
        if sock is None:
            found = Rows(_info(c, now) for c in rt.stack.tcp.connections())
        else:
            found = _info(_connection(sock), now)
    finally:
        rt.unlock()
    print(_ROW % ("State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port"))
    for info in found if sock is None else (found,):
        fields = ("state", "recv_queue", "send_queue", "local", "remote")
        print(_ROW % tuple([info[field] for field in fields]))
        print("\t" + _details(info))
    return found


def _connection(sock):
    try:
        c = sock._conn
    except AttributeError:
        raise NetError(EINVAL, "net.ss wants a TCP socket: net.netstat() shows all sockets")
    if c is None:
        raise NetError(ENOTCONN, "this socket has no connection: net.ss() shows those there are")
    return c


def _info(c, now):
    local, remote = ends(c)
    algorithm, cwnd, ssthresh = congestion(c)
    flight = c.flight
    return Info(
        state=NAMES[c.state],
        local=local,
        remote=remote,
        recv_queue=c.rx.len,
        send_queue=c.tx.len,
        algorithm=algorithm,
        cwnd=cwnd,
        ssthresh=ssthresh,
        mss=c.smss,
        rtt=(c.srtt >> 3) / 1000 if c.srtt else None,
        rttvar=(c.rttvar >> 2) / 1000 if c.srtt else None,
        min_rtt=c.min_rtt / 1000 if c.min_rtt < NEVER else None,
        rto=c.rto / 1000,
        backoff=c.backoff,
        retransmits=c.retransmits,
        in_flight=flight.pipe() if flight else 0,
        unacked=c.snd_max - c.snd_una,
        lost=flight.lost if flight else 0,
        sacked=flight.sacked if flight else 0,
        send_window=c.snd_wnd,
        recv_window=max(c.rcv_adv - c.rcv_nxt, 0),
        wscale=scales(c),
        timestamps=bool(c.ts_ok),
        sack=bool(c.sack_ok),
        timer=timer(c, now),
    )


# As `ss -tino` has it: times in ms, cwnd and ssthresh in segments, the rest in bytes.
def _details(info):
    mss = info["mss"]
    words = []
    for name, option in (("ts", "timestamps"), ("sack", "sack")):
        if info[option]:
            words.append(name)
    words.append(info["algorithm"])
    if info["wscale"]:
        words.append("wscale:%d,%d" % info["wscale"])
    words.append("rto:%d" % info["rto"])
    if info["backoff"]:
        words.append("backoff:%d" % info["backoff"])
    if info["rtt"] is not None:
        words.append("rtt:%.3f/%.3f" % (info["rtt"], info["rttvar"]))
    words.append("mss:%d" % mss)
    for name in ("cwnd", "ssthresh"):
        if info[name] is not None:
            words.append("%s:%d" % (name, info[name] // mss))
    if info["min_rtt"] is not None:
        words.append("minrtt:%.3f" % info["min_rtt"])
    words.append("retrans:%d" % info["retransmits"])
    for name in ("in_flight", "unacked", "lost", "sacked"):
        if info[name]:
            words.append("%s:%d" % (name, info[name]))
    words.append("snd_wnd:%d rcv_wnd:%d" % (info["send_window"], info["recv_window"]))
    if info["timer"][0] != "off":
        words.append("timer:" + timer_text(info["timer"]))
    return " ".join(words)
