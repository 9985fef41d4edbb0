# Frostnet: the way to a station that has no address yet
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.ip.path import Path
from frostnet.link.neighbour import Neighbour


class StationPath(Path):
    """Sends datagrams for `dst` to the station `mac` on the link of `iface`: no ARP, and no trace
    of it in the table of neighbours (RFC 2131 §4.1).
    """

    def __init__(self, ip, dst, src, iface, mac):
        self._station = Neighbour(dst, mac)
        super().__init__(ip, dst, src, iface, False)

    def _neighbour(self, iface, hop, group):
        return self._station
