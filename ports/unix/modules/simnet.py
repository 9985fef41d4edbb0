# Frostnet: simulator: stacks on virtual wires, in virtual time, replayable from a seed
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

import _port
from frostnet.runtime import Runtime, set_current
from frostnet.stack import Stack
from frostnet.wire import addr
from simwire import Port, Rng, Wire

_SPIN = const(1000)  # polls of one host at one time before it counts as an endless loop
_SETTLE = const(10000000)  # µs that run_until() allows when nobody says how many


def mac_of(mac):
    """6 bytes from an int n (02:00:00:00:00:n), from "aa:bb:…" or from bytes."""
    if isinstance(mac, int):
        return b"\x02\x00\x00\x00" + mac.to_bytes(2, "big")
    if isinstance(mac, str):
        return bytes(int(part, 16) for part in mac.split(":"))
    return bytes(mac)


class SimPort:
    """What `frostnet.runtime.Runtime` wants of a port, in virtual time.

    A blocking call waits by letting the simulation run on: the other hosts are polled meanwhile.
    """

    def __init__(self, host):
        self.host = host
        self.lock = _port.lock
        self.unlock = _port.unlock

    def ticks_us(self):
        return self.host.sim.now

    def alarm(self, when, callback):
        self.host.deadline = when if when >= 0 else None
        self.host.callback = callback

    def wait(self, until, callback=None):
        host = self.host
        sim = host.sim
        if until < 0:
            until = None
        turns = host.turns
        while host.turns == turns:
            found = sim.step(until)
            if until is None and not found:
                raise AssertionError("%s waits for ever: nothing will happen" % host.name)
            if until is not None and sim.now >= until:
                return


class Host:
    """One stack with one interface on one port.

    The simulation polls the stack itself until somebody asks for `rt`: from then on a `Runtime`
    does, woken by the port's interrupt and its alarm as on the board.
    """

    def __init__(self, sim, name, port, stack, iface):
        self.sim = sim
        self.name = name
        self.port = port
        self._ports = [port]
        self.stack = stack
        self.iface = iface
        self.due = True
        self.deadline = None
        self.callback = None
        self.turns = 0
        self._rt = None
        port.wake = self.touch

    @property
    def rt(self):
        """This host's `Runtime`."""
        if not self._rt:
            self.deadline = None
            self._rt = Runtime(self.stack, SimPort(self))
            self.touch()
        return self._rt

    def use(self):
        """Let sockets that are made from here on be this host's; returns the runtime before."""
        return set_current(self.rt)

    def touch(self):
        self.due = True

    def add(self, port, ip):
        """One more interface on `port`, with "address/prefix"; return it."""
        iface = self.stack.add(port, "eth%d" % len(self.stack.ifaces))
        port.wake = self.touch
        self._ports.append(port)
        text, prefix = ip.split("/")
        iface.set_address(addr.parse(text), int(prefix))
        iface.claim.hold()
        iface.arp.announce(iface.addr)
        return iface

    def turn(self, now):
        """Do what is due; False if nothing was."""
        alarm = self.deadline is not None and self.deadline <= now
        if not (self.due or alarm):
            return False
        self.turns += 1
        due, self.due = self.due, False
        rt = self._rt
        if not rt:
            self.deadline = self.stack.poll(now)
            for port in self._ports:
                if port.arm():
                    self.due = True  # the budget of one poll was not enough
            return True
        if due:
            # Something may have been done to the stack from outside: this sees to its output.
            rt.lock()
            rt.unlock()
            rt.pump(self.port)
        if alarm:
            self.deadline = None
            self.callback(None)
        return True


class Sim:
    """Virtual clock, wires, hosts and programs.

    `now` is in µs and moves only in `run`, `run_until` and `step` and in blocking calls: to the
    next arrival of a frame or the next deadline of a stack, whichever is first. A host gets a
    turn when a frame came, when its deadline is reached, when a run begins and after programs
    ran; not else, so that a stack which names too late a deadline is found out.
    """

    def __init__(self, seed=1, **wire):
        self.now = 1000000  # not 0: a time of 0 must not pass for "none"
        self.seed = seed
        self.rng = Rng(seed)
        self.hosts = []
        self.wires = []
        self.programs = []
        self._running = []
        self._wakes = {}  # {program: time}
        self.default = self.wire(**wire)

    def wire(self, **options):
        """A new `Wire`, seeded from this simulation's seed."""
        wire = Wire(self.rng.bits(), **options)
        wire.now = self.now
        self.wires.append(wire)
        return wire

    def port(self, mac, wire=None, mtu=1500):
        """A port without a stack, for frames by hand."""
        return (wire or self.default).port(mac_of(mac), mtu)

    def host(self, mac, ip=None, gateway=None, wire=None, mtu=1500, name=None, port=None):
        """A stack with one interface; `ip` is "address/prefix"."""
        port = port or self.port(mac, wire, mtu)
        # A source of its own: what one host draws does not move another's numbers.
        rng = Rng(self.rng.bits())
        stack = Stack(rng.getrandbits, self.now)
        stack.strict = True  # an exception inside a poll fails the test
        iface = stack.add(port, "eth0")
        host = Host(self, name or ip or "host%d" % len(self.hosts), port, stack, iface)
        if ip:
            text, prefix = ip.split("/")
            iface.set_address(addr.parse(text), int(prefix))
            iface.claim.hold()  # the test knows that nobody else has it: no probes
            iface.arp.announce(iface.addr)
        if gateway:
            stack.ip.routes.set_default(iface, addr.parse(gateway))
        self.hosts.append(host)
        return host

    def bench(self, mac=1, ip="10.0.0.1/24", **options):
        """A host on a port without a wire: tests speak frames to it by `inject` and `sent`."""
        return self.host(mac, ip, port=Port(mac_of(mac), options.pop("mtu", 1500)), **options)

    def go(self, program):
        """Run a generator beside the hosts: it is resumed after every event until it ends.

        It yields to wait; what it yields is None, or a time at which to resume it anyway. It
        may also make blocking calls, but then it holds up whoever called it from a blocking call
        of his own.
        """
        self.programs.append(program)

    def touch(self):
        """Have every host polled: something was done to a stack from outside."""
        for host in self.hosts:
            host.touch()

    def settle(self):
        """Poll who is due at this time until nobody is."""
        now = self.now
        spin = 0
        while True:
            busy = False
            for wire in self.wires:
                wire.advance(now)
            for host in self.hosts:
                if host.turn(now):
                    busy = True
                    last = host
            if not busy:
                return
            spin += 1
            if spin > _SPIN:
                raise AssertionError("%s asks to be polled for ever at t=%d" % (last.name, now))

    def next(self):
        """Time of the next event, or None."""
        first = None
        for wire in self.wires:
            when = wire.next()
            if when is not None and (first is None or when < first):
                first = when
        for host in self.hosts:
            when = self.now if host.due else host.deadline
            if when is not None and (first is None or when < first):
                first = when
        for when in self._wakes.values():
            if when > self.now and (first is None or when < first):
                first = when
        return first

    def step(self, until=None):
        """Go to the next event, at most to `until`; False if there is none up to then."""
        when = self.next()
        found = when is not None and (until is None or when <= until)
        if found:
            self.now = max(self.now, when)
        elif until is not None:
            self.now = max(self.now, until)
        for host in self.hosts:
            host.stack.now = self.now  # for those who call the stack without a runtime
        self.settle()
        if self.programs:
            self._resume()
        return found

    def run(self, us):
        """Let `us` microseconds pass."""
        self.touch()
        end = self.now + us
        self.step(self.now)
        while self.now < end:
            self.step(end)

    def run_until(self, cond, timeout_us=_SETTLE, what="the condition"):
        """Run until `cond()` is true; AssertionError if it is not after `timeout_us`."""
        self.touch()
        begin = self.now
        end = begin + timeout_us
        self.step(self.now)
        while not cond():
            if self.now >= end:
                raise AssertionError(
                    "%s did not come true within %d us (t=%d, seed %d)"
                    % (what, timeout_us, self.now, self.seed)
                )
            self.step(end)

    def _resume(self):
        for program in list(self.programs):
            if program in self._running:
                continue  # it waits in a blocking call, which is what runs this step
            self._running.append(program)
            self._wakes.pop(program, None)
            try:
                when = next(program)
                if when is not None:
                    self._wakes[program] = when
            except StopIteration:
                self.programs.remove(program)
            self._running.remove(program)
        self.touch()
        self.settle()
