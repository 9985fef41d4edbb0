# Frostnet: telnet: options are agreed on without loops (RFC 1143)
# MIT license; Copyright (c) 2026 The Frostnet authors

# What RFC 1143 §7 has in prose is here in tables: per state the next one, and whether that is
# told to the other side. Both sides of an option follow the same rules; only the words differ.

from micropython import const

NO = const(0)
YES = const(1)
_WANTNO = const(2)  # we have asked it to end
_WANTNO_OPPOSITE = const(3)  # and want it again after that
_WANTYES = const(4)
_WANTYES_OPPOSITE = const(5)

_SAY_YES = const(1)
_SAY_NO = const(2)

# By state: (next state, what is said).
_ON_YES = (
    None,  # NO: it depends on whether we agree
    (YES, 0),
    (NO, 0),  # an error: a refusal was answered by the offer
    (YES, 0),
    (YES, 0),
    (_WANTNO, _SAY_NO),
)
_ON_NO = (
    (NO, 0),
    (NO, _SAY_NO),
    (NO, 0),
    (_WANTYES, _SAY_YES),
    (NO, 0),
    (NO, 0),
)
_ENABLE = (
    (_WANTYES, _SAY_YES),
    (YES, 0),
    (_WANTNO_OPPOSITE, 0),
    (_WANTNO_OPPOSITE, 0),
    (_WANTYES, 0),
    (_WANTYES, 0),
)
_DISABLE = (
    (NO, 0),
    (_WANTNO, _SAY_NO),
    (_WANTNO, 0),
    (_WANTNO, 0),
    (_WANTYES_OPPOSITE, 0),
    (_WANTYES_OPPOSITE, 0),
)


class Side:
    """The options of one side of a connection.

    `allowed` are those that may be on, `yes` and `no` what we say of them (WILL and WONT for our
    own side, DO and DONT for the other), `say(command, option)` sends it. There is a state for
    what is allowed only, so 256 options take no more room than a few.
    """

    def __init__(self, allowed, yes, no, say):
        self._states = dict.fromkeys(allowed, NO)
        self._words = None, yes, no
        self._say = say

    def is_on(self, option):
        """Whether both sides have agreed on it."""
        return self._states.get(option, NO) == YES

    def enable(self, option):
        """Ask for an option that is allowed."""
        self._apply(option, _ENABLE[self._states[option]])

    def disable(self, option):
        """Ask for its end; until the answer it counts as off already."""
        self._apply(option, _DISABLE[self._states[option]])

    def heard(self, option, yes):
        """The other side has said WILL or DO (`yes`), WONT or DONT."""
        state = self._states.get(option)
        if state is None:
            # Refusing what is off already would be an answer to an answer.
            if yes:
                self._say(self._words[_SAY_NO], option)
            return
        if state == NO and yes:
            self._apply(option, (YES, _SAY_YES))
        else:
            self._apply(option, (_ON_YES if yes else _ON_NO)[state])

    def _apply(self, option, step):
        state, said = step
        self._states[option] = state
        if said:
            self._say(self._words[said], option)
