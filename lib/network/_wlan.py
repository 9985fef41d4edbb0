# Frostnet: network.WLAN, for programs of wireless boards
# MIT license; Copyright (c) 2026 The Frostnet authors

# The station is the first wired interface: it knows no names and keys of networks, and keeps what
# it is told. There is no access point: it cannot be made active, and says so. Numbers are those of
# the Pico W, where programs compare status() with them, and the ESP32's for AUTH_….

from micropython import const

from network import _names
from network._keys import none, one
from network._lan import LAN

STA_IF = const(0)
AP_IF = const(1)

STAT_IDLE = const(0)
STAT_CONNECTING = const(1)
STAT_GOT_IP = const(3)
STAT_CONNECT_FAIL = const(-1)
STAT_NO_AP_FOUND = const(-2)
STAT_WRONG_PASSWORD = const(-3)

AUTH_OPEN = const(0)
AUTH_WEP = const(1)
AUTH_WPA_PSK = const(2)
AUTH_WPA2_PSK = const(3)
AUTH_WPA_WPA2_PSK = const(4)
AUTH_WPA2_ENTERPRISE = const(5)
AUTH_WPA3_PSK = const(6)
AUTH_WPA2_WPA3_PSK = const(7)

_ENODEV = const(19)

_NOWHERE = ("0.0.0.0",) * 4

# Other names of parameters.
_ALIASES = {
    "essid": "ssid",
    "password": "key",
    "authmode": "security",
    "auth": "security",
    "dhcp_hostname": "hostname",
}
# Parameters that are kept and change nothing, as they are before they are set.
_KEPT = {
    "ssid": "",
    "channel": 0,
    "hidden": False,
    "security": AUTH_OPEN,
    "reconnects": -1,
    "txpower": 0,
    "pm": 0,
    "trace": 0,
}

_station = None
_point = None


class WLAN:
    """Station (STA_IF) or access point (AP_IF); one object for each. OSError(ENODEV): no card.

    The station is the wire. There is no access point: it is never active.
    """

    IF_STA = STA_IF
    IF_AP = AP_IF

    SEC_OPEN = 0
    SEC_WPA_WPA2 = 0x00400006
    SEC_WPA3 = 0x01000004
    SEC_WPA2_WPA3 = 0x01400004

    PM_NONE = 0x10
    PM_PERFORMANCE = 0xA11142
    PM_POWERSAVE = 0x11

    def __new__(cls, interface_id=STA_IF):
        global _station, _point
        if interface_id == STA_IF:
            lan = LAN()
            if _station is None or _station._lan is not lan:  # another network
                _station = _make(lan)
            return _station
        if interface_id != AP_IF:
            raise ValueError("no such WLAN interface")
        if _point is None:
            _point = _make(None)
        return _point

    def __repr__(self):
        if not self._lan:
            return "<WLAN AP down 0.0.0.0>"
        state = "up" if self.isconnected() else "join" if self._lan.active() else "down"
        return "<WLAN STA %s %s>" % (state, self.ifconfig()[0])

    def active(self, is_active=None):
        """Take part in the network, or not; an access point cannot: OSError(ENODEV)."""
        lan = self._lan
        if lan is None:
            if is_active:
                raise OSError(_ENODEV, "there is no access point on this board")
            return False
        if is_active is None:
            return lan.active() or self._left
        if not is_active:
            self._left = False
        if not self._left:
            lan.active(is_active)

    def deinit(self):
        """Not active any more."""
        self.active(False)

    def connect(self, ssid=None, key=None, **kwargs):
        """Have a connection, by DHCP or with the address that was set; the wire needs no key."""
        lan = self._lan
        if lan is None:
            raise OSError(_ENODEV, "there is no access point on this board")
        if ssid is not None:
            self.config(ssid=ssid)
        self._left = False
        lan.active(True)
        if not lan.ipconfig("dhcp4") and lan.ifconfig()[0] == "0.0.0.0":
            lan.ipconfig(dhcp4=True)

    def disconnect(self):
        """Leave the network, until connect()."""
        lan = self._lan
        if lan and lan.active():
            self._left = True
            lan.active(False)

    def isconnected(self):
        """Whether there is an address, and a link."""
        return bool(self._lan) and self._lan.isconnected()

    def status(self, param=None):
        """One of STAT_…; "rssi" is 0, as a wire weakens nothing, and "stations" is empty."""
        lan = self._lan
        if param == "rssi" and lan:
            return 0
        if param == "stations" and not lan:
            return []
        if param is not None:
            raise ValueError("unknown status param")
        if not lan or not lan.active():
            return STAT_IDLE
        if lan.isconnected():
            return STAT_GOT_IP
        return STAT_CONNECTING if lan.status() else STAT_NO_AP_FOUND

    def scan(self, **kwargs):
        """There are no wireless networks here: an empty list."""
        return []

    def config(self, *args, **kwargs):
        """Ask for one parameter, or set some; most are kept for who asks, and change nothing.

        "mac", "hostname" and "mtu" are the card's.
        """
        if not kwargs:
            key = one(args)
            key = _ALIASES.get(key, key)
            if key in _KEPT:
                return self._kept.get(key, _KEPT[key])
            if self._lan:
                return self._lan.config(key)
            if key == "mac":
                return bytes(6)
            if key == "hostname":
                return _names.hostname()
            raise ValueError("unknown config param")
        none(args)
        kept = {}
        others = {}
        for key, value in kwargs.items():
            key = _ALIASES.get(key, key)
            if key in _KEPT:
                kept[key] = str(value, "utf-8") if isinstance(value, bytes) else value
            elif key != "key":  # nobody is told it
                others[key] = value
        if others:
            (self._lan or LAN()).config(**others)
        self._kept.update(kept)

    def ifconfig(self, config=None):
        """As LAN.ifconfig(); what is set for the access point changes nothing."""
        if self._lan:
            return self._lan.ifconfig(config)
        return _NOWHERE if config is None else None

    def ipconfig(self, *args, **kwargs):
        """As LAN.ipconfig()."""
        if self._lan:
            return self._lan.ipconfig(*args, **kwargs)
        raise OSError(_ENODEV, "there is no access point on this board")


def _make(lan):
    self = object.__new__(WLAN)
    self._lan = lan
    self._left = False  # disconnected, but active
    self._kept = {}
    return self
