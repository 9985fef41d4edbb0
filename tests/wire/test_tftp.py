# Frostnet: tests of net.tftp and net.tftpd with each other and with clients that misbehave
# MIT license; Copyright (c) 2026 The Frostnet authors

import os

import net
import net._progress
import net._tftp
import services
from net_bench import Bench, error_of
from simtools import SECOND, pattern, scheduler
from tftp.client import Get
from tftp.packets import (
    ACCESS,
    ILLEGAL,
    NOT_FOUND,
    RRQ,
    UNDEFINED,
    WRQ,
    error,
    opcode,
    read_error,
    request,
)

ROOT = "/tmp/frostnet_tftp_test"
LOCAL = "/tmp/frostnet_tftp_test.local"
HOST = "10.0.0.9"
BODY = pattern(50000)


def clear():
    for folder in (ROOT + "/dir", ROOT):
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        for name in names:
            try:
                os.remove(folder + "/" + name)
            except OSError:
                pass
        os.rmdir(folder)


def write(name, data):
    with open(ROOT + "/" + name, "wb") as file:
        file.write(data)


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Served(Bench):
    """The server on the peer, `net` on the board."""

    def __init__(self, options=None, **wire):
        super().__init__(**wire)
        self.listen_to(net._tftp, net._progress)
        clear()
        os.mkdir(ROOT)
        os.mkdir(ROOT + "/dir")
        self.peer.use()  # it serves on the network that is up
        scheduler(self.sim, self.peer.rt)
        self.service = net.tftpd(ROOT, **(options or {}))
        self.board.use()

    def endpoints(self):
        return len(self.peer.stack.udp.endpoints())

    def run(self, seconds):
        self.sim.run(int(seconds * SECOND))

    def ask(self, packet, port=69, endpoint=None):
        """Send a packet by hand; the endpoint that the answers come to."""
        endpoint = endpoint or self.board.stack.udp.open(0, 0)
        endpoint.send(packet, self.peer.iface.addr, port)
        self.run(0.1)
        return endpoint

    def __exit__(self, exc_type, exc, tb):
        assert not self.service.counters["failed"], repr(self.service.error)
        self.service.stop()
        left = self.endpoints()
        names = os.listdir(ROOT)
        super().__exit__(exc_type, exc, tb)
        clear()
        if exc is None:
            assert not services.running and not left
            assert not [name for name in names if name.endswith(".part")], names


def test_files_both_ways():
    with Served({"write": True}) as s:
        write("a.bin", BODY)
        assert net.tftp(HOST, "a.bin") == BODY and s.text() == ""
        for options in ({}, {"block": 512, "window": 1}, {"block": 8000, "window": 16}):
            result = net.tftp(HOST, "/a.bin", LOCAL, **options)
            assert read(LOCAL) == BODY and result.size == 50000 and result.path == LOCAL
            assert result.rate > 0 and "50.0 kB in" in s.text()
            os.remove(LOCAL)
            write("dir/b", b"old")
            with open(LOCAL, "wb") as file:
                file.write(BODY)
            result = net.tftp(HOST, "dir/b", LOCAL, put=True, quiet=True, **options)
            assert read(ROOT + "/dir/b") == BODY and result.size == 50000 and not s.text()
        os.remove(LOCAL)
        s.run(20)  # the last ACKs may have been lost
        counters = s.service.counters
        assert counters["complete"] == counters["transfers"] == 7 and not s.service.transfers
        assert not s.board.stack.udp.endpoints()


def test_lines_of_text():
    with Served({"write": True}) as s:
        text = b"one\ntwo\rthree\r\n" * 500
        write("text", text)
        assert net.tftp(HOST, "text", mode="netascii") == text
        with open(LOCAL, "wb") as file:
            file.write(text)
        net.tftp(HOST, "new", LOCAL, put=True, mode="netascii", quiet=True)
        s.run(20)
        assert read(ROOT + "/new") == text
        os.remove(LOCAL)


def test_bad_wires():
    for seed in range(6):
        with Served({"write": True}, seed=seed, loss=0.08) as s:
            write("a", BODY)
            assert net.tftp(HOST, "a", window=1 + 7 * (seed & 1)) == BODY
            with open(LOCAL, "wb") as file:
                file.write(BODY)
            net.tftp(HOST, "b", LOCAL, put=True, quiet=True)
            s.run(60)
            assert read(ROOT + "/b") == BODY
            os.remove(LOCAL)


def test_errors_are_sentences():
    with Served() as s:
        assert error_of(net.tftp, HOST, "none").errno == 2
        assert error_of(net.tftp, HOST, "dir").errno == 2
        assert error_of(net.tftp, HOST, "../x").errno == 13
        assert error_of(net.tftp, HOST, "x", "/tmp/none/x", put=True).errno == 2
        with open(LOCAL, "wb") as file:
            file.write(b"x")
        e = error_of(net.tftp, HOST, "x", LOCAL, put=True)
        assert e.errno == 13 and "takes no files" in str(e)
        os.remove(LOCAL)
        assert error_of(net.tftp, HOST, "").errno == 22
        assert error_of(net.tftp, HOST, "x", block=7).errno == 22
        assert error_of(net.tftp, HOST, "none", LOCAL).errno == 2
        assert os.listdir(ROOT) == ["dir"] and s.service.counters["refused"] == 5
        # The port is closed; and nobody is there.
        assert error_of(net.tftp, HOST, "x", port=70).errno == 111
        assert error_of(net.tftp, "10.0.0.77", "x").errno == 113
        e = error_of(net.tftpd)
        assert e.errno == 98


def test_several_at_once():
    with Served() as s:
        write("a", BODY)
        clients = []
        for _ in range(8):
            got = []
            machine = Get(
                (s.peer.iface.addr, 69), s.sim.now, "a", lambda v, g=got: g.append(bytes(v))
            )
            clients.append((machine, got, s.board.stack.udp.open(0, 0)))
        while not all(machine.over for machine, _, _ in clients):
            for machine, _, endpoint in clients:
                datagram = endpoint.recv()
                if datagram:
                    machine.input(datagram[0], datagram[1:], s.sim.now)
                packet = machine.output(s.sim.now)
                while packet is not None:
                    endpoint.send(packet, machine.to[0], machine.to[1])
                    packet = machine.output(s.sim.now)
            s.run(0.001)
        for machine, got, endpoint in clients:
            assert machine.error is None and b"".join(got) == BODY
            endpoint.close()


# A client that asks and then says nothing gets what it asked for a few times; while it does, it
# keeps its place for five seconds.
def test_silent_clients():
    with Served({"write": True}) as s:
        write("a", BODY)
        silent = [s.ask(request(RRQ, "a", "octet")) for _ in range(8)]
        assert len(s.service.transfers) == 8 and s.endpoints() == 9
        refused = s.ask(request(RRQ, "a", "octet"))
        answer = read_error(refused.recv()[0])
        assert answer.code == UNDEFINED and "busy" in str(answer)
        s.run(5)
        assert net.tftp(HOST, "a") == BODY and s.service.counters["displaced"] == 1
        s.run(60)
        assert not s.service.transfers and s.service.counters["broken"] == 7
        for endpoint in silent:
            count = 0
            while endpoint.recv():
                count += 1
            assert count <= 7
            endpoint.close()
        refused.close()


def test_a_client_that_is_gone():
    with Served({"write": True}) as s:
        write("a", BODY)
        for kind in (RRQ, WRQ):
            endpoint = s.ask(request(kind, "a" if kind == RRQ else "new", "octet"))
            assert len(s.service.transfers) == 1
            endpoint.close()
            s.run(2)  # what is repeated then meets a closed port
            assert not s.service.transfers
        assert s.service.counters["broken"] == 2
        assert sorted(os.listdir(ROOT)) == ["a", "dir"]


def test_requests_that_are_refused():
    with Served({"write": True}) as s:
        write("a", b"kept")
        for packet, code in (
            (b"\0\1", ILLEGAL),
            (b"\0\1a\0octet", ILLEGAL),
            (request(RRQ, "a", "mail"), ILLEGAL),
            (request(RRQ, "none", "octet"), NOT_FOUND),
            (request(RRQ, "dir/../a", "octet"), ACCESS),
            (request(WRQ, "../x", "octet"), ACCESS),
            (request(WRQ, "dir", "octet"), ACCESS),
            (request(WRQ, "none/x", "octet"), NOT_FOUND),
        ):
            endpoint = s.ask(packet)
            assert read_error(endpoint.recv()[0]).code == code, packet
            endpoint.close()
        # What is no request is not answered: two servers would talk for ever.
        for packet in (b"", b"\0", b"\0\3\0\1", b"\0\4\0\0", error(1, "x"), b"\0\6", b"GET /"):
            endpoint = s.ask(packet)
            assert endpoint.recv() is None
            endpoint.close()
        assert not s.service.transfers and read(ROOT + "/a") == b"kept"


def test_the_same_request_twice():
    with Served() as s:
        write("a", BODY)
        endpoint = s.ask(request(RRQ, "a", "octet"))
        s.ask(request(RRQ, "a", "octet"), endpoint=endpoint)
        assert s.service.counters["transfers"] == 1
        assert opcode(endpoint.recv()[0]) == 3 and endpoint.recv() is None
        endpoint.close()


def test_two_writers_of_one_file():
    with Served({"write": True}) as s:
        first = s.ask(request(WRQ, "a", "octet"))
        second = s.ask(request(WRQ, "a", "octet"))
        assert read_error(second.recv()[0]).code == ACCESS
        _, _, port = first.recv()
        s.ask(b"\0\3\0\1first", port, first)
        assert read(ROOT + "/a") == b"first"
        first.close()
        second.close()


def test_a_directory_that_is_not_there():
    with Served() as s:
        s.service.stop()
        error = error_of(net.tftpd, ROOT + "/nothing")
        assert error.errno == 2 and "no directory" in str(error)


# What belongs to nobody is gone after stop(), and the port can be used again.
def test_stop_in_the_middle():
    with Served({"write": True}) as s:
        write("a", BODY)
        clients = [s.ask(request(RRQ, "a", "octet")), s.ask(request(WRQ, "b", "octet"))]
        assert sorted(os.listdir(ROOT)) == ["a", "b.part", "dir"]
        s.service.stop()
        assert not s.endpoints() and sorted(os.listdir(ROOT)) == ["a", "dir"]
        for client in clients:
            client.close()
        s.peer.use()
        s.service = net.tftpd(ROOT)
        s.board.use()
        assert net.tftp(HOST, "a") == BODY
