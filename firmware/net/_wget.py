# Frostnet: net.wget
# MIT license; Copyright (c) 2026 The Frostnet authors

from http import DATA, NEED, URL, HTTPError
from http.auth import credentials
from http.partial import content_range, contradicts, request_fields, validator
from net._check import check_seconds
from net._error import EACCES, EINVAL, EIO, ENOENT, EPROTO, NetError
from net._exchange import Exchange, Upload, check_packing
from net._host import network
from net._part import Part
from net._progress import Progress, size_text
from net._sink import check_dest, open_sink, path_of

_ERRNOS = {401: EACCES, 403: EACCES, 404: ENOENT, 410: ENOENT}


class WgetResult:
    """`status`, `headers` {name in lower case: text}, `size` in bytes, of these `resumed` that
    were there before, `seconds`, `url` after redirections, and `path` of the file, or `None`."""

    def __init__(self, url, reader, resumed, seconds, path):
        self.url = str(url)
        self.status = reader.status
        self.headers = reader.headers
        self.size = resumed + reader.received
        self.resumed = resumed
        self.seconds = seconds
        self.path = path

    def __repr__(self):
        return "<wget %s: %d, %d bytes>" % (self.url, self.status, self.size)

    @property
    def rate(self):
        """Bytes per second."""
        return (self.size - self.resumed) / self.seconds if self.seconds else 0


def wget(
    url,
    dest=None,
    callback=None,
    headers=None,
    timeout=10,
    quiet=False,
    verify=True,
    data=None,
    method=None,
    auth=None,
    resume=False,
):
    """See net.wget; NetError, or what `callback` or a stream raises."""
    method = "GET" if method is None and data is None else method or "POST"
    check_seconds("timeout", timeout, 0.001, True)
    headers = _checked(url, dest, callback, headers, auth, method)
    if resume:
        _check_resume(dest, callback, headers, data, method)
    rt = network()
    try:
        url = URL(url)
        if auth is not None:
            url.userinfo = credentials(*auth)
        upload = None if data is None else Upload(data, headers)
        exchange = Exchange(rt, url, method, headers, upload, timeout, verify)
        transfer = _Transfer(rt, exchange, headers, quiet)
        try:
            return transfer.run(url, method, upload, dest, callback, resume)
        finally:
            exchange.close()
    except HTTPError as e:
        raise NetError(EPROTO, str(e))
    except MemoryError:
        raise NetError(12, "it does not fit into memory: give a file name to load into")


def _checked(url, dest, callback, headers, auth, method):
    if not isinstance(url, str):
        raise NetError(EINVAL, 'what to load is a text: net.wget("http://10.0.2.2/big.bin")')
    check_dest(dest)
    if callback is not None and not callable(callback):
        raise NetError(EINVAL, "callback is a function that takes each piece")
    if not isinstance(method, str):
        raise NetError(EINVAL, 'method is a word such as "PUT"')
    if method == "HEAD" and (dest is not None or callback):
        raise NetError(EINVAL, "HEAD asks for no contents: leave dest and callback out")
    if headers is not None and not isinstance(headers, dict):
        raise NetError(EINVAL, 'headers are a dictionary: {"Accept": "text/html"}')
    if auth is not None and not (isinstance(auth, (tuple, list)) and len(auth) == 2):
        raise NetError(EINVAL, 'auth is who you are: ("user", "password")')
    return dict(headers or ())


def _check_resume(dest, callback, headers, data, method):
    if not isinstance(dest, str) or dest == "-" or callback:
        raise NetError(EINVAL, 'resume goes on with a file: name one, as in "/big.bin" or "/"')
    if data is not None or method != "GET":
        raise NetError(EINVAL, "resume is for loading: leave data and method out")
    if "range" in map(str.lower, headers):
        raise NetError(EINVAL, "resume asks for the range itself: leave that header out")


class _Transfer:
    """One run of wget: asks, then moves the body."""

    def __init__(self, rt, exchange, headers, quiet):
        self.rt = rt
        self.exchange = exchange
        self.reader = exchange.reader
        self.headers = headers
        self.quiet = quiet
        self.part = None

    def run(self, url, method, upload, dest, callback, resume):
        rt = self.rt
        started = rt.clock()
        name = url.name()
        if resume:
            self.part = Part(path_of(dest, name), url)
        self._ask(upload)
        sink = self._sink(dest, callback, name)
        offset = self.part.offset if resume else 0
        progress = None
        if not self.quiet and dest != "-" and (dest is not None or callback):
            progress = Progress(rt.clock, sink.name, self._total(offset), offset)
        path = self._move(sink, progress, offset)
        if dest is None and not callback and method != "HEAD":
            return sink.data()
        seconds = (rt.clock() - started) / 1000000
        result = WgetResult(self.exchange.url, self.reader, offset, seconds, path)
        if progress:
            self._say(result)
        return result

    # The answer

    def _ask(self, upload):
        exchange = self.exchange
        progress = None
        if upload and upload.data.stream and not self.quiet:
            progress = Progress(self.rt.clock, "sending", upload.data.length)
            exchange.sending = progress.update
        part = self.part
        try:
            if part and part.offset:
                exchange.ask(request_fields(part.offset, part.validator))
                if not self._goes_on():
                    part.forget()
                    exchange.ask()
            else:
                exchange.ask()
        finally:
            if progress:
                progress.end()
        self._check_status()
        check_packing(exchange.url, self.reader.headers, self.headers)

    # Whether the answer can be used for the part: as what follows it, or instead of it.
    def _goes_on(self):
        reader = self.reader
        part = self.part
        try:
            if reader.status == 416:
                # There is nothing behind it: it is complete, or of something else
                there = "content-range" in reader.headers
                total = content_range(reader.headers)[2] if there else part.total
                return part.offset == part.total == total
            if reader.status != 206:
                return True
            first, end, total = content_range(reader.headers)
        except HTTPError:
            return False
        if first != part.offset or contradicts(reader.headers, part.validator):
            return False
        if reader.length not in (None, end - first) or part.total not in (
            None,
            total or part.total,
        ):
            return False
        part.total = part.total or total
        return True

    def _check_status(self):
        reader = self.reader
        status = reader.status
        ranged = self.part and self.part.offset
        if status == 206 and not ranged and "range" not in map(str.lower, self.headers):
            raise NetError(EPROTO, "the server sent a part, and the whole was asked for", status)
        if 200 <= status < 300 or (status == 416 and ranged):
            return
        text = "the server answered %d %s for %s" % (status, reader.reason, self.exchange.url)
        if status == 401:
            text += ': say who you are with auth=("user", "password")'
        raise NetError(_ERRNOS.get(status, EIO), text, status)

    # The body

    def _sink(self, dest, callback, name):
        reader = self.reader
        part = self.part
        if not part:
            length = None if dest is None and reader.method == "HEAD" else reader.length
            return open_sink(dest, callback, name, length)
        if reader.status == 206 and part.offset:
            return part.sink(reader.length)
        if reader.status == 416:
            return part.sink(0)
        return part.anew(validator(reader.headers), reader.length)

    def _total(self, offset):
        length = self.reader.length
        return None if length is None else offset + length

    def _move(self, sink, progress, offset):
        rt = self.rt
        try:
            if self.reader.status != 416:
                self._body(sink, progress, offset)
                self._check_end(offset)
            # Ctrl-C waits: it must not come between removing an old file and renaming
            rt.lock()
            try:
                return sink.finish()
            finally:
                rt.unlock()
        finally:
            sink.close()  # of an unfinished file nothing stays, unless it can be gone on with
            if progress:
                progress.end()

    def _body(self, sink, progress, offset):
        reader = self.reader
        receive = self.exchange.receive
        write = sink.write
        gather = sink.gather
        while True:
            # A file takes full buffers at a time, everybody else what is here
            if gather and not reader.gathered():
                receive()
                continue
            event = reader.next()
            if event == DATA:
                write(reader.data())
                if progress:
                    progress.update(offset + reader.received)
            elif event == NEED:
                receive()
            else:
                return

    # A part may be shorter than what was asked for (RFC 9110 section 15.3.7).
    def _check_end(self, offset):
        total = self.part and self.part.total
        if offset and total is not None and offset + self.reader.received != total:
            text = "the server sent only a part, up to %d of %d bytes: try again"
            raise NetError(EIO, text % (offset + self.reader.received, total))

    def _say(self, result):
        loaded = size_text(result.size - result.resumed)
        text = "%s in %.2f s, %s/s" % (loaded, result.seconds, size_text(result.rate))
        if result.resumed:
            text += ", after %s that were there" % size_text(result.resumed)
        print(text + (": " + result.path if result.path else ""))
