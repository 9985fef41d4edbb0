# Frostnet: what net.watch tells: an event and its line
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno

from frostnet.tcp.watch import EVENTS
from net._clock import clock_text

# By event: text, into which the event's values go in their order. Where times or names need more
# than that, there is a function below.
_TEXTS = {
    "begin": "%s",
    "state": "%s -> %s",
    "window shut": "the peer's window is shut",
    "window open": "the peer's window is open: %d",
    "stalled": "waits for the peer's window: it has %d, %d bytes are to be sent",
    "window probe": "window probe of %d bytes, number %d",
    "goes on": "goes on: the peer's window is %d",
    "buffer full": "our window is shut: the program does not read",
    "buffer free": "our window is open: %d",
    "sack": "SACK %d to %d, %d bytes of it news",
    "dsack": "D-SACK: %d to %d came twice",
    "lost": "lost: %d bytes",
    "recovery": "fast recovery with %d bytes unacknowledged, ssthresh %d",
    "recovered": "recovered: cwnd %d, ssthresh %d",
    "spurious": "nothing was lost after all: cwnd %d",
    "sent again": "sent again from %d: %d bytes",
    "tail probe": "tail loss probe",
    "mss": "segments of %d bytes from now on",
    "out of order": "out of order: %d bytes, %d bytes too early",
    "dropped": "segment dropped: %s",
    "challenge": "challenge ACK",
    "reset": "reset by the peer",
    "reset sent": "reset",
    "keepalive": "keep-alive, number %d",
    "alive": "the peer is alive",
    "missed": "%d events were missed: too many at once",
}


def _end(values):
    error, again = values
    how = "ended with %s" % _error(error) if error else "ended"
    return "%s, %d segments were sent again" % (how, again)


def _values(values):
    send, receive, rtt, rttvar, rto, cwnd, ssthresh = values
    return "rtt %s/%s rto %s, cwnd %d, ssthresh %s, send window %d, receive window %d" % (
        _ms(rtt),
        _ms(rttvar),
        _ms(rto),
        cwnd,
        ssthresh or "-",
        send,
        receive,
    )


def _timeout(values):
    rto, backoff, unacked = values
    what = "%d bytes unacknowledged" % unacked if unacked else "no answer to the SYN"
    return "time-out number %d: %s, rto %s" % (backoff, what, _ms(rto))


def _not_sent(values):
    return "cannot be sent: %s" % _error(values[0])


def _unreachable(values):
    return "the network says: %s" % _error(values[0])


_FUNCTIONS = {
    "end": _end,
    "values": _values,
    "timeout": _timeout,
    "not sent": _not_sent,
    "unreachable": _unreachable,
}


def _ms(us):
    return "%d.%03d" % (us // 1000, us % 1000) if us < 100000 else "%d" % (us // 1000)


def _error(number):
    return errno.errorcode.get(number, "errno %d" % number)


def text_of(event, values):
    """Return the words for an event of tcp/watch.py, or "missed"."""
    fn = _FUNCTIONS.get(event)
    return fn(values) if fn else _TEXTS[event] % values


class Event:
    """Something that happened to a connection. `time` is in µs since 1970, `connection` a text,
    `what` a name of frostnet.tcp.watch.EVENTS, `values` what goes with it, {name: value}: bytes,
    µs, errnos. As a text it is the line that net.watch prints.
    """

    def __init__(self, time, connection, what, values):
        self.time = time
        self.connection = connection
        self.what = what
        self._values = values

    @property
    def values(self):
        return dict(zip(EVENTS.get(self.what, ("number",)), self._values))

    def __repr__(self):
        text = text_of(self.what, self._values)
        return "%s %s %s" % (clock_text(self.time), self.connection, text)
