# Frostnet: MicroPython's select module, at a cost that does not grow with idle sockets
# MIT license; Copyright (c) 2026 The Frostnet authors

# The poller in C asks every object in every round. That is right for a few; of many connections,
# as asyncio has them, most are idle, and each is asked again for nothing. So sockets that wait for
# input leave a Note with their connection instead, beyond the first few, and are asked when it
# has been called. One more object in the C poller, the bell, is readable when a note is there.

import io

from _port import ticks_us
from frostnet import runtime
from frostnet.sockets.note import Note
from micropython import const
from uselect import POLLERR, POLLHUP, POLLIN, POLLOUT, select
from uselect import poll as _poll

_FEW = const(8)  # objects that the C poller asks before sockets leave notes
_ENOENT = const(2)
_EINVAL = const(22)
_IOCTL_POLL = const(3)


class _Bell(io.IOBase):
    # Readable when there are notes.

    def __init__(self, noted):
        self._noted = noted

    def ioctl(self, request, arg):
        if request != _IOCTL_POLL:
            return -_EINVAL
        if not self._noted:
            try:
                runtime.current().glance()
            except OSError:
                pass  # no network
        return POLLIN if self._noted else 0


class _Entry:
    # A socket that has left a note.

    def __init__(self, sock, mask, note):
        self.sock = sock
        self.mask = mask
        self.note = note
        self.ready = False


class poll:
    """Watches any number of streams; as MicroPython's, and in C for a few of them."""

    def __init__(self):
        self._c = _poll()
        self._asked = set()  # id of each object in it, without the bell
        self._entries = {}  # id: _Entry
        self._noted = []  # ids
        self._ready = []  # entries that were ready when they were asked last
        self._bell = None

    def register(self, obj, eventmask=POLLIN | POLLOUT):
        """Watch `obj` for `eventmask`, errors and hang-ups; again to change the mask."""
        number = id(obj)
        entry = self._entries.get(number)
        if entry and not eventmask & POLLOUT:
            entry.mask = eventmask
            entry.note()
            return
        if entry:
            self._forget(number)
        elif number not in self._asked and self._leave_note(obj, number, eventmask):
            return
        self._c.register(obj, eventmask)
        self._asked.add(number)

    def unregister(self, obj):
        number = id(obj)
        if number in self._entries:
            self._forget(number)
        elif number in self._asked:
            self._asked.remove(number)
            self._c.unregister(obj)

    def modify(self, obj, eventmask):
        """Watch for something else. OSError(ENOENT) if `obj` is not registered."""
        number = id(obj)
        if number in self._entries:
            self.register(obj, eventmask)
        elif number in self._asked:
            self._c.modify(obj, eventmask)
        else:
            raise OSError(_ENOENT)

    def poll(self, timeout=-1):
        """[(obj, events)] of those that are ready; of none after `timeout` ms (-1: never)."""
        if not self._entries:
            return self._c.poll(timeout)
        return self._round(timeout, 0)

    def ipoll(self, timeout=-1, flags=0):
        """Iterate over what poll() returns; with `flags` 1 those are not watched any more, until
        modify()."""
        if not self._entries:
            return self._c.ipoll(timeout, flags)
        return iter(self._round(timeout, flags))

    # Whether `obj` leaves a note; it is looked at in the next round all the same.
    def _leave_note(self, obj, number, mask):
        if mask & POLLOUT or len(self._asked) < _FEW or not hasattr(obj, "_leave"):
            return False
        note = Note(self._noted, number)
        if not obj._leave(note):
            return False
        self._entries[number] = _Entry(obj, mask, note)
        note()
        if not self._bell:
            self._bell = _Bell(self._noted)
            self._c.register(self._bell, POLLIN)
        return True

    def _forget(self, number):
        entry = self._entries.pop(number)
        entry.sock._take_back(entry.note)

    def _round(self, timeout, flags):
        end = None if timeout is None or timeout < 0 else ticks_us() + timeout * 1000
        while True:
            found = []
            try:
                self._ask(found, flags)
            except:  # Ctrl-C: what was known would be forgotten
                for entry in self._entries.values():
                    entry.ready = False
                    entry.note.taken = True
                    entry.note()
                raise
            # Others are asked too, but nobody waits for them if there is something.
            if found or timeout == 0:
                left = 0
            elif end is None:
                left = -1
            else:
                left = max(0, (end - ticks_us() + 999) // 1000)
            for obj, events in self._c.ipoll(left, flags):
                if obj is not self._bell:
                    found.append((obj, events))
            if flags:
                self._c.modify(self._bell, POLLIN)
            if found or left == 0 and not self._noted:
                return found

    # Asks the sockets that may be ready, and remembers which of them are.
    def _ask(self, found, flags):
        ready = self._ready
        self._ready = []
        noted = self._noted
        while noted:
            entry = self._entries.get(noted.pop())
            if entry:
                entry.note.taken = True
                if entry.note.lost:
                    self._give_up(entry)
                elif not entry.ready:
                    entry.ready = True
                    ready.append(entry)
        for entry in ready:
            if self._entries.get(id(entry.sock)) is not entry:
                continue
            events = entry.sock.ioctl(_IOCTL_POLL, entry.mask)
            if events < 0:
                raise OSError(-events)
            if events:
                found.append((entry.sock, events))
                self._ready.append(entry)
                if flags:
                    entry.mask = 0
            else:
                entry.ready = False

    # The socket was closed, or told a callback to be called: the C poller asks it.
    def _give_up(self, entry):
        number = id(entry.sock)
        del self._entries[number]
        self._c.register(entry.sock, entry.mask)
        self._asked.add(number)
