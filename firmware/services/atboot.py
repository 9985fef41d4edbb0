# Frostnet: services that settings ask for
# MIT license; Copyright (c) 2026 The Frostnet authors

# They begin when the prompt is there: importing them takes a while.

from frostnet import runtime
from frostnet.timers import Timer
from micropython import const

_LATER = const(200000)  # µs after the network has been started


def boot(get):
    """Start, soon, what is set; `get(name)` is the text of a setting, or None."""
    text = get("httpd")
    if text == "off":
        return
    if text == "on":
        text = "80"
    if not text.isdigit() or not 0 < int(text) < 65536:
        print("settings: httpd is on, off, or a port from 1 to 65535, not %s" % text)
        return
    port = int(text)

    def start(_):
        import net

        try:
            net.httpd(port=port)
        except Exception as e:
            print("httpd: not started:", e)

    rt = runtime.current()
    rt.lock()
    try:
        rt.stack.timers.set(Timer(lambda now: rt.defer(start)), rt.stack.now + _LATER)
    finally:
        rt.unlock()
