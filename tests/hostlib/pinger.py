# Frostnet: echo requests from the host, with chosen payload
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Needs root and a namespace: user networking lets no echo request in."""

import os
import socket
import struct
import time


def checksum(data):
    """Internet checksum (RFC 1071) of bytes, as a number."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Pinger:
    """A raw ICMP socket of the calling thread's namespace."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.ident = os.getpid() & 0xFFFF
        self.seq = 0

    def ping(self, address, size=56, timeout=2.0):
        """One echo; returns the round trip in seconds, or None when no right answer came."""
        self.seq += 1
        data = os.urandom(size)
        head = struct.pack("!BBHHH", 8, 0, 0, self.ident, self.seq)
        head = struct.pack("!BBHHH", 8, 0, checksum(head + data), self.ident, self.seq)
        begin = time.perf_counter()
        self.sock.sendto(head + data, (address, 0))
        wanted = struct.pack("!HH", self.ident, self.seq) + data
        while (left := begin + timeout - time.perf_counter()) > 0:
            self.sock.settimeout(left)
            try:
                packet, peer = self.sock.recvfrom(65535)
            except TimeoutError:
                break
            message = packet[(packet[0] & 15) * 4 :]
            if peer[0] == address and message[:1] == b"\0" and message[4:] == wanted:
                return time.perf_counter() - begin
        return None

    def close(self):
        self.sock.close()
