# Frostnet: the network module on the board, as programs for other boards use it
# MIT license; Copyright (c) 2026 The Frostnet authors

# What tutorials for the Pico W and the ESP32 begin with, in many variations: each must come to its
# end as it is, print an address, and leave the network in order.
PROGRAMS = {
    "pico w: wait with a limit": """
import network
import time
ssid = 'A Network'
password = 'A Password'
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.config(pm = 0xa11140)
wlan.connect(ssid, password)
max_wait = 10
while max_wait > 0:
    if wlan.status() < 0 or wlan.status() >= 3:
        break
    max_wait -= 1
    print('waiting for connection...')
    time.sleep(1)
if wlan.status() != 3:
    raise RuntimeError('network connection failed')
else:
    print('connected')
    status = wlan.ifconfig()
    print( 'ip = ' + status[0] )
""",
    "pico w: function, scan and signal": """
import machine, network, ubinascii
from time import sleep
def connect():
    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    mac = ubinascii.hexlify(network.WLAN().config('mac'),':').decode()
    print(mac, wlan.config('channel'), wlan.config('essid'), wlan.config('txpower'))
    for w in wlan.scan():
        print(w[0].decode(), w[3])
    wlan.connect("ssid", "key")
    while wlan.isconnected() == False:
        print('Waiting for connection...')
        sleep(1)
    print(wlan.status('rssi'))
    ip = wlan.ifconfig()[0]
    print(f'Connected on {ip}')
    return ip
try:
    ip = connect()
except KeyboardInterrupt:
    machine.reset()
""",
    "esp32: do_connect": """
def do_connect():
    import machine, network
    wlan = network.WLAN(network.WLAN.IF_STA)
    wlan.active(True)
    if not wlan.isconnected():
        print('connecting to network...')
        wlan.connect('ssid', 'key')
        while not wlan.isconnected():
            machine.idle()
    print('network config:', wlan.ipconfig('addr4'))
do_connect()
""",
    "esp32: begin anew, with a name": """
import network, time
network.hostname("pump-9")
ap_if = network.WLAN(network.AP_IF)
ap_if.active(False)
station = network.WLAN(network.STA_IF)
station.active(False)
time.sleep_ms(100)
station.active(True)
station.config(dhcp_hostname="pump-9", reconnects=5)
station.disconnect()
station.connect("ssid", "key")
while station.status() == network.STAT_CONNECTING:
    time.sleep_ms(10)
assert station.status() == network.STAT_GOT_IP
print(station.ifconfig())
network.hostname("frostnet")
""",
    "stm32: ethernet": """
import network, time
nic = network.LAN(0, phy_type=7, phy_addr=1)
if not nic.active():
    nic.active(True)
nic.ifconfig('dhcp')
while nic.status() != 3:
    time.sleep(1)
ip, mask, gateway, dns = nic.ifconfig()
print(ip)
""",
    "static address before activation": """
import network
nic = network.LAN()
nic.active(False)
nic.ifconfig(('10.0.2.77', '255.255.255.0', '10.0.2.2', '10.0.2.3'))
nic.active(True)
import socket
s = socket.socket()
s.settimeout(5)
try:
    s.connect(('10.0.2.2', 1))
except OSError as e:
    assert e.errno in (104, 111), e
assert nic.isconnected() and not nic.ipconfig('dhcp4')
print(nic.ipconfig('addr4')[0])
nic.ipconfig(dhcp4=True)
while not nic.isconnected():
    pass
""",
}


def test_programs_of_other_boards(board):
    for title, program in PROGRAMS.items():
        out = board.exec(program)
        address = "10.0.2.77" if "static" in title else "10.0.2.15"
        assert address in out, (title, out)
        assert board.eval("__import__('network').LAN().ifconfig()[0]") == "10.0.2.15", title


def test_as_multitests_find_the_address(board):
    """tests/run-multitests.py asks WLAN where there is one."""
    out = board.exec(
        "import network\n"
        "nic = network.WLAN(network.STA_IF) if hasattr(network, 'WLAN') else network.LAN()\n"
        "print(nic.ifconfig()[0], nic.isconnected(), network.WLAN(network.AP_IF).active())"
    )
    assert out.split() == ["10.0.2.15", "True", "False"]


def test_routes(board):
    out = board.exec(
        "import network\n"
        "network.route('10.9.0.0/16', '10.0.2.9')\n"
        "for r in network.ipconfig('routes'): print(*r)\n"
        "network.route('10.9.0.0/16', remove=True)\n"
        "print(len(network.ipconfig('routes')), network.route())"
    )
    assert "10.9.0.0/16 10.0.2.9 <ETH 3 10.0.2.15> 0" in out
    assert "0.0.0.0/0 10.0.2.2 <ETH 3 10.0.2.15> 0" in out
    assert out.splitlines()[-1] == "2 [<ETH 3 10.0.2.15>]"
