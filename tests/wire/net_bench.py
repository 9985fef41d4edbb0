# Frostnet: a board with the commands of `net`, and a web server beside it, for tests
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet import runtime
from frostnet.dhcp import Client
from frostnet.dns import Resolver
from simnet import Sim


class Bench:
    """Host `board` (10.0.0.2, foreground) and host `peer` (10.0.0.9) on one wire.

    `text()` is what the commands printed since it was last asked.
    """

    def __init__(self, seed=1, ip="10.0.0.2/24", delay=100, **wire):
        self.sim = Sim(seed, delay=delay, **wire)
        self.board = self.sim.host(1, ip)
        self.peer = self.sim.host(9, "10.0.0.9/24")
        rt = self.rt = self.board.rt
        rt.resolver = Resolver(self.board.stack)
        rt.dhcp[self.board.iface] = Client(self.board.stack, self.board.iface, rt.resolver)
        self.lines = []
        self.before = self.board.use()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        runtime.set_current(self.before)

    def listen_to(self, *modules):
        """Catch what these modules print."""
        for module in modules:
            module.print = self._print

    def _print(self, *args, end="\n"):
        self.lines.append(" ".join([str(arg) for arg in args]) + end)

    def text(self):
        text = "".join(self.lines)
        self.lines.clear()
        return text

    def serve(self, *responses, port=80):
        """A web server on the peer: one connection for each response.

        A response is bytes, or a function of the request's bytes that returns bytes. With "…" as
        its last element, a tuple (bytes, "…") leaves the connection open; (bytes, "!") resets it;
        (bytes, "<") answers before it has read the request's body, and resets it then.
        Returns the list that the requests are put in.
        """
        requests = []
        listener = self.peer.stack.tcp.listen(0, port, 8)
        self.sim.go(self._server(listener, responses, requests))
        return requests

    def _server(self, listener, responses, requests):
        for response in responses:
            c = listener.accept()
            while c is None:
                yield
                c = listener.accept()
            request = b""
            buf = bytearray(2048)
            early = isinstance(response, tuple) and response[1] == "<"
            while not _complete(request, early):
                n = c.recv_into(buf, 0, len(buf))
                request += bytes(buf[:n])
                if not n:
                    if c.eof or c.error:
                        break
                    yield
            requests.append(request)
            if callable(response):
                response = response(request)
            how = ""
            if isinstance(response, tuple):
                response, how = response
            sent = 0
            while sent < len(response) and not c.error:
                sent += c.send(response, sent, len(response) - sent)
                yield
            if how in ("!", "<"):
                while c.tx.len and not c.error:
                    yield
                c.abort()
            elif not how:
                c.close()
        listener.close()


# Whether a request is there as a whole, or up to its body.
def _complete(request, early):
    head, _, body = request.partition(b"\r\n\r\n")
    if early or not _:
        return bool(_)
    for line in head.split(b"\r\n"):
        if line.startswith(b"Content-Length: "):
            return len(body) >= int(line[16:])
    return b"Transfer-Encoding: chunked" not in head or body.endswith(b"0000\r\n\r\n")


def error_of(fn, *args, **kwargs):
    """The NetError that fn raises."""
    from net import NetError

    try:
        fn(*args, **kwargs)
    except NetError as e:
        text = str(e)
        assert text and "\n" not in text and "%" not in text, text
        return e
    raise AssertionError("no error")
