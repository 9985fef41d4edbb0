# Frostnet: the TFTP server
# MIT license; Copyright (c) 2026 The Frostnet authors

import os

from micropython import const

from filetools import close_quietly, is_directory, remove_quietly, replace
from frostnet.timers import Timer
from frostnet.wire import addr
from services import pump
from services.datagrams import Datagrams
from tftp import server
from tftp.netascii import Decoder, Encoder
from tftp.packets import (
    ACCESS,
    FULL,
    ILLEGAL,
    NOT_FOUND,
    RRQ,
    UNDEFINED,
    WRQ,
    TftpError,
    error,
    opcode,
    read_request,
)

_LIMIT = const(8)  # transfers at a time
_GRACE = const(5000000)  # µs without news of its client after which a transfer gives way
_LONGEST = const(3600000000)  # µs that a transfer may take
_BLOCK_MAX = const(8192)  # bytes: what a transfer keeps is 16 of them at most
_TURN = const(8)  # datagrams each way before others get their turn
_RETRY = const(1000)  # µs until a packet that found no room is tried again
_ENOENT, _ENOSPC = const(2), const(28)


class Tftpd(Datagrams):
    """Serves the files below `root`, and with `write` takes new ones and replaces old ones.

    `counters` has, in addition, `transfers` begun, `complete`, `refused` requests, `broken` off
    transfers and `displaced` ones, which gave way to others.
    """

    name = "tftpd"

    def __init__(self, root="/", port=69, write=False):
        super().__init__(port)
        self.root = root
        self.write = write
        self.transfers = {}  # by peer: (address, port)
        for name in ("transfers", "complete", "refused", "broken", "displaced"):
            self.counters[name] = 0

    def stop(self):
        for transfer in list(self.transfers.values()):
            transfer.close()
        super().stop()

    def received(self, data, src, sport):
        kind = opcode(data)
        if kind != RRQ and kind != WRQ:
            return  # nobody has a transfer with this port
        peer = (src, sport)
        before = self.transfers.get(peer)
        if before:
            if not before.machine.complete:
                return  # the request once more: our answer is on its way
            before.close()
        try:
            if len(self.transfers) >= _LIMIT and not self._displace():
                raise TftpError(UNDEFINED, "busy: try again later")
            self._begin(kind, data, peer)
        except TftpError as e:
            self.counters["refused"] += 1
            self.send(error(e.code, str(e)), src, sport)

    def _begin(self, kind, data, peer):
        name, mode, options = read_request(data)
        if mode != "octet" and mode != "netascii":
            raise TftpError(ILLEGAL, "a mode that is not served: use octet")
        path = server.path(self.root, name)
        if kind == RRQ:
            file = _Reader(path, mode)
        elif self.write:
            file = self._writer(path, mode, options.get("tsize", ""))
        else:
            raise TftpError(ACCESS, "this server takes no files")
        try:
            transfer = _Transfer(self, peer, kind, options, file)
        except OSError:
            file.close()
            raise TftpError(UNDEFINED, "busy: try again later")
        self.transfers[peer] = transfer
        self.counters["transfers"] += 1
        self.pump.post(transfer)

    def _writer(self, path, mode, size):
        for transfer in self.transfers.values():
            if transfer.file.path == path and not transfer.machine.complete:
                raise TftpError(ACCESS, "that file is on its way")
        return _Writer(path, mode, size)

    # A client that has not been heard of makes room for one that is here.
    def _displace(self):
        oldest = min(self.transfers.values(), key=_since)
        if self.rt.clock() - oldest.machine.since < _GRACE:
            return False
        if not oldest.machine.complete:
            self.counters["displaced"] += 1
        oldest.close()
        return True


def _since(transfer):
    return transfer.machine.since


class _Transfer(pump.Task):
    """One client: the machine, its file, its port (RFC 1350 §4) and its deadline."""

    def __init__(self, service, peer, kind, options, file):
        self.service = service
        self.peer = peer
        self.file = file
        rt = service.rt
        now = rt.clock()
        self.machine = server.Serve(
            peer, now, kind, options, file.move, file.size, file.finish, _BLOCK_MAX
        )
        self.end = now + _LONGEST
        self._held = None  # a packet that found no room
        self._gone = False  # the client's port is closed
        self._timer = Timer(self._expired)
        rt.lock()
        try:
            self._endpoint = rt.stack.udp.open(addr.ANY, 0)
            self._endpoint.handler = self._deliver
            self._endpoint.on_error = self._unreachable
        finally:
            rt.unlock()

    def run(self):
        for _ in range(_TURN):
            if self._endpoint is None:
                return
            took = self._input()
            gave = self._output()
            if self.machine.over or self._gone:
                self._finished()
                return
            if not took and not gave:
                self._wait()
                return
        self.service.pump.post(self)

    def failed(self, error):
        self.service.counters["failed"] += 1
        self.service.error = error
        self.close()

    def close(self):
        """Give everything back."""
        endpoint = self._endpoint
        if endpoint is None:
            return
        self._endpoint = None
        rt = self.service.rt
        rt.lock()
        try:
            endpoint.handler = endpoint.on_error = None
            endpoint.close()
            rt.stack.timers.cancel(self._timer)
        finally:
            rt.unlock()
        if self.service.transfers.get(self.peer) is self:
            del self.service.transfers[self.peer]
        self.file.close()

    # Both return whether there was something.

    def _input(self):
        rt = self.service.rt
        rt.enter()
        try:
            datagram = self._endpoint.recv()
        finally:
            rt.release()
        if datagram is None:
            return False
        data, src, sport = datagram
        self.machine.input(data, (src, sport), rt.clock())
        return True

    def _output(self):
        machine = self.machine
        now = self.service.rt.clock()
        if now >= self.end:
            machine.cancel("it takes too long")
        packet = self._held or machine.output(now)
        if packet is None:
            return False
        self._held = None
        if not self._send(packet, machine.to) and not machine.over:
            self._held = packet
            return False
        return True

    def _send(self, packet, to):
        rt = self.service.rt
        rt.lock()
        try:
            done = self._endpoint.send(packet, to[0], to[1])
        except OSError:
            return True  # no way there now: as if it was lost
        finally:
            rt.unlock()
        if done:
            self.service.counters["sent"] += 1
        return done

    def _wait(self):
        rt = self.service.rt
        due = self.machine.deadline
        if self._held:
            due = rt.clock() + _RETRY
        if due is None:
            due = self.end
        rt.lock()
        try:
            rt.stack.timers.set(self._timer, min(due, self.end))
        finally:
            rt.unlock()

    def _finished(self):
        counters = self.service.counters
        counters["complete" if self.machine.complete else "broken"] += 1
        self.close()

    # Inside a poll.

    def _deliver(self, iface, buf, off, end, src, sport):
        self._endpoint.deliver(self.service.rt.stack.counters, buf, off, end, src, sport)
        self.service.pump.post(self)

    def _unreachable(self, errno, dst, port):
        if (dst, port) == self.peer:
            self._gone = True
            self.service.pump.post(self)

    def _expired(self, now):
        self.service.pump.post(self)


class _Reader:
    """A file to read: `move(view)`, and its `size`, -1 if what is sent has another one."""

    finish = None

    def __init__(self, path, mode):
        self.path = None  # others may read it too
        try:
            stat = os.stat(path)
            if is_directory(path):
                raise TftpError(NOT_FOUND, "not a file")
            self._file = open(path, "rb")
        except OSError as e:
            raise _refusal(e)
        self.size = stat[6]
        self.move = self._file.readinto
        if mode == "netascii":
            self.size = -1
            self.move = Encoder(self._file.readinto).readinto

    def close(self):
        self._file.close()


class _Writer:
    """A file to write: it is called `path`.part until all is there."""

    size = -1

    def __init__(self, path, mode, size):
        self.path = path
        self._part = path + ".part"
        try:
            if is_directory(path):
                raise TftpError(ACCESS, "that is a directory")
            stat = os.statvfs(path.rpartition("/")[0] or "/")
            if size.isdigit() and int(size) > stat[0] * stat[3]:
                raise TftpError(FULL, "no room for the file")
            self._file = open(self._part, "wb")
        except OSError as e:
            raise _refusal(e)
        self._decoder = Decoder(self._write) if mode == "netascii" else None
        self.move = self._decoder.write if self._decoder else self._write

    def _write(self, view):
        if self._file.write(view) != len(view):
            raise OSError(_ENOSPC)

    def finish(self):
        """All is there. OSError if it is not."""
        if self._decoder:
            self._decoder.finish()
        file = self._file
        self._file = None
        file.close()
        replace(self._part, self.path)
        self._part = None

    def close(self):
        """Of a file that is not complete nothing stays."""
        if self._file:
            close_quietly(self._file)
        if self._part:
            remove_quietly(self._part)


def _refusal(e):
    if e.errno == _ENOENT:
        return TftpError(NOT_FOUND, "no such file")
    if e.errno == _ENOSPC:
        return TftpError(FULL, "no room for the file")
    return TftpError(ACCESS, "that place cannot be used")
