# Frostnet: sets the clock by NTP, again and again
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 4330 §10: who is not answered asks less and less often, and never more than every 15 s.

import wallclock
from frostnet.timers import Timer
from frostnet.wire import addr
from micropython import const
from ntp import Client
from services.background import Background
from services.lookup import look_up

_SECOND = const(1000000)
_PATIENCE = const(5000000)  # µs for all servers of one try
_FIRST = const(16)  # s until the second try; doubled each time, up to what is asked for
_SERVERS = const(4)  # of one name


class Timekeeper(Background):
    """Asks `names()`, a list of names or addresses, for the time every `every` seconds, and sets
    the clock. The first time is when an interface has an address.

    `counters`: `asked`, `set`, `failed`; `problem` says why the last try failed, or is None,
    `offset` in seconds how far the clock was behind.
    """

    name = "ntp"

    def __init__(self, names, every):
        super().__init__(0)
        self.counters = {"asked": 0, "set": 0, "failed": 0}
        self.every = every
        self.problem = None
        self.offset = None
        self._names = names
        self._left = []  # names to be looked up
        self._servers = []
        self._query = None
        self._client = None
        self._said = False
        self._wait = _FIRST
        self._timer = Timer(self._wake)

    def __repr__(self):
        state = "every %d s" % self.every if self.running else "stopped"
        return "<ntp %s, set %d times>" % (state, self.counters["set"])

    def open_ports(self):
        for iface in self.rt.stack.ifaces:
            iface.on_address.append(self._address_changed)
        self.pump.post(self)

    def close_ports(self):
        stack = self.rt.stack
        for iface in stack.ifaces:
            iface.on_address.remove(self._address_changed)
        stack.timers.cancel(self._timer)
        if self._query:
            self._query.cancel()
        if self._client:
            self._client.close()
        self._query = self._client = None

    def run(self):
        """A task of the pump: go on as far as it goes without waiting."""
        if not self.running or self._query:
            return
        client = self._client
        if client is not None:
            if client.query.done:
                self._client = None
                self._answered(client.query)
        elif self._timer.due is None and any(iface.addr for iface in self.rt.stack.ifaces):
            self._servers = []
            self._left = list(self._names())
            self._look_up()

    def failed(self, error):
        super().failed(error)
        self._again("it failed: %s" % error)

    def _look_up(self):
        self._query = look_up(self.rt, self._left[0], self._found)

    # Called by the scheduler, perhaps after the end.
    def _found(self, addresses):
        if not self.running or self._query is None:
            return
        self._query = None
        self._left.pop(0)
        self._servers.extend([addr.parse(address) for address in addresses[:_SERVERS]])
        if self._left:
            self._look_up()
        elif self._servers:
            self._ask()
        else:
            self._again("unknown host %s" % ", ".join(self._names()))

    def _ask(self):
        self.counters["asked"] += 1
        rt = self.rt
        rt.lock()
        try:
            self._client = Client(rt.stack, self._servers, _PATIENCE)
            self._client.notify = self._heard
        except OSError as e:
            self._client = None
            problem = e
        finally:
            rt.unlock()
        if self._client is None:
            self._again("no port: %s" % problem)
        elif self._client.query.done:
            self._heard()

    def _answered(self, query):
        sample = query.sample
        if sample is None:
            text = ["%s %s" % (addr.text(s), why) for s, why in query.problems.items()]
            self._again("; ".join(text), bool(query.kisses))
            return
        now = self.rt.clock()
        self.offset = wallclock.offset(sample.epoch, now) / _SECOND
        try:
            wallclock.adjust(sample.epoch, now)
        except OSError as e:
            self._again(e.args[-1], True)
            return
        self.counters["set"] += 1
        self.problem = None
        self._wait = _FIRST
        self._later(self.every)

    # Not now: once that is said on the console. Who declines is not asked so soon.
    def _again(self, why, declined=False):
        self.problem = why
        if not declined:
            self.counters["failed"] += 1
        if not self._said:
            self._said = True
            print("ntp: the clock is not set yet (%s): check ntp= and the network" % why)
        self._later(self.every if declined else min(self._wait, self.every))
        self._wait *= 2

    def _later(self, seconds):
        rt = self.rt
        rt.lock()
        try:
            rt.stack.timers.set(self._timer, rt.clock() + seconds * _SECOND)
        finally:
            rt.unlock()

    # Inside a poll.

    def _wake(self, now):
        self._timer.due = None
        self.pump.post(self)

    def _heard(self):
        self.pump.post(self)

    # A lease has come: whatever failed before may work now.
    def _address_changed(self):
        if not self.counters["set"]:
            self._wait = _FIRST
            self._timer.due = None
            self.pump.post(self)
