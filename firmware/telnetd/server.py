# Frostnet: telnetd: the service
# MIT license; Copyright (c) 2026 The Frostnet authors

from services.service import Service
from telnetd.guard import Guard
from telnetd.session import Telnet
from telnetd.terminal import Prompt


class Telnetd(Service):
    """`record` is the password's, `idle` how long nothing may be typed, in µs. `owner` is the
    session that has the prompt, or None.
    """

    name = "telnetd"
    limit = 4
    buffer_size = 512  # what is typed is little: turns stay short

    def __init__(self, port, record, idle):
        super().__init__(port)
        self.record = record
        self.idle = idle
        self.owner = None
        self.prompt = Prompt()
        self.guard = Guard()
        self.counters["refused"] = 0  # wrong passwords
        self.counters["stuck"] = 0  # sessions that did not take what was printed
        self.counters["lost"] = 0  # bytes printed when nobody could wait for room

    def session(self, conn):
        return Telnet(self, conn)
