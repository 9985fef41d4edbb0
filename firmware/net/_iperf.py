# Frostnet: net.iperf
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from iperf.parameters import (
    OMIT_MAX,
    SECONDS_MAX,
    STREAMS_MAX,
    TCP_LENGTH,
    TCP_LENGTH_MAX,
    UDP_LENGTH_MAX,
    UDP_LENGTH_MIN,
    UDP_RATE,
    Parameters,
)
from net._check import check_port, check_seconds, check_whole
from net._error import EINVAL, NetError
from net._host import network, ready, resolve
from net._iperf_link import drive

_PORT = const(5201)


def iperf(
    host=None,
    port=_PORT,
    seconds=10,
    bytes=None,
    reverse=False,
    udp=False,
    rate=None,
    parallel=1,
    length=None,
    interval=1,
    omit=0,
    server=False,
    count=None,
    quiet=False,
):
    """See net.iperf; NetError."""
    check_port(port)
    check_seconds("interval", interval)
    if 0 < interval < 0.1:
        raise _wrong("interval is 0 (none) or at least 0.1 s")
    if server == bool(host):
        raise NetError(EINVAL, 'say net.iperf("10.0.2.2") to measure, or net.iperf(server=True)')
    rt = network()

    # The lock is given up: whoever shows it may need the network (telnetd).
    def say(text):
        if not quiet:
            rt.unlock()
            try:
                print(text)
            finally:
                rt.lock()

    if server:
        from net._iperf_server import serve

        ready(rt)
        return drive(rt, serve(rt, port, count, interval, say))
    from net._iperf_client import measure

    asked = _asked(seconds, bytes, reverse, udp, rate, parallel, length, omit)
    dst = resolve(rt, host)
    return drive(rt, measure(rt, host, dst, port, asked, interval, say))


def _asked(seconds, num, reverse, udp, rate, parallel, length, omit):
    check_whole("parallel", parallel, 1, STREAMS_MAX)
    check_seconds("seconds", seconds)
    check_seconds("omit", omit)
    if num is not None and num < 1:
        raise _wrong("bytes is at least 1")
    if not 0 < seconds <= SECONDS_MAX or not 0 <= omit <= OMIT_MAX:
        raise _wrong("seconds is up to %d, omit up to %d" % (SECONDS_MAX, OMIT_MAX))
    low, high = (UDP_LENGTH_MIN, UDP_LENGTH_MAX) if udp else (1, TCP_LENGTH_MAX)
    if length is not None and not low <= length <= high:
        raise _wrong("length is %d to %d bytes" % (low, high))
    if rate is not None and (isinstance(rate, str) or rate < 0):
        raise _wrong("rate is a number of bits per second, 0 for as fast as it goes")
    if rate is None:
        rate = UDP_RATE if udp else 0
    if length is None and not udp:
        length = TCP_LENGTH
    return Parameters(udp, reverse, parallel, length, int(rate), seconds, num or 0, omit)


def _wrong(text):
    return NetError(EINVAL, "iperf cannot do that: " + text)
