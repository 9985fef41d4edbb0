# Frostnet: a DHCP server's answers (RFC 2131 section 4.3)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from dhcpd.leases import BOUND, OFFERED, Leases, host_name
from frostnet.wire import dhcp, dhcp_reply, ethernet
from frostnet.wire.addr import BROADCAST

_OFFER = const(10000000)  # µs that an address waits for its client's REQUEST
_CHECKS = const(16)  # addresses about which neighbours are being asked
_PROBES = const(2)
_PROBE_WAIT = const(250000)  # µs for an answer to each
_WAITING = const(32)  # replies that nobody has fetched
_UDP_HEADERS = const(28)
_LEAST = const(576)  # bytes of a datagram that every client takes
_MTU = const(1500)

COUNTERS = (
    "offers",
    "acks",
    "naks",
    "informs",
    "declines",  # an address was in use by somebody else
    "releases",
    "in_use",  # somebody answered for an address that was about to be offered
    "exhausted",  # there was no address left
    "drop_malformed",
    "drop_relayed",  # relays (giaddr) are not served
    "drop_elsewhere",  # for another server
    "drop_unknown",  # asks for what we know nothing of: perhaps another server does
    "drop_invalid",  # a message that has not what its kind must have
)


class _Check:
    """The lease that a client may be offered once nobody has answered for its address."""

    def __init__(self, lease, asked, now):
        self.lease = lease
        self.asked = asked
        self.left = _PROBES - 1
        self.due = now + _PROBE_WAIT


class Server:
    """Answers clients as `config` says. With `check` neighbours are asked if one has an address
    that its client does not have already, before it is offered (section 3.1).
    """

    def __init__(self, config, check=True):
        self.config = config
        self.check = check
        self.leases = Leases(config, check)
        self.counters = dict.fromkeys(COUNTERS, 0)
        self.deadline = None
        self._checks = {}  # by address
        self._out = []
        self._handlers = {
            dhcp.DISCOVER: self._discover,
            dhcp.REQUEST: self._request,
            dhcp.DECLINE: self._decline,
            dhcp.RELEASE: self._release,
            dhcp.INFORM: self._inform,
        }

    def input(self, buf, off, end, now):
        """Take what a client says in buf[off:end]."""
        asked = dhcp_reply.parse(buf, off, end)
        handler = asked and self._handlers.get(asked.kind)
        if not handler or not ethernet.is_station(asked.mac):
            self._count("drop_malformed")
        elif asked.giaddr:
            self._count("drop_relayed")
        elif asked.options.get(dhcp.SERVER, self._own_id()) != self._own_id():
            self._elsewhere(asked, now)
        else:
            handler(asked, _key(asked), now)

    def output(self):
        """Return what is to be sent: (data, address, mac), or (None, address, None) if neighbours
        are to be asked who has the address; None if there is nothing.
        """
        return self._out.pop(0) if self._out else None

    def conflict(self, address, mac, now):
        """The station `mac` has `address`, about which neighbours were asked."""
        check = self._checks.get(address)
        if check is None or check.asked.mac == mac:
            return  # it is the client itself, from before
        del self._checks[address]
        self._count("in_use")
        self.leases.decline(check.lease, now)
        self._discover(check.asked, _key(check.asked), now)

    def tick(self, now):
        """Go on with what waited until `deadline`."""
        for address, check in list(self._checks.items()):
            if now < check.due:
                continue
            if check.left:
                check.left -= 1
                check.due = now + _PROBE_WAIT
                self._put(None, address, None)
            else:
                del self._checks[address]
                # Somebody may have been quicker
                if check.lease.key == _key(check.asked) and check.lease.state == OFFERED:
                    self._offer(check.asked, check.lease, now)
        self._set_deadline()

    def checking(self, address):
        """Whether neighbours are being asked about `address`."""
        return address in self._checks

    # Messages (section 4.3.1 to 4.3.5)

    def _discover(self, asked, key, now):
        wanted = asked.address(dhcp.REQUESTED)
        lease = self.leases.choose(key, asked.mac, wanted, now)
        if lease is None:
            self._count("exhausted")
            return
        address = lease.addr
        check = self._checks.get(address)
        if check is not None and check.lease.key == key:
            check.asked = asked  # the client is impatient
            return
        had = lease.state == BOUND and lease.until > now or lease.state == OFFERED
        self.leases.offer(lease, now + _OFFER)
        if had or not self.check or len(self._checks) >= _CHECKS:
            self._offer(asked, lease, now)
            return
        self._checks[address] = _Check(lease, asked, now)
        self._put(None, address, None)
        self._set_deadline()

    def _request(self, asked, key, now):
        address = asked.address(dhcp.REQUESTED)
        leases = self.leases
        lease = leases.find(key)
        if dhcp.SERVER in asked.options:  # SELECTING
            if asked.ciaddr or not address:
                self._count("drop_invalid")
                return
            self._grant(asked, leases.claim(key, asked.mac, address, now), now)
        elif asked.ciaddr:  # RENEWING, REBINDING
            address = asked.ciaddr
            if lease is None and not self.config.may_have(address, asked.mac):
                self._count("drop_unknown")
                return
            # Without a record it is from before we were started: the client is believed
            self._grant(asked, leases.claim(key, asked.mac, address, now), now)
        elif not address:
            self._count("drop_invalid")
        elif not self.config.on_network(address):  # INIT-REBOOT, from another network
            self._nak(asked)
        elif lease is None:
            self._count("drop_unknown")
        else:
            fits = lease.addr == address
            self._grant(asked, fits and leases.claim(key, asked.mac, address, now), now)

    def _decline(self, asked, key, now):
        lease = self.leases.find(key)
        if not self._is_ours(asked) or lease is None:
            self._count("drop_invalid")
        elif lease.addr != asked.address(dhcp.REQUESTED):
            self._count("drop_invalid")
        else:
            self._count("declines")
            self._checks.pop(lease.addr, None)
            self.leases.decline(lease, now)

    def _release(self, asked, key, now):
        lease = self.leases.find(key)
        if not self._is_ours(asked) or lease is None or lease.addr != asked.ciaddr:
            self._count("drop_invalid")
        else:
            self._count("releases")
            self.leases.free(lease, now)

    def _inform(self, asked, key, now):
        if not self.config.on_network(asked.ciaddr) or asked.ciaddr == self.config.server:
            self._count("drop_invalid")
            return
        self._count("informs")
        self._reply(asked, dhcp.ACK, 0, [])

    # The client has chosen another server (section 3.1 step 4).
    def _elsewhere(self, asked, now):
        self._count("drop_elsewhere")
        lease = self.leases.find(_key(asked))
        if asked.kind == dhcp.REQUEST and lease is not None and lease.state == OFFERED:
            self._checks.pop(lease.addr, None)
            self.leases.free(lease, now)

    # Replies

    def _offer(self, asked, lease, now):
        self._count("offers")
        self._reply(asked, dhcp.OFFER, lease.addr, self._times())

    def _grant(self, asked, lease, now):
        if not lease:
            self._nak(asked)
            return
        self._count("acks")
        self._checks.pop(lease.addr, None)
        name = host_name(asked.options.get(dhcp.HOSTNAME, b""))
        self.leases.bind(lease, name, now)
        self._reply(asked, dhcp.ACK, lease.addr, self._times())

    def _nak(self, asked):
        self._count("naks")
        options = [(dhcp.SERVER, self._own_id())] + _client_id(asked)
        data = dhcp_reply.build(asked, dhcp.NAK, 0, options, _LEAST - _UDP_HEADERS)
        self._put(data, BROADCAST, ethernet.BROADCAST)

    def _times(self):
        time = self.config.time
        seconds = ((dhcp.LEASE_TIME, time), (dhcp.T1, time // 2), (dhcp.T2, time * 7 // 8))
        return [(code, value.to_bytes(4, "big")) for code, value in seconds]

    def _reply(self, asked, kind, yiaddr, options):
        options = [(dhcp.SERVER, self._own_id())] + options + _client_id(asked)
        options.extend(self.config.wanted(asked.options.get(dhcp.WANTED, b"")))
        size = min(max(asked.number(dhcp.MAX_MESSAGE, 2) or 0, _LEAST), _MTU)
        data = dhcp_reply.build(asked, kind, yiaddr, options, size - _UDP_HEADERS)
        # Section 4.1: where the client can hear it
        if asked.ciaddr:
            self._put(data, asked.ciaddr, asked.mac)
        elif asked.flags & dhcp_reply.BROADCAST_FLAG:
            self._put(data, BROADCAST, ethernet.BROADCAST)
        else:
            self._put(data, yiaddr, asked.mac)

    def _put(self, data, address, mac):
        if len(self._out) < _WAITING:
            self._out.append((data, address, mac))

    def _set_deadline(self):
        checks = self._checks
        self.deadline = min([check.due for check in checks.values()]) if checks else None

    def _own_id(self):
        return self.config.server.to_bytes(4, "big")

    def _is_ours(self, asked):
        return dhcp.SERVER in asked.options

    def _count(self, name):
        self.counters[name] += 1


# Who a client is: what it calls itself, or its hardware address (section 4.2).
def _key(asked):
    chosen = asked.options.get(dhcp.CLIENT_ID, b"")
    return chosen if len(chosen) >= 2 else b"\x01" + asked.mac


# RFC 6842 §3: it is sent back.
def _client_id(asked):
    chosen = asked.options.get(dhcp.CLIENT_ID)
    return [(dhcp.CLIENT_ID, chosen)] if chosen and len(chosen) <= 255 else []
