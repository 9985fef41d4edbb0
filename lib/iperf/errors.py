# Frostnet: what goes wrong in an iperf3 test, by iperf3's numbers
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

# The numbers that follow SERVER_ERROR.
BAD_STREAMS = const(6)
BAD_BLOCK = const(7)
UNSUPPORTED = const(13)
BAD_DURATION = const(5)
CLOSED = const(109)  # the control connection
BAD_MESSAGE = const(110)
BAD_PARAMETERS = const(114)
BAD_RESULTS = const(117)
CLIENT_TERMINATED = const(119)
SERVER_TERMINATED = const(120)
BUSY = const(121)
NO_STREAM = const(204)
STREAM_CLOSED = const(207)
BAD_STREAM = const(208)
SILENT = const(-1)  # never said: the peer did not answer in time

_TEXTS = {
    BAD_STREAMS: "too many parallel streams",
    BAD_BLOCK: "blocks of that length cannot be",
    UNSUPPORTED: "it cannot do what was asked for",
    BAD_DURATION: "too long a test",
    CLOSED: "the control connection was closed",
    BAD_MESSAGE: "an unknown message came",
    BAD_PARAMETERS: "the parameters make no sense",
    BAD_RESULTS: "the results make no sense",
    CLIENT_TERMINATED: "the client has terminated",
    SERVER_TERMINATED: "the server has terminated",
    BUSY: "the server is busy with another test",
    NO_STREAM: "the data streams did not come about",
    STREAM_CLOSED: "a data stream was closed",
    BAD_STREAM: "a data stream that is not there was named",
    SILENT: "the other side does not answer",
}


class IperfError(Exception):
    """A test ended before its time. `code` is iperf3's number, `str()` a text; `told` says that
    the peer told us, rather than we it; `errno` is the peer's system's, if it told one."""

    def __init__(self, code, text=None, told=False, errno=0):
        super().__init__(text or _TEXTS.get(code) or "error %d of iperf3" % code)
        self.code = code
        self.told = told
        self.errno = errno
