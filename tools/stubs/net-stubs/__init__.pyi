# Frostnet: stubs of the network commands (docs/commands)
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket as socket
from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, overload

from network import _Hook, _Impairment, _Nic, _Packet, _Verdict

eth0: _Nic
eth1: _Nic
lo: _Nic

class NetError(OSError):
    status: int

class _Writer(Protocol):
    def write(self, buf: memoryview, /) -> Any: ...

class _Reader(Protocol):
    def read(self, size: int, /) -> bytes | None: ...

class _ReaderInto(Protocol):
    def readinto(self, buf: memoryview, /) -> int | None: ...

_Source: TypeAlias = _Reader | _ReaderInto

class PingResult:
    host: str
    address: str
    transmitted: int
    received: int
    duplicates: int
    errors: int
    rtts: list[float]
    loss: int
    min: float | None
    avg: float | None
    max: float | None
    mdev: float | None
    def __bool__(self) -> bool: ...
    def summary(self) -> str: ...

class WgetResult:
    url: str
    status: int
    headers: dict[str, str]
    size: int
    resumed: int
    seconds: float
    path: str | None
    rate: float

class TftpResult:
    size: int
    seconds: float
    path: str
    rate: float

class Event:
    time: int
    connection: str
    what: str
    values: dict[str, Any]

class Watch:
    running: bool
    dropped: int
    of: str
    log: list[Event]
    connections: list[str]
    def stop(self) -> None: ...
    def wait(self) -> None: ...
    def __enter__(self) -> Watch: ...
    def __exit__(self, *args: Any) -> None: ...

class IperfInterval:
    start: float
    end: float
    bytes: int
    rate: float
    retransmits: int | None
    cwnd: int | None
    packets: int | None
    lost: int | None
    loss: float
    out_of_order: int | None
    jitter: float | None
    omitted: bool

class IperfResult:
    peer: str
    udp: bool
    reverse: bool
    sent: int | None
    received: int | None
    seconds: float
    rate: float
    retransmits: int | None
    packets: int | None
    lost: int | None
    loss: float | None
    jitter: float | None
    out_of_order: int | None
    intervals: list[IperfInterval]
    error: str | None
    def lines(self) -> list[str]: ...

class Interface:
    name: str
    ether: str
    up: bool
    link: bool
    promisc: bool
    mtu: int
    metric: int
    error: str
    address: str
    prefix: int
    netmask: str
    broadcast: str
    gateway: str
    dns: list[str]
    counters: dict[str, int]
    dhcp: str
    lease: dict[str, Any] | None
    origin: str
    conflict: str
    notes: list[str]
    def lines(self) -> list[str]: ...

class Time:
    server: str
    address: str
    stratum: int
    leap: int
    offset: float
    delay: float
    distance: float
    time: float

class Route(NamedTuple):
    network: str
    gateway: str
    interface: str
    metric: int

class Neighbour(NamedTuple):
    address: str
    ether: str
    interface: str
    state: str
    age: float | None

class Probe(NamedTuple):
    address: str | None
    rtt: float | None
    mark: str

class Routes(list[Route]):
    forward: bool

class Hop(NamedTuple):
    ttl: int
    probes: list[Probe]

class Hops(list[Hop]):
    address: str
    reached: bool

class Service(Protocol):
    counters: dict[str, int]
    def stop(self) -> None: ...

class Logger(Service, Protocol):
    def debug(self, text: str, *args: Any) -> None: ...
    def info(self, text: str, *args: Any) -> None: ...
    def notice(self, text: str, *args: Any) -> None: ...
    def warning(self, text: str, *args: Any) -> None: ...
    def error(self, text: str, *args: Any) -> None: ...
    def critical(self, text: str, *args: Any) -> None: ...

class Services(Protocol):
    services: dict[str, Any]
    def stop(self) -> None: ...

def ping(
    host: str,
    count: int = 4,
    interval: float = 1,
    size: int = 56,
    timeout: float = 2,
    ttl: int = 64,
    quiet: bool = False,
    deadline: float | None = None,
    flood: bool = False,
) -> PingResult: ...
def traceroute(
    host: str,
    max_hops: int = 30,
    probes: int = 3,
    wait: float = 2,
    size: int = 60,
    icmp: bool = False,
    quiet: bool = False,
) -> Hops: ...
def wget(
    url: str,
    dest: str | _Writer | None = None,
    callback: Callable[[memoryview], Any] | None = None,
    headers: dict[str, str] | None = None,
    timeout: float = 10,
    quiet: bool = False,
    verify: bool | str = True,
    data: bytes | bytearray | memoryview | str | dict[str, Any] | _Source | None = None,
    method: str | None = None,
    auth: tuple[str | bytes, str | bytes] | None = None,
    resume: bool = False,
) -> Any: ...
def ifconfig(
    name: str | None = None,
    address: str | None = None,
    gateway: str | None = None,
    dns: str | tuple[str, ...] | list[str] | None = None,
    up: bool | None = None,
    metric: int | None = None,
    promisc: bool | None = None,
) -> list[Interface]: ...
def route(
    network: str | None = None,
    gateway: str | None = None,
    name: str | None = None,
    metric: int = 0,
    remove: bool = False,
    forward: bool | None = None,
) -> Routes: ...
def arp(
    address: str | None = None,
    mac: str | None = "",
    name: str | None = None,
    remove: bool = False,
) -> list[Neighbour]: ...
def hook(
    fn: Callable[[_Packet], _Verdict],
    direction: Literal["in", "out", "both"] = "in",
    *,
    iface: str | None = None,
    first: bool = False,
) -> _Hook: ...
def iface(name: str) -> _Nic: ...
@overload
def impair(
    off: None = ..., *, direction: Literal["in", "out", "both"] = "both"
) -> _Impairment: ...
@overload
def impair(
    *,
    loss: float = 0,
    burst: float | None = None,
    delay_ms: float = 0,
    jitter_ms: float = 0,
    duplicate: float = 0,
    corrupt: float = 0,
    reorder: float = 0,
    late_ms: float = 10,
    rate_kbps: float = 0,
    queue: int = 1000,
    direction: Literal["in", "out", "both"] = "both",
    seed: int | None = None,
) -> _Impairment: ...
def nc(
    host: str | int | None = None,
    port: int | Iterable[int] | None = None,
    data: bytes | bytearray | memoryview | str | _Source | None = None,
    dest: str | _Writer | None = None,
    listen: bool = False,
    udp: bool = False,
    scan: bool = False,
    timeout: float | None = None,
    crlf: bool = False,
    quiet: bool = False,
) -> Any: ...
def nslookup(name: str, kind: str | None = None, server: str | None = None) -> list[str]: ...
@overload
def ntp(
    server: str | None = None,
    set: bool = True,
    timeout: float = 5,
    quiet: bool = False,
    every: None = None,
) -> Time: ...
@overload
def ntp(
    server: str | None = None,
    set: bool = True,
    timeout: float = 5,
    quiet: bool = False,
    *,
    every: int,
) -> Service: ...
def netstat(option: str = "") -> Any: ...
@overload
def ss(sock: None = None) -> list[dict[str, Any]]: ...
@overload
def ss(sock: socket.socket) -> dict[str, Any]: ...
def watch(
    sock: Any = None,
    callback: Callable[[Event], Any] | None = None,
    interval: float = 0.5,
    background: bool = True,
) -> Watch: ...
def tcpdump(
    filter: str | None = None,
    *,
    iface: str | None = None,
    file: str | _Writer | None = None,
    count: int | None = None,
    seconds: float | None = None,
    snaplen: int = 262144,
    background: bool = False,
) -> Any: ...
@overload
def iperf(
    host: str,
    port: int = 5201,
    seconds: float = 10,
    bytes: int | None = None,
    reverse: bool = False,
    udp: bool = False,
    rate: float | None = None,
    parallel: int = 1,
    length: int | None = None,
    interval: float = 1,
    omit: int = 0,
    server: Literal[False] = False,
    count: int | None = None,
    quiet: bool = False,
) -> IperfResult: ...
@overload
def iperf(
    host: None = None,
    port: int = 5201,
    *,
    interval: float = 1,
    server: Literal[True],
    count: int | None = None,
    quiet: bool = False,
) -> list[IperfResult]: ...
def httpd(
    root: str | None = "/www",
    port: int = 80,
    routes: dict[str, Callable[..., Any]] | None = None,
    dashboard: bool = True,
    listing: bool = True,
    max_body: int = 65536,
) -> Service: ...
def tftp(
    host: str,
    remote: str,
    local: str | _Writer | None = None,
    put: bool = False,
    mode: str = "octet",
    block: int = 1428,
    window: int = 8,
    port: int = 69,
    quiet: bool = False,
) -> Any: ...
def tftpd(root: str = "/", port: int = 69, write: bool = False) -> Service: ...
def dhcpd(
    name: str = "eth1",
    first: str | None = None,
    last: str | None = None,
    lease: int = 3600,
    router: str | list[str] | None = None,
    dns: str | list[str] | None = None,
    domain: str = "lan",
    hosts: dict[str, str] | None = None,
    options: dict[int, bytes] | None = None,
    check: bool = True,
) -> Service: ...
def dnsd(
    name: str | None = None, servers: str | list[str] | None = None, port: int = 53
) -> Service: ...
def inetd(*names: str) -> Services: ...
def telnetd(password: str | None = None, port: int = 23, idle: float = 600) -> Service: ...
def syslog(
    host: str,
    port: int = 514,
    tcp: bool = False,
    app: str = "frostnet",
    facility: int = 1,
    console: bool = False,
) -> Logger: ...
def lspci(option: str = "") -> list[Any]: ...
def up(timeout: float = 10, name: str | None = None) -> str: ...
