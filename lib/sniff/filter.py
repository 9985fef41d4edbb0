# Frostnet: filters in simple words, as tcpdump has them
# MIT license; Copyright (c) 2026 The Frostnet authors

#     filter    = factor { ("and" | "or") factor }      from left to right, neither binds tighter
#     factor    = "not" factor | "(" filter ")" | primitive
#     primitive = [proto] [dir] [type] value | proto | "broadcast" | "multicast"
#     proto     = "ip" | "ip6" | "arp" | "icmp" | "igmp" | "tcp" | "udp"
#     dir       = "src" | "dst"         type = "host" | "port" | "net"
#
# A value alone is as the one before it: "port 80 or 443". Without a type it is a host's address.

from micropython import const

from frostnet.wire import addr

_DEPTH = const(32)  # of parentheses and "not"s within each other
_WORDS = const(256)

_IP = const(0x0800)
_ARP = const(0x0806)
_IPV6 = const(0x86DD)

_KINDS = {"ip": _IP, "arp": _ARP, "ip6": _IPV6}
_PROTOS = {"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17}
_DIRECTIONS = ("src", "dst")
_TYPES = ("host", "port", "net")
_SIGNS = {"&&": "and", "||": "or", "!": "not"}
_OTHERS = ("and", "or", "not", "(", ")", "broadcast", "multicast")


class FilterError(ValueError):
    """A filter that makes no sense; the text is a sentence that points at the word."""


def parse(text):
    """Return fn(fields), which says whether a frame, a `fields.Fields`, passes the filter.

    Without a word in it everything passes. FilterError.
    """
    words = text.replace("(", " ( ").replace(")", " ) ").replace("!", " ! ").lower().split()
    if not words:
        return _everything
    if len(words) > _WORDS:
        raise FilterError("the filter has more than %d words: make it shorter" % _WORDS)
    return _Parser([_SIGNS.get(word, word) for word in words]).run()


def _everything(f):
    return True


class _Parser:
    def __init__(self, words):
        self._words = words
        self._at = 0
        self._depth = 0
        self._before = ("", "", "")  # proto, dir and type of the primitive before, "" if none

    def run(self):
        test = self._filter()
        if self._at < len(self._words):
            if self._words[self._at] == ")":
                raise self._error("closes nothing: remove it, or open one before")
            raise self._error('is not joined to what is before it: write "and" or "or" between')
        return test

    # The sentence about word `at`, the current one if not given, as it stands in the filter.
    def _error(self, what, at=None):
        at = self._at if at is None else at
        words = self._words
        if at >= len(words):
            return FilterError('the filter ends after "%s": %s' % (words[-1], what))
        marked = [">>%s<<" % w if i == at else w for i, w in enumerate(words)]
        return FilterError('in the filter "%s" the word %s' % (" ".join(marked), what))

    def _word(self):
        return self._words[self._at] if self._at < len(self._words) else ""

    def _take(self, words):
        word = self._word()
        if word and word in words:
            self._at += 1
            return word
        return ""

    def _filter(self):
        left = self._factor()
        while True:
            word = self._take(("and", "or"))
            if not word:
                return left
            left = (_both if word == "and" else _either)(left, self._factor())

    def _factor(self):
        self._depth += 1
        if self._depth > _DEPTH:
            raise self._error("is too deep in parentheses: make the filter simpler")
        if self._take(("not",)):
            test = _neither(self._factor())
        elif self._word() == "(":
            opened = self._at
            self._at += 1
            test = self._filter()
            if not self._take((")",)):
                raise self._error("is never closed: write ) behind", opened)
        else:
            test = self._primitive()
        self._depth -= 1
        return test

    def _primitive(self):
        if self._take(("broadcast",)):
            return _is_broadcast
        if self._take(("multicast",)):
            return _is_group
        proto = self._take(_KINDS) or self._take(_PROTOS)
        direction = self._take(_DIRECTIONS)
        kind = self._take(_TYPES)
        if proto and not direction and not kind and not self._is_value():
            self._before = ("", "", "")
            return _of(proto)
        if not proto and not direction and not kind:
            if not self._is_value():
                wanted = "a condition must stand here: such as host 10.0.2.2, tcp port 80 or arp"
                if self._word():
                    wanted = "is no condition: write such as host 10.0.2.2, tcp port 80 or arp"
                raise self._error(wanted)
            proto, direction, kind = self._before
        kind = kind or "host"
        self._before = (proto, direction, kind)
        test = self._value(kind, direction, proto)
        return _both(_of(proto), test) if proto else test

    # Whether the word looks like a value: what begins with a digit is nothing else.
    def _is_value(self):
        return self._word()[:1].isdigit()

    def _value(self, kind, direction, proto):
        word = self._word()
        if not word or word in _OTHERS:
            wanted = {"host": "an address such as 10.0.2.2", "net": "a network such as 10.0.0.0/8"}
            wanted = wanted.get(kind, "a port such as 80")
            if word:
                raise self._error("stands where %s must stand" % wanted)
            raise self._error("%s must follow" % wanted)
        if kind == "port":
            test = self._port(word, direction, proto)
        else:
            test = self._address(word, kind, direction)
        self._at += 1
        return test

    def _port(self, word, direction, proto):
        if proto and proto not in ("tcp", "udp", "ip"):
            raise self._error("is of no use: %s has no ports" % proto)
        if not word.isdigit() or len(word) > 5 or int(word) > 0xFFFF:
            raise self._error("is no port: write a number from 0 to 65535")
        return _port(int(word), direction)

    def _address(self, word, kind, direction):
        try:
            if kind == "host":
                return _net(addr.parse(word), 0xFFFFFFFF, direction)
            network, length = addr.parse_prefix(word, 32)
        except ValueError:
            if kind == "host":
                raise self._error("is no address: write one such as 10.0.2.2")
            raise self._error("is no network: write one such as 10.0.0.0/8")
        mask = addr.netmask(length)
        if network & ~mask:
            text = "is no network, as it has bits behind its prefix: write %s/%d"
            raise self._error(text % (addr.text(network & mask), length))
        return _net(network, mask, direction)


def _both(a, b):
    return lambda f: a(f) and b(f)


def _either(a, b):
    return lambda f: a(f) or b(f)


def _neither(a):
    return lambda f: not a(f)


def _is_broadcast(f):
    return f.everybody


def _is_group(f):
    return f.group and not f.everybody


def _of(word):
    if word in _KINDS:
        kind = _KINDS[word]
        return lambda f: f.kind == kind
    proto = _PROTOS[word]
    return lambda f: f.proto == proto


def _port(port, direction):
    if direction == "src":
        return lambda f: f.sport == port
    if direction == "dst":
        return lambda f: f.dport == port
    return lambda f: f.sport == port or f.dport == port


def _net(network, mask, direction):
    # -1, no address, has all bits of any mask.
    if direction == "src":
        return lambda f: f.src >= 0 and f.src & mask == network
    if direction == "dst":
        return lambda f: f.dst >= 0 and f.dst & mask == network
    return lambda f: f.src >= 0 and (f.src & mask == network or f.dst & mask == network)
