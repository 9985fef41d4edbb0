# Frostnet: the prompt over telnet, on the board, with a real client and with hostile ones
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import hashlib
import re
import socket
import time

import pytest

from hostlib.console import ExecError
from hostlib.remote import Terminal

PASSWORD = "correct horse"
PROMPT = b"\r\n>>> "
LEAVE = "\x1d"  # Ctrl-]
IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
PASTE = 64 * 1024

# `lossy`: a board that has much to do answers late, and is sent some things again.


class Client:
    """A telnet client byte for byte: what it does not ask for it is not given."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unread = b""

    def send(self, data):
        self.sock.sendall(data)

    def expect(self, wanted):
        """All that came, up to and with `wanted`."""
        while wanted not in self._unread:
            piece = self.sock.recv(65536)
            assert piece, f"{wanted!r} did not come: {self._unread[-2000:]!r}"
            self._unread += piece
        end = self._unread.index(wanted) + len(wanted)
        data, self._unread = self._unread[:end], self._unread[end:]
        return data

    def rest(self):
        """All that comes until the board closes."""
        with contextlib.suppress(ConnectionError):
            while piece := self.sock.recv(65536):
                self._unread += piece
        return self._unread

    def login(self):
        self.expect(b"Password: ")
        self.send(PASSWORD.encode() + b"\r\n")
        self.expect(b"the prompt is yours")
        self.expect(PROMPT)
        return self

    def type(self, line):
        """What a line at the prompt prints."""
        self.send(line.encode() + b"\r")
        self.expect(line.encode() + b"\r\n")
        return self.expect(b">>> ")[:-4].decode().replace("\r\n", "\n").strip()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.sock.close()


@pytest.fixture
def telnetd(board):
    """A function that starts telnetd; gives a Client of it. Afterwards nothing is left of it."""
    board.exec("import gc, net, services")

    def start(**options):
        said = "".join(f", {name}={value!r}" for name, value in options.items())
        board.exec(
            "if 'telnetd' in services.running:\n    services.running['telnetd'].stop()\n"
            f"t = net.telnetd({PASSWORD!r}{said})"
        )
        board.console.friendly()
        return Client(board.forward("tcp", 23))

    yield start
    board.console.recover()
    assert board.eval("(t.counters['failed'], t.error)") == (0, None)
    board.exec("t.stop()")
    assert board.eval("(t.owner, len(t.sessions), services.running)") == (None, 0, {})


def wait_free(board):
    """Until the prompt is nobody's."""
    board.exec("import time\nwhile t.owner: time.sleep_ms(10)", 30)


def test_nothing_starts_without_a_password(board):
    board.exec("import os\ntry:\n    os.remove('/telnetd.password')\nexcept OSError:\n    pass")
    said = board.type("import net; net.telnetd()")
    assert said.splitlines()[-1].endswith(
        "no password is set for telnetd: set one with net.telnetd(password=…)"
    ), said
    with pytest.raises(ExecError, match="choose another"):
        board.exec("net.telnetd(password='')")


def test_a_real_client(board, telnetd, program):
    telnet = program("telnet")
    telnetd().sock.close()
    with Terminal(telnet, "127.0.0.1", board.forward("tcp", 23)) as t:
        t.read_until("Password: ")
        t.type(PASSWORD + "\r")
        text = t.read_until("\r\n>>> ")
        assert PASSWORD not in text and "the prompt is yours" in text
        t.type("6 * 7\r")
        t.read_until("\r\n42\r\n>>> ")
        # Editing: rubout, cursor left, Home, a line of the history.
        t.type("x = 'abx\x7fc'\r")
        t.read_until(">>> ")
        t.type("x + 'd'\x1b[D\x1b[D\x1b[Dy\x7f\x01(\x05).upper()\r")
        t.read_until("\r\n'ABCD'\r\n>>> ")
        t.type("\x1b[A\r")
        t.read_until("\r\n'ABCD'\r\n>>> ")
        # The client said how large its window is, and sends each key as it is pressed.
        t.type("type(t.owner.size)\r")
        t.read_until("<class 'tuple'>")
        t.type("while True: pass\r\r\x03")
        t.read_until("KeyboardInterrupt")
        t.read_until(">>> ")
        t.type(LEAVE)
        t.read_until("telnet> ")
        t.type("send ao\r")
        t.type(LEAVE)
        t.read_until("telnet> ")
        t.type("send ayt\r")
        t.read_until("[Yes]")
        t.type("half a line")
        t.read_until("half a line")
        t.type(LEAVE)
        t.read_until("telnet> ")
        t.type("send ip\r")
        t.read_until(">>> ")
        t.type("input('name: ')\r")
        t.read_until("name: ")
        t.type("Anna\r")
        t.read_until("'Anna'")
        t.type(LEAVE)
        t.read_until("telnet> ")
        t.type("quit\r")
        assert t.process.wait(10) == 0
    wait_free(board)


def test_three_wrong_passwords_and_a_delay(board, telnetd):
    with telnetd() as one:
        for _ in range(2):
            one.expect(b"Password: ")
            one.send(b"wrong\r\n")
            one.expect(b"Wrong password.\r\n")
        one.send(b"wrong\r\n")
        assert one.rest().endswith(b"Wrong password.\r\n")
    with Client(board.forward("tcp", 23)) as two:
        assert re.search(rb"Too many wrong passwords: try again in (\d+) s\.", two.rest())
    # Time passes, for the service.
    board.exec("for entry in t.guard._tries.values(): entry[1] -= 30000000")
    board.console.friendly()
    with Client(board.forward("tcp", 23)) as three:
        assert three.login().type("1 + 1") == "2"
    wait_free(board)
    assert board.eval("t.counters['refused']") == 3
    # The file holds no password, and whoever may read it learns none.
    line = board.exec("print(open('/telnetd.password').read())")
    assert PASSWORD not in line
    kind, count, salt, key = line.split()
    want = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), bytes.fromhex(salt), int(count))
    assert kind == "pbkdf2-sha256" and bytes.fromhex(key) == want


def test_second_client_is_told(board, telnetd):
    with telnetd() as first:
        first.login()
        with Client(board.forward("tcp", 23)) as second:
            assert second.rest() == b"The prompt is taken: try again when its user has left.\r\n"
        assert first.type("'still ' + 'mine'") == "'still mine'"
        # What is typed at the console is seen by both.
        board.console.serial.write(b"'both' * 2\r")
        first.expect(b"'bothboth'")
        first.expect(b">>> ")
    # It is gone by a reset, as that of a killed client: the next one is let in.
    with telnetd() as third:
        third.login()
        third.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    wait_free(board)


def test_idle_client_is_sent_away(board, telnetd):
    with telnetd(idle=1.5) as client:
        client.login()
        assert client.type("'typed'") == "'typed'"
        begin = time.monotonic()
        assert b"Nothing was typed for 1 s: closed." in client.rest()
        assert time.monotonic() - begin > 1


def test_options_byte_by_byte(telnetd):
    """RFC 854, 855, 1143: every option is answered once, none leads to a loop, and what is no text
    never reaches the prompt, however the segments are cut."""
    with telnetd() as client:
        greeting = client.expect(b"Password: ")
        assert bytes((IAC, WILL, 1)) in greeting and bytes((IAC, WILL, 3)) in greeting
        client.send(PASSWORD.encode() + b"\r\0")
        client.expect(PROMPT)
        said = bytes((IAC, DO, 1, IAC, DO, 3, IAC, WILL, 31))  # we asked for these: no answer
        said += bytes((IAC, SB, 31, 0, 132, 0, 43, IAC, SE))
        said += b"".join(bytes((IAC, DO, n, IAC, WILL, n)) for n in range(40, 60))
        said += bytes((IAC, DONT, 60, IAC, WONT, 60))  # they are off: no answer
        for c in said:
            client.send(bytes((c,)))
        client.send(b"t.owner.size" + bytes((IAC, 241)) + b"\r\0")
        answers = client.expect(b"t.owner.size\r\n")
        assert client.expect(PROMPT) == b"(132, 43)\r\n>>> "
        wanted = b"".join(bytes((IAC, WONT, n, IAC, DONT, n)) for n in range(40, 60))
        assert answers == wanted + b"t.owner.size\r\n"
        # 255 is sent twice.
        assert client.type("import sys") == ""
        client.send(b"_ = sys.stdout.buffer.write(bytes((65, 255, 66)))\r")
        client.expect(b"\nA\xff\xffB>>> ")


@pytest.mark.lossy
@pytest.mark.timeout(120)
def test_storms_of_commands(board, telnetd):
    """Before the password and after it: nothing is kept, and the prompt goes on."""
    telnetd().sock.close()
    storms = (
        bytes((IAC, DO, 1, IAC, WILL, 99)) * 5_000,
        bytes((IAC, SB)) + b"x" * 30_000,  # without an end
        bytes((IAC,)) * 30_001,
        bytes(range(128, 256)) * 200,
    )
    figures = []
    for password in (b"", PASSWORD.encode() + b"\r\n") * 2:
        for storm in storms:
            with Client(board.forward("tcp", 23)) as client, contextlib.suppress(OSError):
                client.send(password + storm)
                client.sock.shutdown(socket.SHUT_WR)
                client.rest()
            wait_free(board)
            board.console.friendly()
        figures.append(int(board.exec("gc.collect(); print(gc.mem_alloc())")))
        board.console.friendly()
    with telnetd() as client:
        assert client.login().type("1 + 1") == "2"
    assert figures[3] - figures[1] < 50_000, figures


@pytest.mark.lossy
@pytest.mark.timeout(180)
def test_paste(board, telnetd):
    """64 KiB at once, as lines for the prompt: each is echoed and run, none is lost."""
    with telnetd() as client:
        client.login()
        client.type("import hashlib; h = hashlib.sha256(); n = 0")
        want = hashlib.sha256()
        lines = []
        while sum(map(len, lines)) < PASTE:
            text = b"%06d" % len(lines) + b"p" * 200
            want.update(text)
            lines.append(b"n += h.update('%s') is None\r" % text)
        # A terminal sends on while it shows what comes.
        paste = b"".join(lines)
        client.sock.settimeout(0.01)
        shown = b""
        while paste or shown.count(b">>> ") < len(lines):
            with contextlib.suppress(TimeoutError):
                paste = paste[client.sock.send(paste[:4096]) :]
            with contextlib.suppress(TimeoutError):
                shown += client.sock.recv(65536)
        client.sock.settimeout(60)
        assert int(client.type("n")) == len(lines)
        assert client.type("h.digest().hex()").strip("'") == want.hexdigest()


@pytest.mark.lossy
@pytest.mark.timeout(120)
def test_more_output_than_a_slow_reader_takes(board, telnetd):
    """The program waits for the reader, and nothing is lost."""
    count = 15_000
    with telnetd() as client:
        client.login()
        client.send(b"for i in range(%d): print('%%08d' %% i)\r\r" % count)
        client.expect(b"00000000\r\n")
        shown = b"00000000\r\n"
        while len(shown) < count * 10:
            time.sleep(0.002)
            piece = client._unread or client.sock.recv(4096)
            client._unread = b""
            shown += piece
        assert shown[: count * 10] == b"".join(b"%08d\r\n" % i for i in range(count))
    wait_free(board)
    assert board.eval("(t.counters['lost'], t.counters['stuck'])") == (0, 0)


def test_stop_gives_everything_back(board, telnetd):
    telnetd().sock.close()
    used = "t.stop(); gc.collect(); print(gc.mem_alloc())"
    board.exec(used)
    figures = []
    for _ in range(4):
        with telnetd() as client:
            client.login()
            client.send(b"print('x' * 10000)\r")
            client.expect(b"x" * 5000)
            # Stopped at its own prompt.
            client.send(b"t.stop()\r")
            client.rest()
        figures.append(int(board.exec(used)))
    assert min(figures[2:]) - min(figures[:2]) < 20_000, figures
    assert board.eval("23 in [l.lport for l in t.rt.stack.tcp.listeners.values()]") is False
