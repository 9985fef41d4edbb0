# Frostnet: net.tcpdump
# MIT license; Copyright (c) 2026 The Frostnet authors

# The tap, inside the stack, only copies frames into slots; they are told of, or written, in the
# foreground, while the network goes on.

from micropython import const

from frostnet.ip import unloaded
from frostnet.link import tap
from net._capture import open_sink
from net._check import check_seconds, check_text, check_whole
from net._clock import epoch
from net._error import EINVAL, ENOBUFS, ENOMEM, NetError
from net._host import interface, network
from sniff.fields import Fields
from sniff.filter import FilterError, parse
from sniff.slots import SLOTS, Slots

_SNAPLEN = const(262144)  # more than any frame has
_MIN_SNAPLEN = const(14)
_ENDLESS = const(1000000000)


def tcpdump(
    filter=None,
    *,
    iface=None,
    file=None,
    count=None,
    seconds=None,
    snaplen=_SNAPLEN,
    background=False,
):
    """See net.tcpdump; NetError for a filter that makes no sense, or a file that cannot be."""
    check_whole("snaplen", snaplen, _MIN_SNAPLEN, _SNAPLEN)
    if count is not None:
        check_whole("count", count, 1, _ENDLESS)
    check_seconds("seconds", seconds, never=True)
    if file is not None and not hasattr(file, "write"):
        check_text("file", file, "/a.pcapng")
    if filter is not None and not isinstance(filter, str):
        raise NetError(EINVAL, 'filter is a text such as "host 10.0.2.2 and tcp port 80"')
    try:
        test = parse(filter or "")
    except FilterError as e:
        raise NetError(EINVAL, str(e))
    rt = network()
    ifaces = _interfaces(rt, iface)
    try:
        slots = Slots(snaplen)
    except MemoryError:
        raise NetError(ENOMEM, "there is not enough memory: free some with gc.collect()")
    sink = open_sink(rt, file, ifaces, snaplen)
    if background:
        from net._tcpdump_background import Background

        return Background(rt, ifaces, slots, test, sink, count, snaplen).begin(seconds)
    try:
        capture = Capture(rt, ifaces, slots, test, sink, count, snaplen)
        capture.run(seconds)
        capture.finish()
    finally:
        sink.close()
    return capture.captured


def _interfaces(rt, name):
    stack = rt.stack
    if name is None:
        return stack.ifaces[:1] or [stack.lo]
    if name == "any":
        return stack.ifaces + [stack.lo]
    return [interface(rt, name)]


class _Watch:
    """The tap of one interface, the one numbered `index`."""

    def __init__(self, slots, index, owns=None, wake=None):
        self._put = slots.put
        self._owns = owns
        self._wake = wake
        self._kind = index << 1

    def tap(self, frame, n, out, now, offload):
        if n > 0 and (self._owns is None or not self._owns(frame, n)):
            self._put(frame, n, self._kind | (1 if out else 0), now, offload)
            if self._wake is not None:
                self._wake(now)


class Capture:
    """One run of tcpdump; `captured` frames passed the filter."""

    def __init__(self, rt, ifaces, slots, test, sink, count, snaplen):
        self.captured = 0
        self._rt = rt
        self._ifaces = ifaces
        self._slots = slots
        self._test = test
        self._sink = sink
        self._watches = []  # (Iface, function) of each tap
        self._count = count
        self._snaplen = snaplen
        self._fields = Fields()
        self._done = (0, 0, sink.end)  # frames worked off, captured, and where the sink was then
        self._epoch = epoch(rt)

    def time(self, now):
        """Return the wall clock's time, in µs since 1970, at the time `now`."""
        return self._epoch + now

    def run(self, seconds):
        """Capture until there are enough, the time is over, or Ctrl-C."""
        rt = self._rt
        until = None if seconds is None else rt.clock() + int(seconds * 1000000)
        try:
            self._attach()
            self._begins("Ctrl-C")  # from here on that is no error
            while self._more(until):
                self._drain()
        except KeyboardInterrupt:
            print("^C")
            self._undo()
        finally:
            self._detach()
        self._drain_rest()

    def finish(self, complete=True, tell=True):
        """Complete what was written, and say how much it was."""
        slots = self._slots
        if complete:
            self._sink.finish(self.time(self._rt.clock()), slots)
        if tell:
            print(
                "%d frames captured, %d seen, %d dropped by the capture"
                % (self.captured, slots.seen, slots.dropped)
            )

    def _begins(self, end):
        names = ", ".join([iface.name for iface in self._ifaces])
        to = "writing to %s, " % self._sink.name if self._sink.name else ""
        print("listening on %s, %s%s ends" % (names, to, end))

    # `wake(now)`, if given, is called inside the stack for each frame that was put.
    def _attach(self, wake=None):
        self._rt.lock()
        try:
            for i, iface in enumerate(self._ifaces):
                fn = _Watch(self._slots, i, self._sink.owns, wake).tap
                tap.attach(iface, fn)
                self._watches.append((iface, fn))
        except OSError:
            raise NetError(ENOBUFS, "too many watch this interface: end one of them")
        finally:
            self._rt.unlock()

    def _detach(self):
        self._rt.lock()
        for iface, fn in self._watches:
            tap.detach(iface, fn)
        self._watches.clear()
        self._rt.unlock()

    # What came before the end is worth its place in a file.
    def _drain_rest(self):
        if self._sink.keeps and not self._sink.over():
            self._drain()

    # Wait for frames; False at the end.
    def _more(self, until):
        if self.captured == self._count:
            return False
        rt = self._rt
        rt.lock()
        try:
            while not self._slots.waiting():
                if self._sink.over():
                    return False
                if until is not None and rt.clock() >= until:
                    return False
                rt.wait(until)
            # Under a flood there is always something: the end comes nevertheless.
            return (until is None or rt.clock() < until) and not self._sink.over()
        finally:
            rt.unlock()

    # Work off what waits now, `most` frames of it, as long as the sink takes them at once if it
    # must be `ready`.
    def _drain(self, most=SLOTS, ready=False):
        slots = self._slots
        for _ in range(min(slots.waiting(), most)):
            if self.captured == self._count or (ready and not self._sink.ready()):
                return
            view, size, kind, now, offload = slots.oldest()
            if len(view) < size:
                self._frame(view, size, kind, now)
            else:
                for piece in unloaded.frames(view, size, offload):
                    if self.captured != self._count:
                        self._frame(piece, len(piece), kind, now)
            # What Ctrl-C breaks off is begun anew from here: one assignment, one moment.
            self._done = (slots.taken + 1, self.captured, self._sink.end)
            slots.taken = self._done[0]

    # Take back what Ctrl-C left half done.
    def _undo(self):
        self._slots.taken, self.captured, end = self._done
        self._sink.rewind(end)

    def _frame(self, view, size, kind, now):
        self._fields.load(view, len(view))
        if self._test(self._fields):
            self._sink.frame(kind >> 1, kind & 1, self.time(now), view[: self._snaplen], size)
            self.captured += 1
