# Frostnet: how one interface is to be configured
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import addr

KEYS = ("ip", "gw", "metric", "mtu")


class Plan:
    """Settings of the interface called `name`, as texts.

    `ip` is "address/prefix", "dhcp" (which goes without saying) or "off", `gw` the gateway,
    `metric` what its routes cost (the first card has 0, the next 100), `mtu` what it sends at
    most. ValueError, which names the setting, for what is none.
    """

    def __init__(self, name, ip="dhcp", gw=None, metric=None, mtu=None):
        self._of = "" if name == "eth0" else name + "."  # as settings.py has it
        self.dhcp = ip == "dhcp"
        self.gateway = self.metric = self.mtu = None
        self.address = None
        if ip not in ("dhcp", "off"):
            self.address = self._read("ip", ip, _address)
        if gw:
            self.gateway = self._read("gw", gw, addr.parse)
        if metric:
            self.metric = self._read("metric", metric, _count)
        if mtu:
            self.mtu = self._read("mtu", mtu, _count)

    def apply(self, rt, iface, inform):
        """Configure `iface`; with `inform` name servers are asked for, for a fixed address.

        Returns sentences about what cannot be; the rest is done.
        """
        problems = []
        if self.metric is not None:
            iface.set_metric(self.metric)
        if self.mtu is not None:
            try:
                iface.set_mtu(self.mtu)
            except ValueError as e:
                problems.append("%smtu=%d: %s" % (self._of, self.mtu, e))
        if self.dhcp:
            rt.dhcp[iface].start(rt.stack.now)
        elif self.address:
            try:
                iface.set_address(*self.address)
                if inform:
                    rt.dhcp[iface].inform(rt.stack.now)
            except ValueError as e:
                problems.append("%sip=%s: %s" % (self._of, addr.text(self.address[0]), e))
        if self.gateway:
            try:
                rt.stack.ip.routes.set_default(iface, self.gateway)
            except OSError:
                text = "%sgw=%s: the gateway must be in the network of an address set by ip="
                problems.append(text % (self._of, addr.text(self.gateway)))
        return problems

    def _read(self, key, value, parse):
        try:
            return parse(value)
        except ValueError as e:
            raise ValueError("%s%s=%s: %s" % (self._of, key, value, e))


def plans(first, cards):
    """Return {name: Plan} for the settings `first` of eth0 and `cards`, {name: settings}.

    Settings are dictionaries with KEYS. ValueError for one that is not known or not valid.
    """
    made = {}
    for name, settings in cards.items():
        merged = dict(first) if name == "eth0" else {}
        merged.update(settings)
        for key in merged:
            if key not in KEYS:
                raise ValueError("%s.%s: a card has %s" % (name, key, ", ".join(KEYS)))
        made[name] = Plan(name, **merged)
    if "eth0" not in made:
        made["eth0"] = Plan("eth0", **first)
    return made


def _address(text):
    return addr.parse_prefix(text, 24)


def _count(text):
    value = int(text)
    if not 0 <= value <= 65535:
        raise ValueError("must be 0 to 65535")
    return value
