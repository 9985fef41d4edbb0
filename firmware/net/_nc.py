# Frostnet: net.nc
# MIT license; Copyright (c) 2026 The Frostnet authors

from collections import namedtuple

from micropython import const

import socket
from frostnet.wire import addr
from net._check import check_port, check_seconds
from net._data import Data
from net._error import (
    EADDRINUSE,
    EAGAIN,
    ECONNREFUSED,
    EINVAL,
    EMSGSIZE,
    ENOMEM,
    ETIMEDOUT,
    NetError,
    explain,
)
from net._host import network, resolve
from net._sink import Stream, open_sink
from net._talk import Given, Talk

_DATAGRAM = const(65507)
_PIECE_UDP = const(1400)  # bytes of a datagram, of a stream
_CONNECT = const(10)  # s for a connection, if nobody says
_SILENCE = const(10)  # s after which an answer is taken to be complete
_SILENCE_UDP = const(2)
_PROBE = const(2)  # s for a port
_FEW = const(16)  # ports of which the closed ones are told of, too

_WHOLE = (bytes, bytearray, memoryview, str)

Count = namedtuple("Count", ("sent", "received"))


class Ports(list):
    """A list that the prompt does not print once more."""

    def __repr__(self):
        return "<%d open>" % len(self)


def nc(
    host=None,
    port=None,
    data=None,
    dest=None,
    listen=False,
    udp=False,
    scan=False,
    timeout=None,
    crlf=False,
    quiet=False,
):
    """See net.nc; NetError, or what a stream raises."""
    if isinstance(host, int) and port is None:
        host, port = None, host
    ports = _ports(port, scan)
    if timeout is not None:
        check_seconds("timeout", timeout, 0.001)
    if host is None and not listen:
        raise NetError(EINVAL, 'to whom? net.nc("10.0.2.2", 7), or net.nc(port=7, listen=True)')
    if scan and (listen or data is not None or dest is not None):
        raise NetError(EINVAL, "scan sends nothing: leave data, dest and listen out")
    say = _silence if quiet else print
    rt = network()
    if scan:
        return _scan(rt, host, ports, udp, timeout or _PROBE, say)
    try:
        return _talk(rt, host, ports[0], data, dest, listen, udp, timeout, crlf, say)
    except MemoryError:
        raise NetError(ENOMEM, "it does not fit into memory: give a file name to receive into")


def _talk(rt, host, port, data, dest, listen, udp, timeout, crlf, say):
    source = None if data is None else Given(_data(data, udp))
    sink = _Console() if source is None and dest is None else open_sink(dest, None, "nc", None)
    talk = None
    first = b""
    sock = _socket(udp)
    try:
        if listen:
            sock, first = _accept(rt, sock, host, port, udp, timeout, say)
        else:
            _connect(rt, sock, host, port, timeout)
        peer = "%s:%d" % sock.getpeername()
        if source is None:
            if not listen:
                say("talking to %s, Ctrl-D ends what you say, Ctrl-C all" % peer)
            source = _keyboard(crlf)
        elif timeout is None:
            timeout = _SILENCE_UDP if udp else _SILENCE
        talk = Talk(rt, sock, source, sink.write, peer, udp)
        talk.take(first)
        talk.run(timeout)
        sink.finish()
    except KeyboardInterrupt:
        if data is not None:
            raise  # a program waits for an answer
        say("^C")
        if talk:
            sink.finish()
    finally:
        sock.close()
        sink.close()
    if data is not None and dest is None:
        return sink.data()
    return Count(talk.sent, talk.received) if talk else Count(0, 0)


def _ports(port, scan):
    ports = list(port) if scan and not isinstance(port, int) and port is not None else [port]
    for one in ports:
        check_port(one)
    return ports


def _data(data, udp):
    if not udp:
        return Data(data)
    data = Data(data, _DATAGRAM if isinstance(data, _WHOLE) else _PIECE_UDP)
    if not data.stream and data.length > _DATAGRAM:
        raise NetError(EMSGSIZE, "a datagram has 65507 bytes at most: send several")
    return data


def _keyboard(crlf):
    from net._terminal import Keyboard

    return Keyboard(b"\r\n" if crlf else b"\n")


class _Console(Stream):
    """The console, line by line as terminals want it."""

    def __init__(self):
        from net._terminal import show

        super().__init__(show)


def _connect(rt, sock, host, port, timeout):
    address = addr.text(resolve(rt, host))
    sock.settimeout(timeout or _CONNECT)
    try:
        sock.connect((address, port))
    except OSError as e:
        raise explain(e, "%s:%d" % (host, port))


# Wait for somebody: returns the socket to talk by, and what the first datagram had.
def _accept(rt, sock, host, port, udp, timeout, say):
    address = addr.text(resolve(rt, host)) if host else "0.0.0.0"
    first = b""
    try:
        sock.bind((address, port))
        sock.settimeout(timeout)
        say("listening on port %d, Ctrl-C ends" % port)
        if udp:
            first, peer = sock.recvfrom(_DATAGRAM)
            sock.connect(peer)
        else:
            sock.listen(1)
            listener = sock
            try:
                sock, peer = listener.accept()
            finally:
                listener.close()
    except OSError as e:
        if e.errno == EADDRINUSE:
            raise NetError(EADDRINUSE, "port %d is in use: take another" % port)
        if e.errno in (EAGAIN, ETIMEDOUT):
            raise NetError(ETIMEDOUT, "nobody came in %g s: wait longer with timeout=" % timeout)
        raise explain(e, "port %d" % port)
    say("connection from %s:%d" % peer)
    return sock, first


def _socket(udp):
    try:
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
    except OSError as e:
        raise explain(e, "nc")


# Try ports one after the other.
def _scan(rt, host, ports, udp, timeout, say):
    address = addr.text(resolve(rt, host))
    kind = "udp" if udp else "tcp"
    found = Ports()
    try:
        for port in ports:
            why = _probe(address, port, udp, timeout)
            if not why:
                found.append(port)
                say("Connection to %s %d port [%s/*] succeeded!" % (host, port, kind))
            elif len(ports) <= _FEW:
                say("connect to %s port %d (%s) failed: %s" % (host, port, kind, why))
    except KeyboardInterrupt:
        say("^C")
    return found


# Why nobody is there, "" if somebody is. Who takes datagrams need not answer: silence is a yes.
def _probe(address, port, udp, timeout):
    sock = _socket(udp)
    try:
        sock.settimeout(timeout)
        sock.connect((address, port))
        if udp:
            sock.send(b"X")
            sock.recv(1)
        return ""
    except OSError as e:
        if e.errno == ECONNREFUSED:
            return "Connection refused"
        if e.errno in (EAGAIN, ETIMEDOUT):
            return "" if udp else "Connection timed out"
        raise explain(e, "%s:%d" % (address, port))
    finally:
        sock.close()


def _silence(text):
    pass
