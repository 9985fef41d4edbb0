# Frostnet: tests of net.wget(…, resume=True): what stays of a download, and how it goes on
# MIT license; Copyright (c) 2026 The Frostnet authors

import os

import net
import net._progress
import net._sink
import net._wget
from net_bench import Bench, error_of
from simtools import pattern

BODY = pattern(100000)
URL = "http://10.0.0.9/dir/big.bin"
FILE = "/tmp/frostnet_wget_resume"
PART = FILE + ".part"
TAG = FILE + ".part.tag"


class Web(Bench):
    def __init__(self, *responses, **options):
        super().__init__(**options)
        self.listen_to(net._wget, net._progress, net._sink)
        self.requests = self.serve(*responses)
        for path in (FILE, PART, TAG):
            remove(path)

    def __exit__(self, *exc):
        super().__exit__(*exc)
        self.sim.run(300000000)
        assert not self.board.stack.tcp.count, self.board.stack.tcp.count

    def range(self, i):
        """(Range, If-Range) of a request."""
        fields = {}
        for line in self.requests[i].decode().split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            fields[name] = value
        return fields.get("Range"), fields.get("If-Range")


def remove(path):
    try:
        os.remove(path)
    except OSError:
        pass


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def done():
    """The file, of which nothing but itself is left."""
    data = read(FILE)
    assert read(PART) is None and read(TAG) is None
    remove(FILE)
    return data


def whole(body=BODY, fields=b'ETag: "a"\r\n', upto=None, how="!"):
    """The file; of its body only the first `upto` bytes, and then the connection breaks."""
    head = b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n" % (fields, len(body))
    if upto is None:
        return head + body
    return head + body[:upto], how


def rest(request, fields=b'ETag: "a"\r\n', body=BODY, end=None):
    """The part that the request asks for."""
    at = int(request.partition(b"Range: bytes=")[2].partition(b"-")[0])
    end = end or len(body)
    head = b"HTTP/1.1 206 Partial\r\n%sContent-Range: bytes %d-%d/%d\r\nContent-Length: %d\r\n\r\n"
    return head % (fields, at, end - 1, len(body), end - at) + body[at:end]


def load(**options):
    return net.wget(URL, FILE, resume=True, quiet=True, **options)


def status(code, fields=b""):
    return b"HTTP/1.1 %d Sorry\r\n%sContent-Length: 0\r\n\r\n" % (code, fields)


def test_goes_on_where_it_was_broken_off():
    # RFC 9110 sections 13.1.5, 14.2, 15.3.7
    with Web(whole(upto=30000), rest) as web:
        e = error_of(load)
        assert e.errno == 104
        kept = read(PART)
        assert kept == BODY[: len(kept)] and 0 < len(kept) <= 30000
        assert read(TAG) == b'http://10.0.0.9/dir/big.bin\n"a"\n100000\n' and read(FILE) is None
        result = load()
        assert done() == BODY
        assert result.status == 206 and result.size == 100000 and result.path == FILE
        assert result.resumed == len(kept)
        assert web.range(0) == (None, None)
        assert web.range(1) == ("bytes=%d-" % len(kept), '"a"')


def test_again_and_again():
    def piece(request):
        answer = rest(request)
        return answer[: len(answer) // 2], "!"

    # A function gives bytes: so each breaks off by closing early
    with Web(whole(upto=30000), *[lambda request: piece(request)[0]] * 5, rest) as web:
        sizes = []
        for _ in range(6):
            error_of(load)
            sizes.append(len(read(PART)))
        assert sizes == sorted(sizes) and sizes[0] < sizes[-1]
        load()
        assert done() == BODY and len(web.requests) == 7


def test_by_date():
    fields = (
        b"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT\r\n"
    )
    with Web(whole(fields=fields, upto=30000), lambda r: rest(r, b"")) as web:
        error_of(load)
        load()
        assert done() == BODY
        assert web.range(1)[1] == "Sun, 06 Nov 1994 08:49:37 GMT"


def test_a_file_that_has_changed_begins_anew():
    # The server says 200 (RFC 9110 section 13.1.5), and what was there is of no use
    new = pattern(50000, 7)
    with Web(whole(upto=30000), whole(new, b'ETag: "b"\r\n', 20000), whole(new)) as web:
        error_of(load)
        error_of(load)
        kept = read(PART)
        assert kept == new[: len(kept)] and b'"b"\n50000' in read(TAG)
        result = load()
        assert done() == new and result.resumed == 0 and web.range(2)[1] == '"b"'


def test_servers_that_do_not_know_if_range():
    # They send a part of another file: its tag, its size, its place or its date tell
    fields = (
        b"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: Mon, 07 Nov 1994 08:49:38 GMT\r\n"
    )
    other = b"Last-Modified: Sun, 06 Nov 1994 10:49:37 GMT\r\n"
    new = pattern(120000, 7)

    def misplaced(request):
        return rest(request).replace(b"Range: bytes ", b"Range: bytes 1")

    for first, second in (
        (b'ETag: "a"\r\n', lambda r: rest(r, b'ETag: "b"\r\n', new)),
        (b'ETag: "a"\r\n', lambda r: rest(r, b"", new)),
        (fields, lambda r: rest(r, other)),
        (b'ETag: "a"\r\n', lambda r: rest(r, b"").replace(b"Content-Range", b"X")),
        (b'ETag: "a"\r\n', misplaced),
        (b'ETag: "a"\r\n', lambda r: rest(r).replace(b"Content-Length: ", b"Content-Length: 1")),
    ):
        with Web(whole(fields=first, upto=30000), second, whole(new)) as web:
            error_of(load)
            assert load().resumed == 0
            assert done() == new and web.range(2) == (None, None)


def test_complete_already():
    # RFC 9110 section 15.5.17: everything was there, but had not got its name
    for fields in (b"Content-Range: bytes */100000\r\n", b""):
        with Web(whole(upto=30000), status(416, fields)):
            error_of(load)
            with open(PART, "wb") as file:
                file.write(BODY)
            result = load()
            assert done() == BODY and result.size == result.resumed == 100000


def test_more_than_there_is():
    for fields in (b"Content-Range: bytes */100000\r\n", b"Content-Range: x\r\n", b""):
        with Web(whole(upto=30000), status(416, fields), whole()) as web:
            error_of(load)
            with open(PART, "ab") as file:
                file.write(bytes(100000))
            assert load().resumed == 0
            assert done() == BODY and len(web.requests) == 3


def test_a_shorter_part_than_was_asked_for():
    # RFC 9110 section 15.3.7: it is kept, and gone on with
    with Web(whole(upto=30000), lambda r: rest(r, end=60000), rest):
        error_of(load)
        e = error_of(load)
        assert e.errno == 5 and "60000 of 100000" in str(e)
        assert read(PART) == BODY[:60000]
        load()
        assert done() == BODY


def test_what_cannot_be_named_is_not_kept():
    # A weak tag, or none, does not say which bytes they were (RFC 9110 section 8.8.1)
    for fields in (b"", b'ETag: W/"a"\r\n', b"ETag: a\r\n"):
        with Web(whole(fields=fields, upto=30000), whole()) as web:
            error_of(load)
            assert read(PART) is None and read(TAG) is None
            load()
            assert done() == BODY and web.range(1) == (None, None)


def test_another_url_is_another_file():
    with Web(whole(upto=30000), whole()) as web:
        error_of(load)
        net.wget("http://10.0.0.9/other", FILE, resume=True, quiet=True)
        assert done() == BODY and web.range(1) == (None, None)


def test_tags_that_are_none():
    tags = (b"", b"x", b"\xff\xff", b"\n\n\n", URL.encode() + b'\n"a"\nten\n', b"a\n" * 9000)
    for tag in tags:
        with Web(whole()) as web:
            for path, data in ((PART, BODY[:500]), (TAG, tag)):
                with open(path, "wb") as file:
                    file.write(data)
            load()
            assert done() == BODY and web.range(0) == (None, None)
    # A tag without its part
    with Web(whole()) as web:
        with open(TAG, "wb") as file:
            file.write(URL.encode() + b'\n"a"\n100000\n')
        load()
        assert done() == BODY and web.range(0) == (None, None)


def test_errors_that_leave_the_part_alone():
    answers = (status(404), status(503), (b"", "!"), b"nonsense\r\n", (b"", "…"))
    with Web(whole(upto=30000), *answers, rest):
        error_of(load)
        kept = read(PART)
        for _ in answers:
            error_of(load, timeout=2)
            assert read(PART) == kept and read(TAG)
        load()
        assert done() == BODY


def test_broken_chunks_keep_what_was_good():
    head = b'HTTP/1.1 200 OK\r\nETag: "a"\r\nTransfer-Encoding: chunked\r\n\r\n'
    with Web(head + b"7530\r\n" + BODY[:30000] + b"\r\nzz\r\nnonsense", rest):
        error_of(load)
        assert read(PART) == BODY[:30000] and read(TAG).endswith(b"\n?\n")
        load()
        assert done() == BODY


def test_interrupted():
    with Web((whole(upto=50000)[0], "…"), rest) as web:
        real = web.rt.rest
        waits = []

        def interrupted(until=None):
            if read(PART):
                waits.append(until)
            if len(waits) > 2:
                raise KeyboardInterrupt
            real(until)

        web.rt.rest = interrupted
        try:
            load()
            assert False
        except KeyboardInterrupt:
            pass
        web.rt.rest = real
        kept = read(PART)
        assert kept and kept == BODY[: len(kept)]
        load()
        assert done() == BODY


def test_without_resume_nothing_is_gone_on_with():
    with Web(whole(upto=30000), whole(), whole(upto=30000)) as web:
        error_of(load)
        net.wget(URL, FILE, quiet=True)
        assert done() == BODY and web.range(1) == (None, None)
        error_of(net.wget, URL, FILE, quiet=True)
        assert read(PART) is None and read(TAG) is None and read(FILE) is None


def test_parts_that_nobody_asked_for():
    def part(request):
        return rest(b"Range: bytes=50-")

    for options in ({"resume": True}, {}):
        with Web(part):
            e = error_of(net.wget, URL, FILE, quiet=True, **options)
            assert e.errno == 71 and "part" in str(e) and read(FILE) is None
    with Web(part):
        assert net.wget(URL, headers={"range": "bytes=50-"}) == BODY[50:]


def test_redirected():
    # To ask on, the way is gone once more (RFC 9110 section 15.4); the range goes along
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.9:81/x\r\nContent-Length: 0\r\n\r\n"
    with Web(moved, moved) as web:
        second = web.serve(whole(upto=30000), rest, port=81)
        error_of(load)
        load()
        assert done() == BODY and b'If-Range: "a"' in second[1]


def test_into_a_directory():
    with Web(whole(upto=30000), rest):
        for path in ("/tmp/big.bin", "/tmp/big.bin.part", "/tmp/big.bin.part.tag"):
            remove(path)
        error_of(net.wget, URL, "/tmp", resume=True, quiet=True)
        result = net.wget(URL, "/tmp/", resume=True, quiet=True)
        assert result.path == "/tmp/big.bin" and read("/tmp/big.bin") == BODY
        remove("/tmp/big.bin")


def test_what_is_printed():
    with Web(whole(upto=50000), rest, delay=60000) as web:
        error_of(net.wget, URL, FILE, resume=True)
        web.text()
        net.wget(URL, FILE, resume=True)
        updates = web.text().split("\r")[1:]
        first = int(updates[0].partition("% [")[0].split()[-1])
        assert first >= 30, updates[0]  # the bar begins with what was there
        assert "eta" in updates[0] and "that were there: " + FILE in updates[-1], updates[-1]
        assert done() == BODY
