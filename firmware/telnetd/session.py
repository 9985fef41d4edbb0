# Frostnet: telnetd: one client: its password, and then the prompt
# MIT license; Copyright (c) 2026 The Frostnet authors

import sys

from micropython import const

from frostnet.wire import addr
from services.session import Session
from telnet import protocol
from telnetd import password
from telnetd.terminal import Terminal

_LOGIN = const(60000000)  # µs for the right password
_STEP = const(8)  # iterations at once, of some 50 µs each
_TEXT = const(16384)  # bytes printed that wait for room
_PIECE = const(2048)  # bytes of a long text that are looked at in one go
_SEND_BUFFER = const(8192)  # so that Ctrl-C is not followed by pages of old output
_QUIET = const(30000000)  # µs without a word from the client until it is asked for one,
_ASK = const(5000000)  # again and again
_ASKED = const(5)  # times
_PATIENCE = const(1000000)  # µs that what is printed waits for a client that takes nothing

_ASKING = const(0)
_CHECKING = const(1)
_PROMPT = const(2)
_LEAVING = const(3)


class Telnet(Session):
    """Three parties are in it: the network, by received() and more(); the password's check, by
    more(); and whatever prints, at any time but within run(), by _printed().
    """

    def __init__(self, service, conn):
        super().__init__(service, conn)
        self._telnet = protocol.Telnet()
        self._stage = _ASKING
        self._line = bytearray()  # the password so far
        self._check = None
        self._ahead = b""  # typed after the password
        self._text = bytearray()  # printed, and not yet with send()
        self._terminal = None
        self._greeted = self._running = False

    @property
    def size(self):
        """The client's window, (columns, lines), or None."""
        return self._telnet.size

    # What the base calls.

    def begin(self):
        self.conn.tx.limit = _SEND_BUFFER
        self.wait_for(_LOGIN)
        if self._may_try():
            self._telnet.offer()
            self._print(b"Password: ")

    def run(self):
        if self._running:
            return
        self._running = True
        try:
            # What is printed comes first in the base's run(); Ctrl-C must not wait for its end.
            if self._stage == _PROMPT and self._telnet.pending() < _TEXT:
                self._input()
            super().run()
        finally:
            self._running = False

    def received(self, data):
        typed = self._telnet.receive(data)
        if self._telnet.aborted:
            self._telnet.aborted = False
            self._text = bytearray()
        if typed:
            self._take(typed)

    def more(self):
        if self._text or self._telnet.pending():
            self._flush()
            return True
        if self._stage == _CHECKING:
            if self._check.step(_STEP):
                self._checked(self._check.right())
            return True
        return False

    def ended(self):
        self._leave(b"")

    def late(self):
        if self._stage == _PROMPT:
            self._leave(b"\r\nNothing was typed for %d s: closed.\r\n" % (self._idle() // 1000000))
        else:
            self._leave(b"\r\nNo password came: closed.\r\n")

    def closed(self):
        self._release()
        self._text = bytearray()

    # The password.

    # Says why not, if not.
    def _may_try(self):
        service = self.service
        if service.owner is not None:
            self._leave(b"The prompt is taken: try again when its user has left.\r\n")
            return False
        wait = service.guard.wait(self.conn.raddr, service.rt.clock())
        if wait:
            seconds = (wait + 999999) // 1000000
            self._leave(b"Too many wrong passwords: try again in %d s.\r\n" % seconds)
            return False
        return True

    def _take(self, typed):
        stage = self._stage
        if stage == _PROMPT:
            self.wait_for(self._idle())
            if 3 in typed:
                self._forget_text()
            self._terminal.type(typed)
            if self._terminal is not None:
                self.reading = not self._terminal.full()
        elif stage == _CHECKING:
            self._ahead += typed  # what one call received at most: `reading` is off
        elif stage == _ASKING:
            self._password(typed)

    def _password(self, typed):
        line = self._line
        for i, c in enumerate(typed):
            if c == 13 or c == 10:
                self._ahead = typed[i + 1 :]
                self._try()
                return
            if c == 8 or c == 0x7F:
                line[-1:] = b""
            elif c == 0x15:
                line[:] = b""
            elif c == 3 or c == 4:
                self._leave(b"\r\n")
                return
            elif len(line) <= password.LONGEST:  # one more, and it is wrong
                line.append(c)

    def _try(self):
        self._print(b"\r\n")
        if not self._may_try():
            return
        self._check = self.service.record.check(bytes(self._line))
        self._line[:] = b""
        self._stage = _CHECKING
        self.reading = False

    def _checked(self, right):
        service = self.service
        source = self.conn.raddr
        self._check = None
        self._stage = _ASKING
        self.reading = True
        if not self._may_try():  # others have tried meanwhile
            return
        if right:
            service.guard.passed(source)
            self._enter()
        else:
            now = service.rt.clock()
            service.counters["refused"] += 1
            service.guard.failed(source, now)
            if service.guard.wait(source, now):
                self._leave(b"Wrong password.\r\n")
                return
            self._print(b"Wrong password.\r\nPassword: ")
        ahead = self._ahead
        self._ahead = b""
        if ahead and self.conn is not None:
            self._take(ahead)

    # The prompt.

    def _idle(self):
        return self.service.idle

    def _enter(self):
        service = self.service
        terminal = Terminal(service.prompt, self._printed, self._hungry, self.abort)
        if not service.prompt.attach(terminal):
            self._leave(b"The prompt is taken by a program: end that first.\r\n")
            return
        self._terminal = terminal
        service.owner = self
        self._stage = _PROMPT
        self.waiting = False  # keeps its place from those who have yet to log in
        self._watch()
        self.wait_for(service.idle)
        self._print(b"Frostnet; the prompt is yours. Ctrl-C stops what runs.\r\n")
        where = addr.text(self.conn.raddr)
        self._print(
            b"From %s, closed after %d s of silence.\r\n" % (where, self._idle() // 1000000)
        )

    # A client that is gone without a word holds the prompt no longer than a minute.
    def _watch(self):
        conn = self.conn
        rt = self.service.rt
        rt.lock()
        try:
            conn.keep_idle = _QUIET
            conn.keep_interval = _ASK
            conn.keep_count = _ASKED
            conn.keep_alive(True)
        finally:
            rt.unlock()

    # The prompt has nothing to read. It has printed its ">>> " before we came.
    def _hungry(self):
        if not self._greeted:
            self._greeted = True
            self._print(getattr(sys, "ps1", ">>> ").encode())
            self.wake()
        if not self.reading:
            self.reading = True
            self.wake()

    # Something prints.
    def _printed(self, data):
        try:
            data = memoryview(data)
            for at in range(0, len(data), _PIECE):
                piece = self._telnet.encode(bytes(data[at : at + _PIECE]))
                if len(self._text) + len(piece) > _TEXT:
                    self._make_room()
                if self.conn is None or self._stage != _PROMPT:
                    return
                if len(self._text) + len(piece) > _TEXT:
                    self.service.counters["lost"] += len(piece)
                else:
                    self._text.extend(piece)
            self.wake()
        except Exception as e:
            self.failed(e)

    # Holds up what prints while the client takes what there is. One that takes nothing is dropped.
    def _make_room(self):
        if self._running:
            return
        service = self.service
        rt = service.rt
        seen = -1
        until = 0
        interrupted = False
        while self.conn is not None and len(self._text) > _TEXT >> 1:
            try:
                self.run()
            except Exception as e:
                self.failed(e)
            conn = self.conn
            if conn is None or len(self._text) <= _TEXT >> 1:
                break
            progress = service.counters["sent"] + conn.room()  # bytes that the client has taken
            if progress != seen:
                seen = progress
                until = rt.clock() + _PATIENCE
            elif rt.clock() >= until:
                service.counters["stuck"] += 1
                self.abort()
                break
            rt.lock()
            try:
                rt.wait(until)
            except KeyboardInterrupt:
                # Here the interpreter would take it for a defect of the terminal: again, later.
                interrupted = True
                self._forget_text()
            finally:
                rt.unlock()
        if interrupted and self._terminal is not None:
            self._terminal.type(b"\3")

    # The end.

    def _forget_text(self):
        self._text = bytearray()

    def _print(self, text):
        self._text.extend(text)

    # Text leaves in whole pieces, so that no answer comes between an IAC and its second byte.
    def _flush(self):
        self.send(self._telnet.replies())
        self.send(self._text)
        self._text = bytearray()

    def _leave(self, text):
        self._release()
        self._stage = _LEAVING
        self._check = None
        self.reading = True
        self._print(text)
        self._flush()
        self.finish()

    def _release(self):
        terminal = self._terminal
        if terminal is not None:
            self._terminal = None
            self.service.owner = None
            self.waiting = True
            self.service.prompt.detach(terminal)
