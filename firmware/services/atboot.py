# Frostnet: services that settings ask for
# MIT license; Copyright (c) 2026 The Frostnet authors

# They begin when the prompt is there: importing them takes a while. A setting is "on", "off", or
# what the function of `net` with that name is given, with commas between: "eth1,lease=600".

from frostnet import runtime
from frostnet.timers import Timer
from micropython import const
from services import image, lookup

_LATER = const(200000)  # µs after the network has been started
_AGAIN = const(500000)  # µs until the next look for an address

# What may be said without its name, and what with it. All of inetd's are names of services.
_ARGUMENTS = {
    "httpd": ("port", "root", "dashboard", "listing", "max_body"),
    "telnetd": ("port", "idle"),
    "tftpd": ("root", "port", "write"),
    "inetd": None,
    "syslog": ("host", "port", "tcp", "app", "facility", "console"),
    "dhcpd": ("name", "first", "last", "lease", "router", "dns", "domain", "check"),
    "dnsd": ("name", "servers", "port"),
    "ntp": ("server", "every"),
}

_EVERY = const(3600)  # s between two looks at the clock


def boot(get):
    """Start, soon, what is set; `get(name)` is the text of a setting, or None."""
    for name in _ARGUMENTS:
        text = get(name)
        if not text or text == "off":
            continue
        try:
            args, kwargs = arguments(name, text)
        except ValueError as e:
            print("settings: %s=%s:" % (name, text), e)
            continue
        _Start(name, args, kwargs)


def arguments(name, text):
    """(list, dict) for the function `name` of net; ValueError, a sentence, if they cannot be."""
    known = _ARGUMENTS[name]
    kwargs = {"every": _EVERY} if name == "ntp" else {}
    words = [] if text == "on" else [word.strip() for word in text.split(",")]
    if known is None:
        return words, kwargs
    for i, word in enumerate(words):
        key, equals, value = word.partition("=")
        if not equals:
            if i:
                raise ValueError("name what %s is, as in %s=%s" % (word, known[1], word))
            key, value = known[0], word
        if key not in known:
            raise ValueError("it has no %s: there are %s" % (key, ", ".join(known)))
        kwargs[key] = _value(key, value)
    return [], kwargs


def _value(key, text):
    if key == "port" and not (text.isdigit() and 0 < int(text) < 65536):
        raise ValueError("it is on, off, or a port from 1 to 65535")
    if text in ("on", "off"):
        return text == "on"
    if "+" in text:
        return text.split("+")
    return int(text) if text.isdigit() else text


class _Start:
    """Calls a function of net when it does not have to wait for anything."""

    def __init__(self, name, args, kwargs):
        self._name = name
        self._args = args
        self._kwargs = kwargs
        self._rt = runtime.current()
        self._timer = Timer(lambda now: self._rt.defer(self._start))
        self._wait(_LATER)

    def _wait(self, us):
        rt = self._rt
        rt.lock()
        try:
            rt.stack.timers.set(self._timer, rt.stack.now + us)
        finally:
            rt.unlock()

    # A scheduled callback. A syslog server is found first: whoever waits here holds up the prompt.
    def _start(self, _):
        if self._name != "syslog":
            self._call()
        elif not any(iface.addr for iface in self._rt.stack.ifaces):
            self._wait(_AGAIN)
        else:
            lookup.look_up(self._rt, self._kwargs.get("host", ""), self._found)

    def _found(self, addresses):
        if addresses:
            self._kwargs["host"] = addresses[0]
            self._call()
        else:
            text = "syslog: not started: unknown host %s: check the setting"
            print(text % self._kwargs.get("host", ""))

    def _call(self):
        try:
            with image.Imports():
                import net

                getattr(net, self._name)(*self._args, **self._kwargs)
        except Exception as e:
            print("%s: not started:" % self._name, e)
