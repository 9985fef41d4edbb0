# Frostnet: a time server for tests
# MIT license; Copyright (c) 2026 The Frostnet authors

NOW = 1787400000  # a day in 2026
S = 1000000

_1970 = 2208988800


def stamp(seconds, fraction=0):
    """An NTP timestamp of a Unix time, in either era."""
    return ((seconds + _1970) & 0xFFFFFFFF).to_bytes(4, "big") + fraction.to_bytes(4, "big")


def answer(
    request,
    mode=4,
    version=4,
    leap=0,
    stratum=2,
    delay=0x100,
    dispersion=0x100,
    refid=b"GPS\0",
    reference=stamp(NOW - 60),
    receive=stamp(NOW),
    transmit=stamp(NOW),
):
    """What a server says to `request`."""
    head = bytes((leap << 6 | version << 3 | mode, stratum, 6, 0xEC))
    head += delay.to_bytes(4, "big") + dispersion.to_bytes(4, "big") + refid
    return head + reference + bytes(request[40:48]) + receive + transmit


class TimeServer:
    """A server on `host` whose clock shows NOW when the simulation begins."""

    def __init__(self, sim, host, **fields):
        self.sim = sim
        self.fields = fields
        self.requests = []
        self.endpoint = host.stack.udp.open(0, 123)
        self.endpoint.handler = self._input

    def _input(self, iface, buf, off, end, src, sport):
        request = bytes(buf[off:end])
        self.requests.append((self.sim.now, src, sport, request))
        us = self.sim.now
        now = stamp(NOW + us // S, (us % S << 32) // S + 1)
        fields = {"receive": now, "transmit": now}
        fields.update(self.fields)
        self.endpoint.send(answer(request, **fields), src, sport)
