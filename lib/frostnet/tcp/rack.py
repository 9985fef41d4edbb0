# Frostnet: loss detection by time
# MIT license; Copyright (c) 2026 The Frostnet authors

# RACK, RFC 8985 §6: what was sent before something that has arrived, by more than the reordering
# window, is lost. That includes what was sent again and got lost once more. Without reordering
# the window is nothing once three segments were SACKed, the DupThresh of RFC 6675.

from micropython import const

from frostnet.tcp.flight import LOST, RESENT, SACKED, TIME

NEVER = const(1 << 61)
_PERSIST = const(16)  # recoveries for which a larger reordering window is kept, §6.2 step 4
_MASK = const(0xFFFFFFFF)
_HALF = const(0x80000000)


class Rack:
    """What a connection knows of the newest segment that arrived, and of reordering."""

    sent = 0  # RACK.xmit_ts: when the newest that arrived was sent
    end = 0  # RACK.end_seq
    rtt = 0
    fack = 0  # highest number that arrived, before this ACK
    reordering = False
    mult = 1  # of a quarter of the least round trip
    _persist = 0
    _round = 0  # snd_max when the window grew
    _high = 0

    def __init__(self):
        self._now = 0
        self._min_rtt = 0
        self._echo = -1  # time that the ACK's timestamp echoes, in ms

    def begin(self, now, min_rtt, echo):
        """An ACK came; `echo`: our TSval that it returns as a time in ms, -1 if there is none."""
        self._now = now
        self._min_rtt = min_rtt
        self._echo = echo

    def see(self, end, stamp):
        """Something up to `end` arrived that was sent as `stamp` says: §6.2 steps 2 and 3."""
        sent = stamp >> TIME
        if end > self._high:
            self._high = end
        if not stamp & RESENT and end <= self.fack:
            self.reordering = True
        if not sent:
            return
        rtt = self._now - sent
        if stamp & RESENT and (
            rtt < self._min_rtt or (self._echo >= 0 and self._echo < sent // 1000)
        ):
            return  # the original arrived
        self.rtt = rtt
        if sent > self.sent or (sent == self.sent and end > self.end):
            self.sent = sent
            self.end = end

    def finish(self):
        """All that the ACK said was seen."""
        if self._high > self.fack:
            self.fack = self._high

    def spurious(self, una, snd_max):
        """A D-SACK came: be more patient, §6.2 step 4; once per round trip."""
        if una >= self._round:
            self._round = snd_max
            self.mult += 1
            self._persist = _PERSIST

    def recovered(self):
        """A recovery ended."""
        if self._persist:
            self._persist -= 1
            if not self._persist:
                self.mult = 1

    def window(self, eager, srtt):
        """Return the reordering window in µs; `eager`: in recovery, or enough was SACKed."""
        if not self.reordering and eager:
            return 0
        wnd = self.mult * self._min_rtt >> 2
        return wnd if wnd < srtt else srtt

    def detect(self, flight, wnd, now):
        """Mark in `flight` what is lost, §6.2 step 5.

        Returns the time when more may be lost (the reordering timer), or NEVER.
        """
        starts = flight.starts
        stamps = flight.stamps
        limit = self.rtt + wnd
        due = NEVER
        first = -1
        last = 0
        for i in range(len(stamps)):
            stamp = stamps[i]
            if stamp & SACKED or stamp & (LOST | RESENT) == LOST:
                continue
            sent = stamp >> TIME
            if sent > self.sent or (sent == self.sent and flight.end_of(i) > self.end):
                continue
            when = sent + limit
            if when <= now:
                flight.lose(i)
                if first < 0:
                    first = i
                last = i
            elif when < due:
                due = when
        if first >= 0 and len(starts) > 1:
            flight.join(first or 1, last + 1)
        return due
