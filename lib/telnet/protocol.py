# Frostnet: telnet: the server's end of a connection
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 854: an NVT that echoes (RFC 857) and suppresses go-ahead (RFC 858), which makes clients send
# each key as it is pressed. Of the options, only what a prompt can use is agreed to.
#
# A client's Synch (RFC 854, "The TELNET Synch signal") is a DM in urgent data. The stack takes
# urgent data in its place in the stream, so all that is before the DM counts; the DM itself says
# nothing then.

from telnet.codes import AO, AYT, BINARY, BREAK, DM, DO, DONT, EC, ECHO, EL, IAC, IP, NAWS, SGA
from telnet.codes import WILL, WONT
from telnet.options import Side
from telnet.parser import Parser

# The keys that commands stand for: Ctrl-C, rubout, Ctrl-U.
_KEYS = {IP: 0x03, BREAK: 0x03, EC: 0x7F, EL: 0x15}
_HERE = b"\r\n[Yes]\r\n"


class Telnet:
    """`receive()` is given what comes from the network, and returns what was typed; `replies()`
    is what is to be sent in turn, `encode()` prepares what is printed.

    `size` is the client's window as (columns, lines), or None. `aborted` becomes true when the
    client wants no more of the output that is on its way (AO); whoever throws it away unsets it.
    """

    def __init__(self):
        self.size = None
        self.aborted = False
        self._typed = bytearray()
        self._replies = bytearray()
        self._us = Side((ECHO, SGA, BINARY), WILL, WONT, self._say)
        self._him = Side((SGA, BINARY, NAWS), DO, DONT, self._say)
        self._parser = Parser(self._typed.append, self._command, self._negotiate, self._sub)

    def offer(self):
        """Begin to negotiate."""
        self._us.enable(ECHO)
        self._us.enable(SGA)
        self._him.enable(SGA)
        self._him.enable(NAWS)

    def is_on(self, option, ours):
        """Whether an option is agreed on, for our side or for the client's."""
        return (self._us if ours else self._him).is_on(option)

    def receive(self, data):
        """Return what was typed, as bytes: lines end with CR, Ctrl-C is 3. Anything is taken."""
        self._parser.feed(data)
        typed = bytes(self._typed)
        self._typed[:] = b""
        return typed

    def replies(self):
        """Return, once, the bytes that answer what was received; at most 4.5 times as many."""
        replies = bytes(self._replies)
        self._replies[:] = b""
        return replies

    def pending(self):
        """Return how many bytes of replies wait."""
        return len(self._replies)

    def encode(self, data):
        """Return `data`, bytes to be printed, as they are sent: IAC twice, and NUL after a CR
        that no LF follows.
        """
        if IAC in data:
            data = data.replace(b"\xff", b"\xff\xff")
        if 13 in data and not self._us.is_on(BINARY):
            data = data.replace(b"\r", b"\r\0").replace(b"\r\0\n", b"\r\n")
        return data

    # What the parser and the options call.

    def _say(self, command, option):
        self._replies.extend(bytes((IAC, command, option)))

    def _command(self, command):
        if command in _KEYS:
            self._typed.append(_KEYS[command])
        elif command == AYT:
            self._replies.extend(_HERE)
        elif command == AO:
            self.aborted = True
            self._replies.extend(bytes((IAC, DM)))

    def _negotiate(self, verb, option):
        if verb in (WILL, WONT):
            self._him.heard(option, verb == WILL)
            if option == BINARY:
                self._parser.set_binary(self._him.is_on(BINARY))
        else:
            self._us.heard(option, verb == DO)

    # RFC 1073: two numbers of 16 bits, 0 for unknown.
    def _sub(self, option, data):
        if option == NAWS and len(data) == 4 and self._him.is_on(NAWS):
            self.size = data[0] << 8 | data[1], data[2] << 8 | data[3]
