# Frostnet: a WebREPL server with the calls that MicroPython's makes
# MIT license; Copyright (c) 2026 The Frostnet authors

import binascii
import hashlib
import os
import socket

import _webrepl
import network
import websocket

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3
_CALLBACK = 20  # option: a function that is scheduled when something comes

listener = client = None


def _handshake(s):
    stream = s.makefile("rwb", 0)
    stream.readline()
    key = None
    while True:
        line = stream.readline()
        if not line:
            return False
        if line == b"\r\n":
            break
        name, _, value = line.partition(b":")
        if name.lower() == b"sec-websocket-key":
            key = value.strip()
    if key is None:
        return False
    accept = binascii.b2a_base64(hashlib.sha1(key + _GUID).digest())[:-1]
    s.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
    s.send(b"Sec-WebSocket-Accept: " + accept)
    s.send("\r\n\r\n")
    return True


def _accept(listener):
    global client
    s, address = listener.accept()
    busy = os.dupterm(None)
    os.dupterm(busy)
    if busy or not _handshake(s):
        s.close()
        return
    client = s
    terminal = _webrepl._webrepl(websocket.websocket(s, True))
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, _CALLBACK, os.dupterm_notify)
    os.dupterm(terminal)


def start(port=8266, password=None):
    global listener
    stop()
    _webrepl.password(password)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(socket.getaddrinfo("0.0.0.0", port)[0][4])
    listener.listen(1)
    listener.setsockopt(socket.SOL_SOCKET, _CALLBACK, _accept)
    for number in (network.AP_IF, network.STA_IF):
        interface = network.WLAN(number)
        if interface.active():
            print("WebREPL on ws://%s:%d/" % (interface.ifconfig()[0], port))


def stop():
    global listener, client
    os.dupterm(None)
    for s in (client, listener):
        if s:
            s.close()
    listener = client = None
