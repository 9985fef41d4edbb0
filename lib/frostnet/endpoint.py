# Frostnet: what the endpoints of UDP and the raw ones share
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.errnos import EACCES
from frostnet.mailbox import Mailbox
from frostnet.wire.addr import is_multicast


class DatagramEndpoint(Mailbox):
    """One end of a connectionless protocol. `addr` is ours, 0 for all; `raddr`, `rport` are the
    peer's if it is connected. `table` knows all endpoints of the protocol.
    """

    broadcast = True  # may send to everybody
    options = None  # Options of its own

    def __init__(self, table, addr=0, iface=None):
        super().__init__()
        self._table = table
        self._ip = table.ip
        self.addr = addr
        self.iface = iface  # receive from and send through this one only, if not None
        self.raddr = 0
        self.rport = 0
        self.handler = None  # fn(iface, buf, off, end, src, sport) instead of the queue
        self.error = 0  # pending errno, of connected endpoints
        self._path = None  # of the last datagram sent

    def connect(self, dst, port=0):
        """Send to, and receive from, this peer only; 0 undoes it."""
        self._path = self._way(dst) if dst else None
        self.raddr = dst
        self.rport = port

    def laddr(self):
        """Return the address that datagrams to the connected peer come from."""
        return self._path.src if self.raddr else self.addr

    def set_options(self, options):
        """Send as `options` say, from the next datagram on."""
        self.options = options
        self._path = self._way(self.raddr) if self.raddr else None

    def set_iface(self, iface):
        """Receive from this interface only, and send through it; None: from and through any."""
        self.iface = iface
        self._path = self._way(self.raddr) if self.raddr else None

    def take_error(self):
        """Return the pending errno, 0 if there is none, and clear it."""
        error = self.error
        self.error = 0
        return error

    def close(self):
        """Receive nothing more; what waits is lost."""
        self._table.remove(self)
        self.clear()

    # The path to `dst`. What was bound or set decides about it, so it is not for others to share.
    def _way(self, dst):
        src = 0 if is_multicast(self.addr) else self.addr
        if self.options is not None:
            path = self.options.path(self._ip, dst, src or None, self.iface)
        elif self.iface is not None:
            path = self._ip.path(dst, src or None, self.iface, False)
        else:
            path = self._plain_path(dst, src)
        if path.broadcast and not self.broadcast:
            raise OSError(EACCES)
        return path

    # The path if nothing was set; `src` is 0 for any.
    def _plain_path(self, dst, src):
        return self._ip.path(dst, src or None, None, False)
