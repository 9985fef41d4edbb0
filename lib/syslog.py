# Frostnet: messages for syslog servers (RFC 5424, RFC 6587)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

# Severities (RFC 5424 §6.2.1).
EMERGENCY, ALERT, CRITICAL, ERROR = const(0), const(1), const(2), const(3)
WARNING, NOTICE, INFO, DEBUG = const(4), const(5), const(6), const(7)

# Some facilities.
KERNEL, USER, DAEMON = const(0), const(1), const(3)
LOCAL0 = const(16)  # to LOCAL0 + 7

LONGEST = const(2048)  # bytes that every receiver should take (RFC 5424 §6.1)
_NIL = "-"
_BOM = b"\xef\xbb\xbf"

# The most characters of each field (§6).
_HOSTNAME, _APP_NAME, _PROCID, _MSGID, _SD_NAME = (
    const(255), const(48), const(128), const(32), const(32)
)  # fmt: skip


class Formatter:
    """Makes messages of the program `app` on `hostname`, of one `facility`."""

    def __init__(self, hostname, app, facility=USER, procid=None):
        if not 0 <= facility <= 23:
            raise ValueError("a facility is 0 to 23")
        self._facility = facility
        self._names = "%s %s %s" % (
            _field(hostname, _HOSTNAME),
            _field(app, _APP_NAME),
            _field(procid, _PROCID),
        )

    def message(self, severity, text, when=None, us=0, msgid=None, data=None, most=LONGEST):
        """Return a message as bytes, of which there are at most `most`.

        `when` is what time.gmtime() returned, None while the clock is not set, and `us` the
        microseconds. `data` is structured: {"id@number": {name: value}}. What is too long loses
        the end of its text; ValueError if the rest is too long, or a name is none.
        """
        if not 0 <= severity <= 7:
            raise ValueError("a severity is 0 (emergency) to 7 (debug)")
        head = "<%d>1 %s %s %s %s" % (
            self._facility << 3 | severity,
            _timestamp(when, us),
            self._names,
            _field(msgid, _MSGID),
            _structured(data),
        )
        head = head.encode()
        if len(head) > most:
            raise ValueError("the structured data take more than %d bytes" % most)
        raw, mark = _encode(text)
        room = most - len(head) - len(mark)
        if not raw or room <= 0:
            return head
        return head + mark + _cut(raw, room)


def frame(message):
    """A message for TCP: counted in octets (RFC 6587 §3.4.1)."""
    return b"%d " % len(message) + message


# PRINTUSASCII without spaces; "-" for nothing.
def _field(value, most):
    if value is None:
        return _NIL
    text = "".join([c if 33 <= ord(c) <= 126 else "?" for c in str(value)])
    return text[:most] or _NIL


# §6.2.3, in UTC.
def _timestamp(when, us):
    if when is None:
        return _NIL
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ" % (tuple(when[:6]) + (us,))


# §6.3.
def _structured(data):
    if not data:
        return _NIL
    out = []
    for name in data:
        out.append("[" + _name(name))
        values = data[name]
        for param in values:
            value = str(values[param])
            for c in '\\"]':
                value = value.replace(c, "\\" + c)
            out.append(' %s="%s"' % (_name(param), value))
        out.append("]")
    return "".join(out)


def _name(text):
    if not 0 < len(text) <= _SD_NAME or _field(text, _SD_NAME) != text:
        raise ValueError("no name for structured data: %r" % text)
    for c in '=]"':
        if c in text:
            raise ValueError("no name for structured data: %r" % text)
    return text


# A text as bytes, and what goes before it: a mark says that it is UTF-8 (§6.4). ASCII needs none,
# and old receivers would show it.
def _encode(text):
    if isinstance(text, str):
        raw = text.encode()
    else:
        raw = bytes(text)
        try:
            text = raw.decode()
        except UnicodeError:
            return raw, b" "
    return raw, b" " if len(raw) == len(text) else b" " + _BOM


# Not in the middle of a character: its other bytes are 10xxxxxx.
def _cut(text, most):
    if len(text) <= most:
        return text
    while most > 0 and text[most] & 0xC0 == 0x80:
        most -= 1
    return text[:most]
