# Frostnet: tests of telnetd: passwords, who has the prompt, clients that do not read, the end
# MIT license; Copyright (c) 2026 The Frostnet authors

import binascii
import os

import telnetd
from service_bench import Bench as ServiceBench
from service_bench import read_to_end, read_to_end_or_reset
from telnetd import password
from telnetd.guard import Guard
from telnetd.server import Telnetd

# Two runs at a time do not share it.
password.PATH = "/tmp/frostnet-telnetd-%s.password" % str(binascii.hexlify(os.urandom(8)), "ascii")
RECORD = password.save("secret")
IDLE = 600000000
AYT = b"\xff\xf6"
IP = b"\xff\xf4"


class FakePrompt:
    """Echoes what is typed when it is asked to read, as the prompt does."""

    def __init__(self):
        self.terminal = None
        self.interrupts = 0
        self.taken = False

    def attach(self, terminal):
        if not self.taken:
            self.terminal = terminal
        return not self.taken

    def detach(self, terminal):
        assert self.terminal is terminal
        self.terminal = None

    def interrupt(self):
        self.interrupts += 1
        self.read()

    def read(self):
        buf = bytearray(1)
        data = b""
        while self.terminal and self.terminal.readinto(buf):
            data += buf
        return data

    def print(self, data):
        if self.terminal:
            assert self.terminal.write(data) == len(data)


class Bench(ServiceBench):
    def __init__(self, **options):
        super().__init__(lambda port: Telnetd(port, RECORD, IDLE), **options)
        self.prompt = self.service.prompt = FakePrompt()

    def login(self, text=b"secret\r\n"):
        s = self.client()
        s.send(text)
        self.run(1)
        return s

    def print(self, data):
        before = self.b.use()
        self.prompt.print(data)
        self.a.use()
        del before


def seen(bench, s):
    """What the client has been sent by now."""
    bench.run(0.1)
    s.setblocking(False)
    data = b""
    try:
        while True:
            piece = s.recv(65536)
            if not piece:
                break
            data += piece
    except OSError as e:
        assert e.errno == 11, e
    s.settimeout(5)
    return data


def test_login_and_the_prompt():
    with Bench() as bench:
        s = bench.client()
        text = seen(bench, s)
        # RFC 857, 858: the client is told not to echo, and to send each key.
        assert b"\xff\xfb\x01" in text and b"\xff\xfb\x03" in text and text.endswith(b"Password: ")
        s.send(b"secret\r\0")
        bench.run(1)
        assert bench.prompt.read() == b""
        text = seen(bench, s)
        assert b"secret" not in text
        assert b"the prompt is yours" in text and text.endswith(b">>> ")
        s.send(b"print(1)\r\n")
        bench.run(0.1)
        assert bench.prompt.read() == b"print(1)\r"
        bench.print(b"1\r\n\xff\r>>> ")
        assert seen(bench, s) == b"1\r\n\xff\xff\r\0>>> "
        assert bench.prompt.read() == b""
        assert seen(bench, s) == b""  # it is greeted once
        s.send(AYT)
        assert seen(bench, s) == b"\r\n[Yes]\r\n"
        s.send(b"\xff\xfd\x18\xff\xfb\x1f\xff\xfa\x1f\0\x50\0\x18\xff\xf0")
        assert b"\xff\xfc\x18" in seen(bench, s)
        assert bench.service.owner.size == (80, 24)
        assert not bench.service.counters["failed"], bench.service.error
        s.close()
        bench.run(0.1)
        assert bench.prompt.terminal is None and bench.service.owner is None


def test_password_with_corrections_and_all_at_once():
    with Bench() as bench:
        s = bench.login(b"wrong\x15secrex\x7ft\nhello\n")
        assert bench.service.owner is not None
        assert bench.prompt.read() == b"hello\r"
        assert b"yours" in seen(bench, s)


def test_three_tries_and_a_delay():
    with Bench() as bench:
        s = bench.login(b"a\r\nb\r\n")
        text = seen(bench, s)
        assert text.count(b"Wrong password.") == 2 and text.endswith(b"Password: ")
        s.send(b"secre\r\n")
        assert read_to_end(s).endswith(b"Wrong password.\r\n")
        assert bench.service.counters["refused"] == 3
        s = bench.client()
        text = read_to_end(s)
        assert b"Too many wrong passwords: try again in" in text and b"Password" not in text
        assert bench.prompt.terminal is None
        bench.run(30)
        bench.login()
        assert bench.service.owner is not None


def test_tries_count_over_connections_and_side_by_side():
    with Bench() as bench:
        one, two = bench.client(), bench.client()
        one.send(b"a\r\n")
        bench.run(1)
        one.close()
        two.send(b"b\r\n")
        bench.run(1)
        three = bench.login(b"c\r\n")
        assert b"Wrong" in read_to_end(three)
        two.send(b"secret\r\n")  # right, but it has to wait
        assert b"Too many" in read_to_end(two)
        assert bench.service.owner is None


def test_empty_and_endless_passwords():
    with Bench() as bench:
        s = bench.login(b"\r\n")
        assert b"Wrong" in seen(bench, s)
        for _ in range(20):
            s.send(b"x" * 1000)
            bench.run(0.1)
        (session,) = bench.service.sessions
        assert len(session._line) <= 129
        s.send(b"\r\n")
        bench.run(1)
        assert b"Wrong" in seen(bench, s) and bench.service.owner is None


def test_second_client_is_told():
    with Bench() as bench:
        waits = bench.client()
        bench.login()
        late = bench.client()
        assert b"The prompt is taken" in read_to_end(late)
        waits.send(b"secret\r\n")
        assert b"The prompt is taken" in read_to_end(waits)
        assert bench.service.owner is not None


def test_silent_clients_do_not_displace_the_owner():
    with Bench() as bench:
        s = bench.login()
        for _ in range(12):
            bench.client()
            bench.run(3)
        assert bench.service.owner is not None
        bench.print(b"still yours")
        assert b"still yours" in seen(bench, s)


def test_prompt_that_a_program_has():
    with Bench() as bench:
        bench.prompt.taken = True
        assert b"taken by a program" in read_to_end(bench.login())
        assert bench.service.owner is None


def test_ctrl_c_by_key_and_by_command():
    with Bench() as bench:
        s = bench.login()
        s.send(b"x")
        bench.run(0.1)
        assert not bench.prompt.interrupts
        s.send(IP)
        bench.run(0.1)
        assert bench.prompt.interrupts == 1
        s.send(b"\x03")
        bench.run(0.1)
        assert bench.prompt.interrupts == 2


# Nobody reads: TCP holds the client back, and nothing is lost when somebody does.
def test_type_ahead_is_bounded():
    with Bench() as bench:
        s = bench.login()
        s.setblocking(False)
        sent = 0
        for _ in range(300):
            try:
                sent += s.send(b"y" * 1000)
            except OSError:
                pass
            bench.run(0.02)
        assert sent < 200000
        (session,) = bench.service.sessions
        assert len(session._terminal._typed) < 5000
        got = 0
        for _ in range(1000):
            got += len(bench.prompt.read())
            bench.run(0.02)
            if got == sent:
                break
        assert got == sent


def test_what_is_printed_waits_for_a_client_that_reads():
    with Bench() as bench:
        s = bench.login()
        text = b"0123456789abcde\n" * 20000
        seen(bench, s)
        total = [0]

        def reader():
            while total[0] < len(text):
                try:
                    total[0] += len(s.recv(2000))
                except OSError as e:
                    assert e.errno == 11
                yield bench.sim.now + 5000

        s.setblocking(False)
        bench.sim.go(reader())
        bench.print(text)
        bench.run(5)
        assert total[0] == len(text), total
        assert not bench.service.counters["lost"]


def test_client_that_does_not_read_does_not_stop_the_board():
    with Bench() as bench:
        s = bench.login()
        before = bench.sim.now
        for _ in range(100):
            bench.print(b"z" * 10000)
        assert bench.sim.now - before < 5000000
        assert bench.service.counters["stuck"] == 1
        assert bench.prompt.terminal is None and not bench.service.sessions
        read_to_end_or_reset(s)
        bench.login()
        assert bench.service.owner is not None


# RFC 854, AO: what is on its way is thrown away, and nothing of the negotiation.
def test_abort_output():
    with Bench() as bench:
        s = bench.login()
        seen(bench, s)
        bench.prompt.print(b"a" * 10000)
        s.send(b"\xff\xf5\xff\xfd\x18")
        text = seen(bench, s)
        assert b"\xff\xf2" in text and b"\xff\xfc\x18" in text
        bench.print(b"next")
        assert seen(bench, s) == b"next"


def test_idle_and_login_time():
    with Bench() as bench:
        s = bench.client()
        bench.run(61)
        assert b"No password came" in read_to_end(s)
        s = bench.login()
        for _ in range(3):
            bench.run(590)
            s.send(b"x")
        bench.run(590)
        assert bench.service.owner is not None
        bench.print(b"printing is not typing")
        bench.run(11)
        assert bench.service.owner is None and bench.prompt.terminal is None
        assert b"Nothing was typed for 600 s" in read_to_end(s)


# RFC 9293 §3.8.4: who says nothing is asked, and has the prompt for as long as there are answers.
def test_client_that_is_gone_without_a_word_loses_the_prompt():
    with Bench() as bench:
        bench.login()
        bench.run(300)
        assert bench.service.owner is not None
        bench.a.iface.set_up(False)
        bench.run(65)
        assert bench.service.owner is None and bench.prompt.terminal is None
        bench.a.iface.set_up(True)
        bench.login()
        assert bench.service.owner is not None


def test_reset_and_half_close_give_the_prompt_back():
    with Bench() as bench:
        for end in ("shutdown", "reset"):
            s = bench.login()
            assert bench.service.owner is not None, end
            if end == "reset":
                s.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")
                s.close()
            else:
                s.shutdown(1)
            bench.run(0.2)
            assert bench.service.owner is None and bench.prompt.terminal is None


# What os.dupterm() does when a terminal of ours fails: it closes it.
def test_interpreter_gives_the_terminal_up():
    with Bench() as bench:
        s = bench.login()
        terminal = bench.prompt.terminal
        assert terminal.ioctl(3, 5) == 4  # writable, nothing to read
        s.send(b"x")
        bench.run(0.1)
        assert terminal.ioctl(3, 5) == 5 and terminal.ioctl(99, 0) < 0
        assert terminal.ioctl(4, 0) == 0
        assert bench.service.owner is None
        assert read_to_end_or_reset(s) is not None


def test_stop_frees_everything():
    with Bench() as bench:
        owner, guest = bench.login(), bench.client()
        bench.print(b"w" * 5000)
        bench.service.stop()
        assert bench.prompt.terminal is None and bench.service.owner is None
        assert not bench.service.sessions and bench.service.buffer is None
        read_to_end_or_reset(owner)
        read_to_end_or_reset(guest)


# Each answers once, and keeps nothing; the prompt is not reached without the password.
def test_noise_before_the_password():
    import random

    random.seed(5)
    with Bench() as bench:
        for _ in range(20):
            s = bench.client()
            for _ in range(5):
                try:
                    s.send(
                        bytes(
                            [
                                random.choice((255, 250, 251, 253, 240, 1, 13, 31, 65))
                                for _ in range(700)
                            ]
                        )
                    )
                    bench.run(0.05)
                except OSError:
                    break
            s.close()
            bench.run(0.2)
        assert bench.prompt.terminal is None
        assert not bench.service.counters["failed"], bench.service.error


def test_guard_is_bounded():
    guard = Guard()
    for address in range(1000):
        guard.failed(address, address)
    assert len(guard._tries) == 32
    for _ in range(3):
        guard.failed(1, 2000)
    assert guard.wait(1, 2001) == 29999999
    assert guard.wait(1, 2000 + 30000000) == 0 == guard.wait(1, 2001)
    guard.failed(2, 0)
    guard.failed(2, 1)
    guard.failed(2, 700000000)  # the others are forgotten
    assert guard.wait(2, 700000001) == 0


def test_password_file():
    record = password.load()
    work = record.check(b"secret")
    work.step(100000)
    assert work.right()
    work = record.check(b"Secret")
    work.step(100000)
    assert not work.right()
    with open(password.PATH) as file:
        line = file.read()
    assert "secret" not in line and line == RECORD.line()
    assert password.save("secret").line() != line  # another salt
    for text in ("", "x", "pbkdf2-sha256 0 00 00", line[:-5], line.replace("1000", "999999999")):
        with open(password.PATH, "w") as file:
            file.write(text)
        assert "damaged" in sentence(password.load)
    os.remove(password.PATH)
    assert "no password is set" in sentence(password.load)
    assert "no password is set" in sentence(password.load)
    for text in ("", "x" * 129, "a\nb"):
        assert "choose another" in sentence(telnetd.set_password, text)


def sentence(fn, *args):
    try:
        fn(*args)
    except ValueError as e:
        return str(e)
    return ""
