# Frostnet: DHCPINFORM (RFC 2131 section 3.4): parameters for an address that was set by hand
# MIT license; Copyright (c) 2026 The Frostnet authors

from errno import ETIMEDOUT

from micropython import const

from frostnet.dhcp import backoff
from frostnet.dhcp.lease import Parameters, assignable
from frostnet.errnos import EADDRNOTAVAIL
from frostnet.timers import Timer
from frostnet.wire import dhcp

_TRIES = const(3)
_SECOND = const(1000000)


class Inform:
    """One question to all servers on the link; the first answer is taken.

    `done`; then `parameters` has the answer, or `error` an errno: ETIMEDOUT after 28 s,
    EADDRNOTAVAIL when the address went. `notify()`, if set, is called inside the poll.
    """

    def __init__(self, client):
        self.done = False
        self.parameters = None
        self.error = 0
        self.notify = None
        self._client = client
        self._stack = client.stack
        self._iface = client.iface
        self._timer = Timer(self._timeout)
        self._xid = 0
        self._tries = 0
        self._addr = 0
        self._begun = 0

    def start(self, now):
        """Ask; OSError(EADDRNOTAVAIL) if there is no address, or DHCP has granted it."""
        self._addr = self._iface.addr
        if not self._addr or self._client.state:
            raise OSError(EADDRNOTAVAIL)
        self._begun = now
        self._xid = self._stack.rand(32)
        self._client.sender.open(self._input)
        self._ask(now)

    def stop(self):
        """Do not wait for an answer any longer."""
        if not self.done:
            self.done = True
            self._timer.due = None
            self._client.sender.close()

    def _ask(self, now):
        secs = (now - self._begun) // _SECOND
        self._client.sender.ask(dhcp.INFORM, self._xid, secs, self._addr)
        self._stack.timers.set(self._timer, now + backoff.wait(self._tries, self._stack.rand))
        self._tries += 1

    def _timeout(self, now):
        if self._iface.addr != self._addr:
            self._finish(EADDRNOTAVAIL)
        elif self._tries < _TRIES:
            self._ask(now)
        else:
            self._finish(ETIMEDOUT)

    def _input(self, iface, buf, off, end, src, sport):
        counters = self._stack.counters
        counters.dhcp_rx += 1
        message = dhcp.parse(buf, off, end)
        if message is None:
            counters.dhcp_drop_malformed += 1
            return
        if (
            message.kind != dhcp.ACK
            or message.xid != self._xid
            or message.mac != bytes(self._iface.mac)
        ):
            counters.dhcp_drop_stray += 1
            return
        parameters = Parameters(message)
        if not assignable(parameters.server):
            counters.dhcp_drop_unusable += 1
            return
        self.parameters = parameters
        # The address, its routes and the MTU were set by people; only names are looked up
        self._client.settings.put_names(parameters)
        self._finish(0)

    def _finish(self, error):
        self.error = error
        self.stop()
        if self.notify:
            self.notify()
