# Frostnet: raw sockets: the datagrams of one IP protocol
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.ip import raw
from frostnet.sockets import datagram, held, names

_EPROTONOSUPPORT = const(93)


class socket(datagram.socket):
    """Raw socket: what is received begins with the IP header, what is sent follows one.

    It receives from the beginning on, and ports mean nothing.
    """

    protocol = None  # any

    def _begin(self, proto):
        if not 0 < proto < 256:
            raise OSError(_EPROTONOSUPPORT)
        rt = self._rt
        rt.lock()
        try:
            raws = raw.of(rt.stack)
            try:
                endpoint = raws.open(proto)
            except OSError as e:
                held.make_room(e)
                endpoint = raws.open(proto)
            self._attach(endpoint)
        finally:
            rt.unlock()

    def _bind(self, ip, port):
        self._endpoint.bind(ip)

    def _bound(self):
        self._check()  # it has its endpoint while it is open

    def _name(self):
        return names.pair(self._endpoint.laddr(), self._endpoint.proto)
