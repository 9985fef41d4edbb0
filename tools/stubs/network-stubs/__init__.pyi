# Frostnet: stubs of MicroPython's network module on the board (docs/network.md)
# MIT license; Copyright (c) 2026 The Frostnet authors

from collections.abc import Callable
from typing import Any, Final, Literal, Protocol, overload

_IfConfig = tuple[str, str, str, str]
_Direction = Literal["in", "out", "both"]
_Verdict = bool | bytes | bytearray | memoryview | None

STA_IF: Final = 0
AP_IF: Final = 1

STAT_IDLE: Final = 0
STAT_CONNECTING: Final = 1
STAT_GOT_IP: Final = 3
STAT_CONNECT_FAIL: Final = -1
STAT_NO_AP_FOUND: Final = -2
STAT_WRONG_PASSWORD: Final = -3

AUTH_OPEN: Final = 0
AUTH_WEP: Final = 1
AUTH_WPA_PSK: Final = 2
AUTH_WPA2_PSK: Final = 3
AUTH_WPA_WPA2_PSK: Final = 4
AUTH_WPA2_ENTERPRISE: Final = 5
AUTH_WPA3_PSK: Final = 6
AUTH_WPA2_WPA3_PSK: Final = 7

@overload
def hostname(name: None = None) -> str: ...
@overload
def hostname(name: str) -> None: ...
@overload
def country(code: None = None) -> str: ...
@overload
def country(code: str) -> None: ...
@overload
def route(network: None = None) -> list[LAN]: ...
@overload
def route(
    network: str,
    gateway: str | None = None,
    nic: LAN | None = None,
    metric: int = 0,
    remove: bool = False,
) -> None: ...
@overload
def ipconfig(param: Literal["dns"], /) -> str: ...
@overload
def ipconfig(param: Literal["prefer"], /) -> int: ...
@overload
def ipconfig(param: Literal["routes"], /) -> list[tuple[str, str, LAN, int]]: ...
@overload
def ipconfig(*, dns: str | tuple[str, ...] = ..., prefer: Literal[4, 6] = ...) -> None: ...

class _Impairment(Protocol):
    name: str
    faults: dict[str, str]
    counters: dict[str, dict[str, int]]
    def __bool__(self) -> bool: ...

class _Packet(Protocol):
    src: str | None
    dst: str | None
    sport: int | None
    dport: int | None
    ttl: int | None
    payload: memoryview
    frame: memoryview
    out: bool
    @property
    def proto(self) -> str | int | None: ...
    @property
    def flags(self) -> str | None: ...
    @property
    def icmp_type(self) -> int | None: ...
    @property
    def fragment(self) -> bool: ...
    @property
    def type(self) -> int | None: ...
    @property
    def ether_src(self) -> str | None: ...
    @property
    def ether_dst(self) -> str | None: ...
    @property
    def iface(self) -> str: ...
    @property
    def time(self) -> float: ...
    def __len__(self) -> int: ...
    def fix(self) -> None: ...
    def send(self, frame: bytes | bytearray | memoryview) -> bool: ...
    def reply(self, payload: bytes | bytearray | memoryview | None = None) -> bool: ...

class _Hook(Protocol):
    fn: Callable[[_Packet], _Verdict]
    name: str
    direction: _Direction
    interfaces: list[str]
    seen: int
    dropped: int
    changed: int
    errors: int
    error: BaseException | None
    def remove(self) -> None: ...

class _Nic(Protocol):
    @property
    def name(self) -> str: ...
    def hook(
        self,
        fn: Callable[[_Packet], _Verdict],
        direction: _Direction = "in",
        *,
        first: bool = False,
    ) -> _Hook: ...
    def send(self, frame: bytes | bytearray | memoryview) -> bool: ...
    @overload
    def impair(self, off: None = ..., *, direction: _Direction = "both") -> _Impairment: ...
    @overload
    def impair(
        self,
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
        direction: _Direction = "both",
        seed: int | None = None,
    ) -> _Impairment: ...

class _Interface:
    @overload
    def ifconfig(self, config: None = None) -> _IfConfig: ...
    @overload
    def ifconfig(self, config: _IfConfig | list[str] | tuple[str] | str) -> None: ...
    @overload
    def ipconfig(self, param: Literal["addr4"], /) -> tuple[str, str]: ...
    @overload
    def ipconfig(self, param: Literal["gw4"], /) -> str: ...
    @overload
    def ipconfig(self, param: Literal["addr6"], /) -> list[tuple[str, int, int, int]]: ...
    @overload
    def ipconfig(
        self,
        param: Literal["dhcp4", "has_dhcp4", "dhcp6", "autoconf6", "has_autoconf6"],
        /,
    ) -> bool: ...
    @overload
    def ipconfig(
        self,
        *,
        addr4: str | tuple[str, str] | None = ...,
        gw4: str | None = ...,
        dhcp4: bool = ...,
        autoconf6: Literal[False] = ...,
        dhcp6: Literal[False] = ...,
    ) -> None: ...
    def isconnected(self) -> bool: ...

class LAN(_Interface, _Nic):
    def __init__(self, id: int = 0, **kwargs: Any) -> None: ...
    @overload
    def active(self, up: None = None) -> bool: ...
    @overload
    def active(self, up: bool | int) -> None: ...
    def status(self, param: None = None) -> int: ...
    @overload
    def config(self, param: Literal["mac"], /) -> bytes: ...
    @overload
    def config(self, param: Literal["mtu"], /) -> int: ...
    @overload
    def config(self, param: Literal["hostname"], /) -> str: ...
    @overload
    def config(
        self,
        *,
        mtu: int = ...,
        hostname: str = ...,
        trace: int = ...,
        low_power: bool = ...,
    ) -> None: ...
    def inform(self) -> None: ...

class WLAN(_Interface):
    IF_STA: Final = 0
    IF_AP: Final = 1

    SEC_OPEN: Final = 0
    SEC_WPA_WPA2: Final = 0x00400006
    SEC_WPA3: Final = 0x01000004
    SEC_WPA2_WPA3: Final = 0x01400004

    PM_NONE: Final = 0x10
    PM_PERFORMANCE: Final = 0xA11142
    PM_POWERSAVE: Final = 0x11

    def __init__(self, interface_id: int = 0) -> None: ...
    @overload
    def active(self, is_active: None = None) -> bool: ...
    @overload
    def active(self, is_active: bool | int) -> None: ...
    def deinit(self) -> None: ...
    def connect(
        self, ssid: str | bytes | None = None, key: str | bytes | None = None, **kwargs: Any
    ) -> None: ...
    def disconnect(self) -> None: ...
    @overload
    def status(self, param: None = None) -> int: ...
    @overload
    def status(self, param: Literal["rssi"]) -> int: ...
    @overload
    def status(self, param: Literal["stations"]) -> list[Any]: ...
    def scan(self, **kwargs: Any) -> list[tuple[bytes, bytes, int, int, int, int]]: ...
    @overload
    def config(self, param: Literal["mac"], /) -> bytes: ...
    @overload
    def config(self, param: Literal["ssid", "essid", "hostname", "dhcp_hostname"], /) -> str: ...
    @overload
    def config(self, param: str, /) -> Any: ...
    @overload
    def config(self, **kwargs: Any) -> None: ...
