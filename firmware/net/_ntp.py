# Frostnet: net.ntp
# MIT license; Copyright (c) 2026 The Frostnet authors

import time

import wallclock
from frostnet.wire import addr
from micropython import const
from net._check import check_seconds, check_text
from net._error import EINVAL, ETIMEDOUT, NetError
from net._host import lookup, network, ready
from ntp import Client

_SERVER = "pool.ntp.org"  # who is asked if nobody says whom
_SERVERS = const(4)  # of one name that are asked
_EPERM = const(1)
_LEAST = const(15)  # s (RFC 4330 §10)
_RATE_TIME = const(64000000)  # µs until a server is asked again that says it was too often
_NEVER = const(1 << 60)

_resting = {}  # address of a server that declined: when it may be asked again


class Time:
    """What `net.ntp` found out: `server`, its `address` and `stratum`, and in seconds `offset`
    (how far our clock was behind), `delay` of the round trip, `distance` of the server from a
    reference clock, and `time`, since 1970, as it is now. `leap` is 1 or 2 if the day's last
    minute has 61 or 59 seconds."""

    def __init__(self, server, sample, offset, now):
        self.server = server
        self.address = addr.text(sample.server)
        self.stratum = sample.stratum
        self.leap = sample.leap
        self.offset = offset / 1000000
        self.delay = sample.delay / 1000000
        self.distance = sample.distance / 1000000
        self.time = (sample.epoch + now) / 1000000

    def __repr__(self):
        return "<%s, offset %+.6f s>" % (_date(self.time), self.offset)


def ntp(server=None, set=True, timeout=5, quiet=False, every=None):
    """See net.ntp; NetError if nobody tells the time."""
    check_seconds("timeout", timeout, 0.001)
    if server is not None:
        check_text("server", server, _SERVER)
    rt = network()
    if every:
        return _keep(rt, server, every)
    ready(rt)
    names = [server] if server else configured(rt) or [_SERVER]
    servers, names_of = [], {}
    for name in names:
        for address in lookup(rt, name, 1)[:_SERVERS]:
            servers.append(address)
            names_of[address] = name
    sample = _ask(rt, servers, int(timeout * 1000000))
    now = rt.clock()
    found = Time(names_of[sample.server], sample, wallclock.offset(sample.epoch, now), now)
    if not quiet:
        text = "server %s, stratum %d, offset %+.6f, delay %.6f"
        print(text % (found.address, found.stratum, found.offset, found.delay))
    if set:
        try:
            wallclock.adjust(sample.epoch, rt.clock())
        except OSError:
            raise NetError(_EPERM, "the clock is this machine's: use set=False to compare it")
        if not quiet:
            text = "%s step time server %s offset %+.6f sec"
            print(text % (_date(found.time), found.address, found.offset))
    return found


# The service that goes on setting the clock.
def _keep(rt, server, every):
    from services.timekeeper import Timekeeper

    if every < _LEAST:
        raise NetError(EINVAL, "a server is asked every %d seconds at most" % _LEAST)

    def names():
        return server.split(",") if server else configured(rt) or [_SERVER]

    try:
        return Timekeeper(names, every).start()
    except OSError as e:
        raise NetError(e.errno, e.args[1] if len(e.args) > 1 else str(e))


def configured(rt):
    """Return the time servers that DHCP named (option 42), as texts."""
    servers = []
    for client in rt.dhcp.values():
        asked = client.lease or (client.informed and client.informed.parameters)
        if asked:
            servers.extend(addr.text(server) for server in asked.ntp)
    return servers


def _ask(rt, servers, patience):
    rt.lock()
    try:
        now = rt.clock()
        awake = [server for server in servers if _resting.get(server, 0) <= now]
        client = Client(rt.stack, awake, patience)
        query = client.query
        try:
            while not query.done:
                rt.wait()
        finally:
            client.close()  # Ctrl-C
        for server, kiss in query.kisses.items():
            if len(_resting) >= 16:
                _resting.clear()
            _resting[server] = rt.clock() + _RATE_TIME if kiss == "RATE" else _NEVER
    finally:
        rt.unlock()
    if query.sample:
        return query.sample
    problems = []
    for server in servers:
        why = query.problems.get(server) or "declined before, and is not asked again so soon"
        problems.append("%s %s" % (addr.text(server), why))
    text = 'nobody tells the time (%s): name another server, as in net.ntp("%s")'
    raise NetError(ETIMEDOUT, text % ("; ".join(problems), _SERVER))


def _date(seconds):
    return "%04d-%02d-%02d %02d:%02d:%02d" % time.gmtime(int(seconds))[:6]
