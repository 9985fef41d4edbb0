# Frostnet: telnet: the state machine that takes the stream of the network apart (RFC 854, 855)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from telnet.codes import DO, DONT, IAC, SB, SE, WILL, WONT

_SUB_MAX = const(64)  # bytes of a subnegotiation; a longer one is ignored, to its end

# States.
_DATA = const(0)
_CR = const(1)  # after a CR, which has been handed on: LF or NUL belongs to it
_BINARY = const(2)  # as _DATA, where every byte but IAC stands for itself
_IAC = const(3)
_OPTION = const(4)  # after WILL, WONT, DO or DONT
_SB = const(5)  # the option of a subnegotiation
_SB_DATA = const(6)
_SB_IAC = const(7)

# Kinds of bytes.
_PLAIN, _NUL, _LF, _CRET, _COMMAND, _VERB, _BEGIN, _END, _ESCAPE = range(9)


def _kinds():
    kinds = bytearray(256)
    for c in range(SE, IAC):
        kinds[c] = _COMMAND
    for c in (WILL, WONT, DO, DONT):
        kinds[c] = _VERB
    kinds[0] = _NUL
    kinds[10] = _LF
    kinds[13] = _CRET
    kinds[SB] = _BEGIN
    kinds[SE] = _END
    kinds[IAC] = _ESCAPE
    return bytes(kinds)


_KINDS = _kinds()


class Parser:
    """Feeds what comes to four functions, in order; holds no more than one subnegotiation.

    `typed(c)`: a byte of data; the end of a line, CR LF, CR NUL or a bare LF, is one CR.
    `command(c)`: one without an option, such as AYT; unknown ones too.
    `negotiate(verb, option)`: WILL, WONT, DO or DONT.
    `subnegotiation(option, data)`: complete, with IAC IAC undone.
    """

    def __init__(self, typed, command, negotiate, subnegotiation):
        self._typed = typed
        self._command = command
        self._negotiate = negotiate
        self._subnegotiation = subnegotiation
        self._ground = self._state = _DATA
        self._verb = self._option = 0
        self._sub = bytearray()
        self.overlong = 0  # subnegotiations that were ignored

    def set_binary(self, on):
        """Whether the other side sends bytes that stand for themselves (RFC 856)."""
        ground = _BINARY if on else _DATA
        if self._state in (_DATA, _CR, _BINARY):
            self._state = ground
        self._ground = ground

    def feed(self, data):
        """Take bytes of the network; anything is taken, and nothing raised."""
        for c in data:
            action, state = _TABLE[self._state][_KINDS[c]]
            self._state = self._ground if state == _DATA else state
            if action:
                action(self, c)

    # Actions. The state is the next one already.

    def _data(self, c):
        self._typed(c)

    def _line(self, c):
        self._typed(13)

    def _single(self, c):
        self._command(c)

    def _take_verb(self, c):
        self._verb = c

    def _take_option(self, c):
        self._negotiate(self._verb, c)

    def _sub_begin(self, c):
        self._option = c
        self._sub = bytearray()

    def _sub_data(self, c):
        if len(self._sub) <= _SUB_MAX:  # one more tells that it is too long
            self._sub.append(c)

    def _sub_end(self, c):
        sub = self._sub
        self._sub = bytearray()
        if len(sub) > _SUB_MAX:
            self.overlong += 1
        else:
            self._subnegotiation(self._option, bytes(sub))

    # A command within a subnegotiation: its end has been lost. It is ignored, the command is not.
    def _sub_broken(self, c):
        self._sub = bytearray()
        action, state = _TABLE[_IAC][_KINDS[c]]
        self._state = self._ground if state == _DATA else state
        if action:
            action(self, c)


# By state and kind of byte: what to do, and the next state, where _DATA may mean _BINARY.
def _row(default, **others):
    row = [default] * 9
    for kind, entry in others.items():
        row[_NAMES[kind]] = entry
    return tuple(row)


_NAMES = {"nul": _NUL, "lf": _LF, "cr": _CRET, "verb": _VERB, "begin": _BEGIN}
_NAMES.update({"end": _END, "escape": _ESCAPE, "plain": _PLAIN})

_P = Parser
_TO_DATA = (_P._data, _DATA)
_TO_LINE = (_P._line, _CR)
_TO_IAC = (None, _IAC)
_SKIP = (None, _DATA)
_IN_SUB = (_P._sub_data, _SB_DATA)

_TABLE = (
    # _DATA: NUL alone is no operation
    _row(_TO_DATA, nul=_SKIP, lf=(_P._line, _DATA), cr=_TO_LINE, escape=_TO_IAC),
    # _CR
    _row(_TO_DATA, nul=_SKIP, lf=_SKIP, cr=_TO_LINE, escape=_TO_IAC),
    # _BINARY
    _row(_TO_DATA, escape=_TO_IAC),
    # _IAC
    _row(
        (_P._single, _DATA),
        verb=(_P._take_verb, _OPTION),
        begin=(None, _SB),
        end=_SKIP,
        escape=_TO_DATA,
    ),
    # _OPTION: any byte is one
    _row((_P._take_option, _DATA)),
    # _SB: any byte is an option, but IAC for which there is no room here
    _row((_P._sub_begin, _SB_DATA), escape=(_P._sub_begin, _SB_IAC)),
    # _SB_DATA
    _row(_IN_SUB, escape=(None, _SB_IAC)),
    # _SB_IAC
    _row((_P._sub_broken, _DATA), end=(_P._sub_end, _DATA), escape=_IN_SUB),
)
