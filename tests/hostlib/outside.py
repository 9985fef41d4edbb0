# Frostnet: a look at the wire behind a TAP device
# MIT license; Copyright (c) 2026 The Frostnet authors
"""What a TAP device takes from QEMU may lack checksums and be larger than any frame: the kernel
finishes it when it leaves through another interface. `Outside` puts a bridge and a pair of veth
devices between the TAP device and the address of the kernel, and captures there."""

import array
import fcntl
import socket
import struct
import threading

from hostlib.lan import HOST, TAP

_SIOCETHTOOL = 0x8946
_OFF = (0x17, 0x1F, 0x23, 0x19)  # ETHTOOL_STXCSUM, STSO, SGSO, SSG
_ETH_P_ALL = 3
_SO_RCVBUFFORCE = 33
_PCAP = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)


class Outside:
    """`lan`, with the kernel's address on `veth1` behind the bridge.

    The kernel sends to the TAP device what it has, without checksums and in large pieces; to
    `veth1` goes what a network would see.
    """

    def __init__(self, lan):
        self.lan = lan
        ip = lan.ip
        ip("link", "add", "br0", "type", "bridge")
        ip("link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
        for name in ("br0", "veth0", "veth1"):
            lan.exec("sysctl", "-qw", f"net.ipv6.conf.{name}.disable_ipv6=1")
        ip("addr", "flush", "dev", TAP)
        ip("addr", "add", HOST + "/24", "dev", "veth1")
        for name in (TAP, "veth0"):
            ip("link", "set", name, "master", "br0")
        for name in ("br0", "veth0", "veth1"):
            ip("link", "set", name, "up")
        with lan.inside():
            self._no_offloads("veth0")

    @staticmethod
    def _no_offloads(name):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for command in _OFF:
                value = array.array("I", (command, 0))
                request = struct.pack("16sP", name.encode(), value.buffer_info()[0])
                fcntl.ioctl(s, _SIOCETHTOOL, request)

    def capture(self, path):
        """Capture what `veth1` sees; a context manager."""
        return _Capture(self.lan, path)


class _Capture:
    def __init__(self, lan, path):
        self._path = path
        with lan.inside():
            self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        self._sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 26)
        self._sock.bind(("veth1", _ETH_P_ALL))
        self._sock.settimeout(0.2)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        with open(self._path, "wb") as f:
            f.write(_PCAP)
            while True:
                try:
                    frame = self._sock.recv(1 << 17)
                except TimeoutError:
                    if self._done.is_set():
                        return
                    continue
                f.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._done.set()
        self._thread.join(10)
        self._sock.close()
