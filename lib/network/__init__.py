# Frostnet: MicroPython's network module
# MIT license; Copyright (c) 2026 The Frostnet authors

from network._lan import LAN
from network._names import country, hostname
from network._routes import ipconfig, route
from network._wlan import (
    AP_IF,
    AUTH_OPEN,
    AUTH_WEP,
    AUTH_WPA2_ENTERPRISE,
    AUTH_WPA2_PSK,
    AUTH_WPA2_WPA3_PSK,
    AUTH_WPA3_PSK,
    AUTH_WPA_PSK,
    AUTH_WPA_WPA2_PSK,
    STA_IF,
    STAT_CONNECT_FAIL,
    STAT_CONNECTING,
    STAT_GOT_IP,
    STAT_IDLE,
    STAT_NO_AP_FOUND,
    STAT_WRONG_PASSWORD,
    WLAN,
)

# What is not here does not exist on this board, and programs may ask by hasattr().
