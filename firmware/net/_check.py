# Frostnet: what commands ask their arguments
# MIT license; Copyright (c) 2026 The Frostnet authors

# Python would complain too, of the line that could not go on with it; or it would not: "x" times a
# million is a long text. Here it is said what was meant.

from micropython import const

from net._error import EINVAL, NetError

_LONGEST = const(100000000)  # s: three years


def check_whole(name, value, least, most):
    """NetError if the argument `name` is not a whole number from `least` to `most`."""
    if not isinstance(value, int) or not least <= value <= most:
        raise NetError(EINVAL, "%s is a whole number from %d to %d" % (name, least, most))


def check_seconds(name, value, least=0, never=False, most=_LONGEST):
    """NetError if it is not a number of seconds, `least` to `most`; `never`: `None` will do."""
    if value is None and never:
        return
    if not isinstance(value, (int, float)) or not least <= value <= most:
        limits = "%g or more" % least if most == _LONGEST else "from %g to %g" % (least, most)
        text = "%s is a number of seconds, %s" % (name, limits)
        raise NetError(EINVAL, text + (", or None for no limit" if never else ""))


def check_text(name, value, example):
    """NetError if it is not a text, or an empty one; `example` is what one would look like."""
    if not isinstance(value, str) or not value:
        raise NetError(EINVAL, '%s is a text such as "%s"' % (name, example))


def check_port(value):
    """NetError if it is not the number of a port."""
    check_whole("port", value, 1, 65535)
