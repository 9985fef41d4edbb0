# Frostnet: what both sides of an iperf3 test tell each other at its end
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from iperf.errors import BAD_RESULTS, BAD_STREAM, IperfError
from iperf.framing import integer

_MAX = const(1 << 62)
_UNKNOWN = const((1 << 64) - 1)  # how iperf3 writes -1


class Result:
    """What one side counted of a stream: `bytes`, `seconds`, `retransmits` (-1: not known), and of
    datagrams `packets`, `lost` and `jitter` (ms)."""

    def __init__(self, count, seconds, retransmits=-1, packets=0, lost=0, jitter=0.0):
        self.bytes = count
        self.seconds = seconds
        self.retransmits = retransmits
        self.packets = packets
        self.lost = lost
        self.jitter = jitter


def stream_id(index):
    """Return the number of a stream: iperf3 leaves out 2."""
    return index + 2 if index else 1


def pack(results, sending):
    """Return the object to send as JSON: a Result of each stream, in their order."""
    streams = []
    for index, it in enumerate(results):
        streams.append(
            {
                "id": stream_id(index),
                "bytes": it.bytes,
                "retransmits": it.retransmits,
                "jitter": it.jitter / 1000,
                "errors": it.lost,
                "packets": it.packets,
                "start_time": 0,
                "end_time": it.seconds,
            }
        )
    known = bool(sending and results and results[0].retransmits >= 0)
    return {
        "cpu_util_total": 0,
        "cpu_util_user": 0,
        "cpu_util_system": 0,
        "sender_has_retransmits": int(known) if sending else -1,
        "streams": streams,
    }


def read(value, count):
    """Return the Results of `count` streams in an object that the peer has sent; IperfError."""
    streams = value.get("streams")
    if not isinstance(streams, list) or len(streams) != count:
        raise IperfError(BAD_RESULTS)
    numbers = {stream_id(index): index for index in range(count)}
    results = [None] * count
    for stream in streams:
        if not isinstance(stream, dict):
            raise IperfError(BAD_RESULTS)
        index = numbers.pop(stream.get("id"), None)
        if index is None:
            raise IperfError(BAD_STREAM)
        try:
            results[index] = _read(stream)
        except ValueError as e:
            raise IperfError(BAD_RESULTS, "%s in the results makes no sense" % e)
    return results


def _read(stream):
    retransmits = integer(stream, "retransmits", -1, _UNKNOWN)
    return Result(
        integer(stream, "bytes", 0, _MAX),
        _seconds(stream, "end_time") - _seconds(stream, "start_time"),
        -1 if retransmits >= _MAX else retransmits,
        integer(stream, "packets", 0, _MAX),
        integer(stream, "errors", -_MAX, _MAX),
        _seconds(stream, "jitter") * 1000,
    )


def _seconds(stream, key):
    seconds = stream.get(key, 0)
    if not isinstance(seconds, (int, float)) or not 0 <= seconds < 1e9:
        raise ValueError(key)
    return seconds
