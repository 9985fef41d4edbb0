# Frostnet: what programs forget to close
# MIT license; Copyright (c) 2026 The Frostnet authors

# The stack has connections, listeners and endpoints, and none of them knows its socket: one that
# the program has forgotten can be collected. It has a token, whose number is marked then, and the
# scheduler has reap() close what the number stands for. (A socket with a callback cannot be
# forgotten, because the stack calls it: it has no token.)

import gc

from _port import Token, collected
from micropython import const

_TOKENS = const(4096)  # of them _port has marks for
_BATCH = const(16)  # closed between two polls

_EMFILE = const(24)
_ENOBUFS = const(105)

_free = []  # numbers that were in use
_numbers = 0  # those below were given out
_runtimes = []  # those in which something is held


def hold(rt, what):
    """Return a token: when it is collected, `what.close()` is called. Under the lock.

    OSError(EMFILE) if there are too many.
    """
    global _numbers
    if _free:
        number = _free.pop()
    elif _numbers < _TOKENS:
        number = _numbers
        _numbers += 1
    else:
        gc.collect()
        reap()
        if not _free:
            raise OSError(_EMFILE)
        number = _free.pop()
    try:
        token = Token(number)
    except MemoryError:
        _free.append(number)
        raise
    held = rt.held
    if not held and rt not in _runtimes:
        rt.stack.counters.register(("socket_forgotten", "bug_forgotten"))
        _runtimes[:] = [other for other in _runtimes if other.held]
        _runtimes.append(rt)
    held[number] = what
    return token


def release(rt, token):
    """Forget about a token, and what it stands for."""
    number = token.take()
    if number >= 0:
        rt.held.pop(number, None)
        _free.append(number)


def reap(_=None):
    """Close what was held for sockets that are gone; called by the scheduler."""
    count = 0
    number = collected()
    while number >= 0:
        for rt in _runtimes:
            if number in rt.held:
                _close(rt, rt.held.pop(number))
                count += 1
                if count % _BATCH == 0:
                    rt.poll()  # a thousand at once must not keep the network waiting
                break
        _free.append(number)
        number = collected()


def make_room(error):
    """A table is full: close what programs have forgotten, or raise `error` again."""
    if error.errno != _ENOBUFS:
        raise error
    gc.collect()
    reap()


def _close(rt, what):
    stack = rt.stack
    rt.lock()
    try:
        stack.counters.socket_forgotten += 1
        what.close()
    except Exception as exc:
        stack.bug("bug_forgotten", exc)
    finally:
        rt.unlock()


collected(reap)
