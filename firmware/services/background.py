# Frostnet: what runs beside the prompt under a name: started once, stopped once
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc

from micropython import const

import services
from services import pump

_EADDRINUSE = const(98)


class Background(pump.Task):
    """What a TCP service, a UDP service and a client that logs have in common.

    A subclass has `name`, `open_ports()` and `close_ports()`, which are called inside the stack,
    and `released()`, which is called behind them. `counters` count what it does.
    """

    name = "service"
    several = False  # may run at once: all but the first have their port in the name
    port_name = "port"  # in front of its number
    error = None  # the last exception that nobody expected: a defect

    def __init__(self, port):
        self.port = port
        self.pump = pump.current()
        self.rt = self.pump.rt
        self.running = False
        self.counters = {"failed": 0}

    def open_ports(self):
        """Take the ports; `self.port` is the one in the error if one is taken."""

    def close_ports(self):
        """Give the ports back, and cancel timers."""

    def released(self):
        """Stopped: give back whatever else there is."""

    def start(self):
        """Begin, and return self. OSError: EADDRINUSE if the name or the port is taken."""
        if self.name in services.running and not self.several:
            raise OSError(_EADDRINUSE, "%s runs already: stop() it first" % self.name)
        rt = self.rt
        rt.lock()
        try:
            self.open_ports()
        except OSError as e:
            if e.errno != _EADDRINUSE:
                raise
            text = "%s %d is taken: choose another, or close what listens there"
            raise OSError(_EADDRINUSE, text % (self.port_name, self.port))
        finally:
            rt.unlock()
        self.running = True
        if self.name in services.running:
            self.name = "%s-%d" % (self.name, self.port)
        services.running[self.name] = self
        return self

    def stop(self):
        """Give everything back; once more does no harm."""
        if not self.running:
            return
        rt = self.rt
        rt.lock()  # to the end: Ctrl-C does not leave half of it
        try:
            self.running = False
            self.close_ports()
            self.released()
            if services.running.get(self.name) is self:
                del services.running[self.name]
        finally:
            rt.unlock()
        gc.collect()

    def failed(self, error):
        """There was an exception that nobody expected; the rest goes on."""
        self.counters["failed"] += 1
        self.error = error
