# Frostnet: how the figures of `make bench` are taken
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Each function measures one guest once. All clocks are the host's, except ping's."""

import re
import socket
import statistics
import subprocess
import time

import bench_guests
from hostlib import pattern, peers

GREETING_SIZE = 26
_ASK = bytes(range(64))
_HASHED = 10_000_000  # bytes at most that a guest hashes


class Wrong(Exception):
    """The guest's answer was not the right one: no figure."""


def _peer(guest, kind, *args):
    """A server on the host where the guest can reach it."""
    with guest.net.inside():
        return kind(*args, host=guest.net.listen)


def ping(guest, plan):
    """Median round trip in ms, by the guest's ping."""
    times = guest.ping(plan.pings)
    if len(times) != plan.pings:
        raise Wrong(f"{len(times)} of {plan.pings} echo replies")
    return statistics.median(times)


def tcp_receive(guest, plan):
    """MB/s from the host to the guest, which connects."""
    with _peer(guest, peers.Source, plan.bulk) as source:
        with guest.receiving(source.port):
            if not source.done.acquire(timeout=plan.timeout):
                raise Wrong("the transfer did not end")
        seconds, count = source.results[0]
    if count != plan.bulk:
        raise Wrong(f"the guest received {count} of {plan.bulk} bytes")
    return plan.bulk / seconds / 1e6


def tcp_send(guest, plan):
    """MB/s from the guest, which connects, to the host; SHA-256 checked."""
    with _peer(guest, peers.Sink) as sink:
        with guest.sending(sink.port, plan.bulk):
            if not sink.done.acquire(timeout=plan.timeout):
                raise Wrong("the transfer did not end")
        seconds, count, digest = sink.results[0]
    if digest != pattern.sha256(plan.bulk):
        raise Wrong(f"{count} of {plan.bulk} bytes came, SHA-256 differs")
    return plan.bulk / seconds / 1e6


def check_receive(guest, plan):
    """Raise Wrong unless a transfer to the guest has the right SHA-256 there (not timed: the
    guest hashes)."""
    size = min(plan.bulk, _HASHED)
    with _peer(guest, peers.Source, size) as source:
        with guest.receiving(source.port, True) as output:
            if not source.done.acquire(timeout=plan.timeout):
                raise Wrong("the transfer did not end")
    if pattern.sha256(size) not in output[0]:
        raise Wrong("the guest received other bytes: SHA-256 differs")


def udp_pingpong(guest, plan):
    """Echoes of 64 bytes per second, one at a time; the host asks."""
    with guest.serving(bench_guests.UDP_ECHO) as port:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect((peers.LOCALHOST, port))
            s.settimeout(1)
            begin = time.perf_counter()
            for i in range(plan.pingpongs):
                ask = i.to_bytes(4, "big") + _ASK[4:]
                s.send(ask)
                if s.recv(2048) != ask:
                    raise Wrong("another datagram came back")
            return plan.pingpongs / (time.perf_counter() - begin)


def _connect(port):
    """Connect to a forwarded port. QEMU accepts at once, whatever the guest does."""
    s = socket.create_connection((peers.LOCALHOST, port), timeout=5)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def tcp_pingpong(guest, plan):
    """Echoes of 64 bytes per second over one connection; the host asks."""
    return plan.pingpongs / sum(tcp_echoes(guest, plan.pingpongs))


def tcp_echoes(guest, count):
    """Seconds that each of `count` such echoes takes."""
    times = []
    with guest.serving(bench_guests.TCP_ECHO) as port:
        with _connect(port) as s:
            echo(s, _ASK)
            for _ in range(count):
                times.append(echo(s, _ASK))
    return times


def echo(s, data):
    """Seconds until the bytes that are sent have come back."""
    begin = time.perf_counter()
    s.sendall(data)
    if _read_exactly(s, len(data)) != data:
        raise Wrong("other bytes came back")
    return time.perf_counter() - begin


def _read_exactly(s, size):
    data = s.recv(size)
    while len(data) < size:
        piece = s.recv(size - len(data))
        if not piece:
            raise Wrong("the connection ended")
        data += piece
    return data


def connections(guest, plan):
    """Connections per second: connect, receive 26 bytes and the end, close; one at a time."""
    with guest.serving(bench_guests.GREET) as port:
        begin = time.perf_counter()
        for _ in range(plan.connections):
            with _connect(port) as s:
                if len(_read_exactly(s, GREETING_SIZE)) != GREETING_SIZE or s.recv(1):
                    raise Wrong("another greeting came")
        return plan.connections / (time.perf_counter() - begin)


def idle_cpu(guest, plan):
    """Share of one host core that the guest at its idle prompt uses, in percent."""
    guest.idle()
    time.sleep(0.5)
    used, begin = guest.qemu.cpu_seconds(), time.perf_counter()
    time.sleep(plan.idle_seconds)
    return (guest.qemu.cpu_seconds() - used) / (time.perf_counter() - begin) * 100


def image_sizes(elf):
    """Bytes of text, data and bss, and of the frozen code in text, from the ELF file."""
    out = subprocess.run(["aarch64-linux-gnu-size", elf], capture_output=True, text=True)
    if out.returncode:
        return {}
    text, data, bss = (int(n) for n in out.stdout.splitlines()[1].split()[:3])
    sizes = {"text": text, "data": data, "bss": bss}
    frozen = elf.parent / "frozen_content.o"
    out = subprocess.run(["aarch64-linux-gnu-size", frozen], capture_output=True, text=True)
    if out.returncode == 0:
        sizes["frozen"] = sum(int(n) for n in out.stdout.splitlines()[1].split()[:2])
    return sizes


def qemu_version(program):
    out = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    match = re.search(r"version (\S+)", out)
    return match[1] if match else "unknown"
