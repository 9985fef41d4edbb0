# Frostnet: hostile frames: the programs of the host that they are sent to
# MIT license; Copyright (c) 2026 The Frostnet authors

PAGE = b"<html>all is well</html>\n"
REPLY = b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)


class Services:
    """Programs of the host: a web page at port 80, TCP echo at 7, a program that never reads
    at 9, UDP echo at 7 and a UDP queue that nobody reads at 9."""

    def __init__(self, stack):
        self.stack = stack
        self.ready = []  # (what to do, connection)
        for port, serve in ((80, self._page), (7, self._echo), (9, self._nothing)):
            listener = stack.tcp.listen(0, port, 16)
            listener.notify = lambda at=listener, fn=serve: self.ready.append(
                (self._accept, at, fn)
            )
        self.accepted = []  # connections to port 9
        echo = stack.udp.open(0, 7)
        echo.handler = self._udp_echo
        self.echo = echo
        self.sink = stack.udp.open(0, 9)
        self.buf = bytearray(4096)

    def run(self):
        """Do what connections have asked for; True if there was something."""
        busy = False
        while self.ready:
            busy = True
            fn, c, arg = self.ready.pop(0)
            fn(c, arg)
        return busy

    def _accept(self, listener, serve):
        c = listener.accept()
        if c:
            got = bytearray()
            c.notify = lambda: self.ready.append((serve, c, got))
            serve(c, got)

    def _page(self, c, got):
        n = c.recv_into(self.buf, 0, len(self.buf))
        got.extend(memoryview(self.buf)[:n])
        if b"\r\n\r\n" in got and not c.fin and not c.orphan and not c.error:
            c.send(memoryview(REPLY), 0, len(REPLY))
            c.close()
        elif c.eof or c.error or len(got) > 8192:
            c.close()

    def _echo(self, c, got):
        while not c.error and c.room():
            n = c.recv_into(self.buf, 0, min(c.room(), len(self.buf)))
            if not n:
                break
            c.send(memoryview(self.buf), 0, n)
        if c.eof or c.error:
            c.close()

    def _nothing(self, c, got):
        if c not in self.accepted:
            self.accepted.append(c)
        if c.error or c.eof:
            c.close()
            self.accepted.remove(c)

    def _udp_echo(self, iface, buf, off, end, src, sport):
        try:
            self.echo.send(bytes(buf[off:end]), src, sport)
        except OSError:
            pass
