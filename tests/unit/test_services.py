# Frostnet: tests of services in real time: their callbacks between the program's bytecodes
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc
import os
import sys

import services
import socket
import vfs
from services import atboot, image, pump
from services.service import Service
from services.session import Session
from sockbench import LOCAL, up


class Echo(Session):
    def received(self, data):
        self.send(bytes(data))


class Echoes(Service):
    name = "echoes"

    def session(self, conn):
        return Echo(self, conn)


def ask(port=7):
    s = socket.socket()
    s.settimeout(5)
    s.connect((LOCAL, port))
    s.send(b"hello")
    assert s.recv(9) == b"hello"
    s.close()


def test_a_program_talks_to_a_service_of_its_own_board():
    up()
    service = Echoes(7).start()
    for _ in range(10):
        ask()
    service.stop()
    assert not services.running


def test_memory_returns():
    rt = up()
    used = []
    for _ in range(12):
        service = Echoes(7).start()
        for _ in range(20):
            ask()
        while service.sessions:
            rt.poll()
        service.stop()
        rt.stack.tcp.timewait.__init__(rt.stack.tcp)  # what is left of closed connections
        del service
        gc.collect()
        used.append(gc.mem_alloc())
    # Garbage stays now and then, because a stale word on the C stack looks like its address; and
    # the network keeps a chunk or two of 16 KiB more or less. So the best rounds are compared. One
    # session for each of the 120 clients between them would be three times as much.
    grown = min(used[-4:]) - min(used[:4])
    assert grown < 40000, used


def found(name):
    try:
        return __import__(name)
    except ImportError:
        return None


# mpremote mounts a folder of the host behind the serial port, and goes there.
def test_callbacks_do_not_import_from_the_programs_folder():
    class Folder:
        def mount(self, readonly, mkfs):
            pass

        def umount(self):
            pass

        def chdir(self, path):
            pass

        def stat(self, path):
            asked.append(path)
            raise OSError(2)

    asked = []
    vfs.mount(Folder(), "/hosted")
    before = os.getcwd()
    os.chdir("/hosted")
    path = sys.path
    sys.path = ["", ".frozen"]
    try:
        with image.Imports():
            found("nowhere")
        assert not asked and sys.path[0] == ""
        found("nowhere")
        assert asked
    finally:
        sys.path = path
        os.chdir(before)
        vfs.umount("/hosted")


class Count(pump.Task):
    ran = 0

    def run(self):
        self.ran += 1


# The callback may run at once, before post() has returned.
def test_work_that_the_program_posts():
    rt = up()
    task = Count()
    for n in range(1000):
        pump.current().post(task)
        until = rt.clock() + 1000000
        while task.ran == n:
            assert rt.clock() < until, "the pump stands still"


def test_at_boot():
    rt = up()
    atboot.boot({"httpd": "8080"}.get)
    assert not services.running  # the prompt comes first
    end = rt.clock() + 10000000
    while "httpd" not in services.running and rt.clock() < end:
        rt.poll()
    assert services.running["httpd"].port == 8080
    services.stop_all()
    said = []
    atboot.print = lambda *words: said.append(" ".join([str(word) for word in words]))
    for text in ("off", "0", "65536", "x", "-1"):
        atboot.boot({"httpd": text}.get)
    assert len(said) == 4 and "it is on, off, or a port" in said[0]
    del atboot.print


def test_arguments_at_boot():
    for name, text, args, kwargs in (
        ("httpd", "on", [], {}),
        ("httpd", "8080", [], {"port": 8080}),
        (
            "httpd",
            "8080,root=/www,listing=off",
            [],
            {"port": 8080, "root": "/www", "listing": False},
        ),
        ("tftpd", "/public, write=on", [], {"root": "/public", "write": True}),
        ("inetd", "on", [], {}),
        ("inetd", "echo,discard", ["echo", "discard"], {}),
        ("syslog", "10.0.2.2,port=601,tcp=on", [], {"host": "10.0.2.2", "port": 601, "tcp": True}),
        ("dhcpd", "eth1,lease=600", [], {"name": "eth1", "lease": 600}),
        ("dnsd", "servers=10.0.2.3+10.0.2.4", [], {"servers": ["10.0.2.3", "10.0.2.4"]}),
        ("ntp", "on", [], {"every": 3600}),
        ("ntp", "10.0.2.2,every=64", [], {"server": "10.0.2.2", "every": 64}),
    ):
        assert atboot.arguments(name, text) == (args, kwargs), text
    for name, text, said in (
        ("dhcpd", "eth1,600", "name what 600 is"),
        ("dhcpd", "eth1,time=600", "it has no time: there are name, first"),
        ("tftpd", "port=0", "a port from 1 to 65535"),
    ):
        try:
            atboot.arguments(name, text)
            raise AssertionError(text)
        except ValueError as e:
            assert said in str(e), e
