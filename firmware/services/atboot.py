# Frostnet: services that settings ask for
# MIT license; Copyright (c) 2026 The Frostnet authors

# They begin when the prompt is there: importing them takes a while.

from frostnet import runtime
from frostnet.timers import Timer
from micropython import const

_LATER = const(200000)  # µs after the network has been started

# What the settings are called, as the functions of `net`, and their usual ports.
_SERVICES = (("httpd", 80), ("telnetd", 23))


def boot(get):
    """Start, soon, what is set; `get(name)` is the text of a setting, or None."""
    for name, port in _SERVICES:
        text = get(name)
        if not text or text == "off":
            continue
        if text == "on":
            text = str(port)
        if not text.isdigit() or not 0 < int(text) < 65536:
            said = "settings: %s is on, off, or a port from 1 to 65535, not %s"
            print(said % (name, text))
            continue
        _later(name, int(text))


def _later(name, port):
    def start(_):
        import net

        try:
            getattr(net, name)(port=port)
        except Exception as e:
            print("%s: not started:" % name, e)

    rt = runtime.current()
    rt.lock()
    try:
        rt.stack.timers.set(Timer(lambda now: rt.defer(start)), rt.stack.now + _LATER)
    finally:
        rt.unlock()
