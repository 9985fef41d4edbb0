# Frostnet: multicast groups that an interface listens to
# MIT license; Copyright (c) 2026 The Frostnet authors

# The host's part of IGMP: RFC 3376, with RFC 2236 and RFC 1112 for older queriers (§7 there).
# Groups are joined for any source, so the state of one is EXCLUDE {} or nothing.

from micropython import const

from frostnet.errnos import EADDRNOTAVAIL, ENOBUFS
from frostnet.timers import Timer
from frostnet.wire import igmp

_GROUPS = const(32)  # of one interface
_SOURCES = const(64)  # that one answer speaks of; more of them count as all

# RFC 3376 §8.
_ROBUSTNESS = const(2)
_QUERY_INTERVAL = const(125_000_000)
_QUERY_RESPONSE = const(10_000_000)
_UNSOLICITED_V3 = const(1_000_000)
_UNSOLICITED_V2 = const(10_000_000)

_ALL_HOSTS = const(0xE0000001)  # everybody is in it, and it is never reported


class _Membership:
    def __init__(self, fn):
        self.users = 0
        self.timer = Timer(fn)  # of the answer to a query about this group
        self.sources = None  # that the query asks about
        self.last = False  # nobody reported the group after us (versions 1 and 2)


class Groups:
    """The groups of one interface; `igmp` sends for it."""

    def __init__(self, igmp, iface):
        self._igmp = igmp
        self._iface = iface
        self._stack = iface.stack
        self._table = {}  # group: _Membership
        self._changes = {}  # group: how often its joining or leaving is still to be reported
        self._change_timer = Timer(self._repeat_changes)
        self._general_timer = Timer(self._answer_general)
        self._v1_until = 0  # a querier of version 1 was heard not long ago
        self._v2_until = 0
        self._robustness = _ROBUSTNESS
        self._query_interval = _QUERY_INTERVAL
        iface.on_link.append(self._link_changed)

    def __contains__(self, group):
        return group in self._table

    def __iter__(self):
        return iter(self._table)

    def join(self, group):
        """One more wants `group`; True if it is new. OSError(ENOBUFS) if there are too many."""
        m = self._table.get(group)
        if m is None:
            if len(self._table) >= _GROUPS:
                raise OSError(ENOBUFS)
            self._table[group] = m = _Membership(lambda now: self._answer(group))
            self._change(group)
        m.users += 1
        return m.users == 1

    def leave(self, group):
        """One less wants `group`; True if nobody does. OSError(EADDRNOTAVAIL): nobody did."""
        m = self._table.get(group)
        if m is None:
            raise OSError(EADDRNOTAVAIL)
        m.users -= 1
        if m.users:
            return False
        del self._table[group]
        m.timer.due = None
        if self.version() == 3 or m.last:
            self._change(group)
        else:
            self._changes.pop(group, None)
        return True

    def version(self):
        """Return the version of IGMP that is spoken: the oldest that was heard."""
        now = self._stack.now
        if now < self._v1_until:
            return 1
        return 2 if now < self._v2_until else 3

    def restart(self):
        """Report everything again: the interface, its address or the network changed."""
        self._changes.clear()
        for group in self._table:
            self._change(group)

    def query(self, version, response, group, robustness, interval, sources):
        """A router asks, in `version`, who is in `group` (0: in any) and wants to know within
        `response` µs.
        """
        stack = self._stack
        now = stack.now
        before = self.version()
        # RFC 3376 §8.12
        older = now + self._robustness * self._query_interval + _QUERY_RESPONSE
        if version == 1:
            self._v1_until = older
        elif version == 2:
            self._v2_until = older
        else:
            self._robustness = min(robustness, 7) or _ROBUSTNESS
            self._query_interval = interval * 1_000_000 or _QUERY_INTERVAL
        if self.version() != before:
            self._cancel()
        when = now + stack.rand(28) % (response or 1)
        general = self._general_timer
        if general.due is not None and general.due <= when:
            return  # RFC 3376 §5.2 rule 1: that answer says it all
        if group:
            if group in self._table:
                self._ask(self._table[group], when, sources)
        elif self.version() == 3:
            stack.timers.set(general, when)
        else:
            for m in self._table.values():
                # Each has a time of its own, for others may answer first.
                self._ask(m, now + stack.rand(28) % (response or 1), None)

    def heard_report(self, group):
        """Another host is in `group` too: routers need to hear of one only (RFC 2236 §3)."""
        m = self._table.get(group)
        if m is not None and self.version() < 3:
            m.timer.due = None
            m.last = False

    # Answers about one group at time `when`, or sooner if an answer is due already; those about
    # all sources and about some become one (RFC 3376 §5.2 rules 4 and 5).
    def _ask(self, m, when, sources):
        due = m.timer.due
        if due is None:
            m.sources = sources
        elif m.sources is None or sources is None:
            m.sources = None
        else:
            merged = set(m.sources + sources)
            m.sources = list(merged) if len(merged) <= _SOURCES else None
        if due is None or when < due:
            self._stack.timers.set(m.timer, when)

    # Reports the new state of a group, and as often again as packets may be lost (§5.1).
    def _change(self, group):
        version = self.version()
        leaving = group not in self._table
        if group == _ALL_HOSTS or (version == 1 and leaving):
            return
        self._report_change(group)
        left = 0 if version == 2 and leaving else self._robustness - 1
        if left:
            self._changes[group] = left
            if self._change_timer.due is None:
                self._set_change_timer()
        else:
            self._changes.pop(group, None)

    def _repeat_changes(self, now):
        changes = self._changes
        for group in list(changes):
            self._report_change(group)
            changes[group] -= 1
            if not changes[group]:
                del changes[group]
        if changes:
            self._set_change_timer()

    def _set_change_timer(self):
        stack = self._stack
        most = _UNSOLICITED_V3 if self.version() == 3 else _UNSOLICITED_V2
        stack.timers.set(self._change_timer, stack.now + stack.rand(28) % most)

    def _report_change(self, group):
        m = self._table.get(group)
        if self.version() == 3:
            kind = igmp.TO_INCLUDE if m is None else igmp.TO_EXCLUDE
            self._igmp.report(self._iface, ((kind, group, None),))
        elif m is None:
            self._igmp.send(self._iface, igmp.ALL_ROUTERS, igmp.simple(igmp.LEAVE, group))
        else:
            self._report_old(group, m)

    def _report_old(self, group, m):
        kind = igmp.V1_REPORT if self.version() == 1 else igmp.V2_REPORT
        self._igmp.send(self._iface, group, igmp.simple(kind, group))
        m.last = True

    def _answer(self, group):
        m = self._table[group]
        if group == _ALL_HOSTS:
            return
        if self.version() < 3:
            self._report_old(group, m)
        else:
            kind = igmp.IS_INCLUDE if m.sources else igmp.IS_EXCLUDE
            self._igmp.report(self._iface, ((kind, group, m.sources),))

    def _answer_general(self, now):
        records = [(igmp.IS_EXCLUDE, g, None) for g in self._table if g != _ALL_HOSTS]
        n = igmp.records_for(self._iface.mtu)
        for i in range(0, len(records), n):
            self._igmp.report(self._iface, records[i : i + n])

    # The version changed: what was to be sent is not for this querier (RFC 3376 §7.2.1).
    def _cancel(self):
        self._changes.clear()
        self._change_timer.due = self._general_timer.due = None
        for m in self._table.values():
            m.timer.due = None

    def _link_changed(self, carrier):
        if carrier:
            self.restart()
