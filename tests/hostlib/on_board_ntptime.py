# Frostnet: what MicroPython's ntptime does, in other words
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket
import struct
import time

import machine

host = "pool.ntp.org"
timeout = 1  # s
_SINCE_1900 = 2208988800  # s to 1970; RFC 5905 §6


def now():
    """Seconds since 1970. OSError ETIMEDOUT if no answer comes."""
    request = bytearray(48)
    request[0] = 0x1B  # version 3, client
    address = socket.getaddrinfo(host, 123)[0][-1]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.settimeout(timeout)
        s.sendto(request, address)
        answer = s.recv(48)
    finally:
        s.close()
    return struct.unpack("!I", answer[40:44])[0] - _SINCE_1900


def settime():
    tm = time.gmtime(now())
    machine.RTC().datetime((tm[0], tm[1], tm[2], tm[6], tm[3], tm[4], tm[5], 0))
