# Frostnet: net.tftp, net.tftpd
# MIT license; Copyright (c) 2026 The Frostnet authors

import os

from micropython import const

from filetools import is_directory
from frostnet.wire import addr
from net._check import check_port, check_text, check_whole
from net._error import EACCES, EINVAL, EIO, ENOENT, ENOSPC, EPROTO, ETIMEDOUT, NetError, explain
from net._host import network, resolve
from net._progress import Progress, size_text
from net._sink import Memory, open_sink
from tftp.client import Get, Put
from tftp.packets import ACCESS, FULL, NOT_FOUND
from tftp.transfer import SILENT

_PORT = const(69)
_RETRY = const(1000)  # µs until a packet that found no room is tried again
_ERRNOS = {NOT_FOUND: ENOENT, ACCESS: EACCES, FULL: ENOSPC, SILENT: ETIMEDOUT}


class TftpResult:
    """`size` in bytes, `seconds`, `path` of the file on the board."""

    def __init__(self, size, seconds, path):
        self.size = size
        self.seconds = seconds
        self.path = path

    def __repr__(self):
        return "<tftp %s: %d bytes>" % (self.path, self.size)

    @property
    def rate(self):
        """Bytes per second."""
        return self.size / self.seconds if self.seconds else 0


def tftp(host, remote, local=None, put=False, mode="octet", block=1428, window=8, port=_PORT,
         quiet=False):  # fmt: skip
    """See net.tftp; NetError."""
    rt = network()
    check_text("the remote file", remote, "boot.bin")
    check_text("mode", mode, "netascii")
    check_whole("block", block, 8, 65464)
    check_whole("window", window, 1, 16)
    check_port(port)
    if put and local is not None:
        check_text("the local file", local, "/log.txt")
    peer = (resolve(rt, host), port)
    started = rt.clock()
    try:
        if put:
            path, size = _put(rt, peer, host, remote, local, mode, block, window, quiet)
        else:
            path, size = _get(rt, peer, host, remote, local, mode, block, window, quiet)
    except ValueError as e:
        raise NetError(EINVAL, str(e))
    except MemoryError:
        raise NetError(12, "it does not fit into memory: give a file name to load into")
    if path is None:
        return size  # the contents
    result = TftpResult(size, (rt.clock() - started) / 1000000, path)
    if not quiet:
        text = "%s in %.2f s, %s/s" % (size_text(size), result.seconds, size_text(result.rate))
        print(text + ": " + path)
    return result


def tftpd(root="/", port=_PORT, write=False):
    """See net.tftpd; NetError."""
    from services.tftpd import Tftpd

    check_text("root", root, "/")
    check_port(port)
    network()
    if not is_directory(root):
        raise NetError(ENOENT, "there is no directory %s: make it with os.mkdir()" % root)
    try:
        return Tftpd(root, port, write).start()
    except OSError as e:
        raise NetError(e.errno, e.args[1] if len(e.args) > 1 else str(e))


def _get(rt, peer, host, remote, local, mode, block, window, quiet):
    sink = open_sink(local, None, remote.rpartition("/")[2], None)
    write = sink.write
    finish = sink.finish
    if mode == "netascii":
        from tftp.netascii import Decoder

        decoder = Decoder(write)
        write = decoder.write

        def finish():
            decoder.finish()
            sink.finish()

    plain = block == 512 and window == 1
    machine = Get(peer, rt.clock(), remote, write, finish, mode, block, window, not plain)
    try:
        _run(rt, machine, host, remote, quiet or local in (None, "-"))
    finally:
        sink.close()  # of an unfinished file nothing stays
    if isinstance(sink, Memory):
        return None, sink.data()
    return getattr(sink, "name", "-"), machine.blocks.size


def _put(rt, peer, host, remote, local, mode, block, window, quiet):
    local = local or remote
    try:
        size = os.stat(local)[6]
        file = open(local, "rb")
    except OSError as e:
        if e.errno == ENOENT:
            raise NetError(ENOENT, "no file %s on the board: check the name" % local)
        raise NetError(e.errno, "cannot read %s: %s" % (local, e))
    read = file.readinto
    if mode == "netascii":
        from tftp.netascii import Encoder

        read, size = Encoder(read).readinto, None
    if block == 512 and window == 1:
        size = None
    try:
        machine = Put(peer, rt.clock(), remote, read, size, mode, block, window)
        _run(rt, machine, host, remote, quiet, size)
    finally:
        file.close()
    return local, machine.blocks.size


# Moves packets until it is over.
def _run(rt, machine, host, remote, quiet, size=None):
    progress = None if quiet else Progress(rt.clock, remote, size)
    trouble = []

    def on_error(errno, dst, port):
        if (dst, port) == machine.peer:
            trouble.append(errno)

    rt.lock()
    try:
        endpoint = rt.stack.udp.open(addr.ANY, 0)
        endpoint.on_error = on_error
        try:
            while not machine.over and not trouble:
                _move(rt, machine, endpoint)
                if progress and machine.blocks:
                    if machine.agreed and machine.agreed.size > 0:
                        progress.expect(machine.agreed.size)
                    progress.update(machine.blocks.size)
            if not machine.over:
                raise OSError(trouble[0])
        except OSError as e:
            raise explain(e, host)
        finally:
            if not machine.over:  # Ctrl-C
                _take_leave(rt, machine, endpoint)
            endpoint.close()
    finally:
        rt.unlock()
        if progress:
            progress.end()
    if machine.error:
        raise _explain(machine, host, remote)


# Takes a datagram, sends what there is to be sent, and waits if there was neither.
def _move(rt, machine, endpoint):
    datagram = endpoint.recv()
    if datagram:
        data, src, sport = datagram
        machine.input(data, (src, sport), rt.clock())
    packet = machine.output(rt.clock())
    if packet is not None:
        while not endpoint.send(packet, machine.to[0], machine.to[1]):
            rt.wait(rt.clock() + _RETRY)
    elif not datagram and not machine.over:
        rt.wait(machine.deadline)


# The server need not wait for us.
def _take_leave(rt, machine, endpoint):
    machine.cancel()
    try:
        endpoint.send(machine.output(rt.clock()), machine.to[0], machine.to[1])
    except OSError:
        pass


def _explain(machine, host, remote):
    e = machine.error
    if machine.failure:
        if isinstance(machine.failure, NetError):
            return machine.failure
        return NetError(machine.failure.errno, "the file on the board: %s" % machine.failure)
    number = _ERRNOS.get(e.code, EIO if e.told else EPROTO)
    if e.code == SILENT:
        return explain(OSError(ETIMEDOUT), host)
    if e.told:
        return NetError(number, "%s refuses %s: %s" % (host, remote, e))
    return NetError(number, "%s breaks the rules of TFTP: %s" % (host, e))
