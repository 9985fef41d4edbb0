# Frostnet: files and directories of the board, to clients
# MIT license; Copyright (c) 2026 The Frostnet authors

import os
import random

from micropython import const

from http import date, types
from http.server import conditional, ranges
from http.server.error import Refused
from http.server.lines import lines
from httpd.answer import Response, problem
from httpd.cache import LONGEST, Cache, settled
from httpd.source import FileSource, Parts

_DIRECTORY = const(0x4000)
_KIND = const(0xF000)
_SIZE = const(6)
_CHANGED = const(8)
_MAX_LISTED = const(1000)  # names of a directory

_READING = ("GET", "HEAD")
_ALLOW = (("Allow", "GET, HEAD, OPTIONS"),)

_NO_FILE = (2, 19, 20, 22, 36)  # ENOENT ENODEV ENOTDIR EINVAL ENAMETOOLONG
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"))
_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")


class Files:
    """What is in the directory `root`; `listing`: directories without index.html are listed."""

    def __init__(self, root, listing, buffer):
        self.root = root.rstrip("/")
        self.listing = listing
        self._buffer = buffer
        self._cache = Cache()

    def answer(self, request):
        """Return the Response for a path that http.server.target has resolved. Refused."""
        if request.head.plain:
            response = self._cache.get(request.path)
            if response is not None and request.method in _READING:
                return response
        if request.method not in _READING:
            if request.method == "OPTIONS":
                return Response(status=204, fields=_ALLOW)
            return problem(405, "files can only be read", _ALLOW)
        path = self.root + request.path
        stat = _stat(path.rstrip("/") or "/")
        if stat is None:
            raise Refused(404, "there is no " + request.path)
        if stat[0] & _KIND != _DIRECTORY:
            if path[-1:] == "/":
                raise Refused(404, "there is no directory " + request.path)
            return self._file(request, path, stat)
        if path[-1:] != "/":
            location = quote(request.path) + "/"
            if request.query:
                location += "?" + request.query
            return problem(301, "", [("Location", location)])
        index = _stat(path + "index.html")
        if index is not None and index[0] & _KIND != _DIRECTORY:
            return self._file(request, path + "index.html", index)
        if not self.listing:
            raise Refused(404, "there is no %sindex.html" % request.path)
        return Response(_listing(request.path, path))

    def index(self, request):
        """Return the answer that the root's index.html is, None if there is none."""
        response = self._cache.get("/") if request.head.plain else None
        if response is not None:
            return response
        path = self.root + "/index.html"
        stat = _stat(path)
        return self._file(request, path, stat) if stat and stat[0] & _KIND != _DIRECTORY else None

    def _file(self, request, path, stat):
        size = stat[_SIZE]
        etag = modified = None
        fields = []
        still = settled(stat)
        if still:
            modified = stat[_CHANGED]
            etag = '"%x-%x"' % (modified, size)
            fields.append(("ETag", etag))
            fields.append(("Last-Modified", date.text(modified)))
        status = conditional.evaluate(request.method, request.fields, etag, modified)
        if status:
            return Response(status=status, fields=fields)
        fields.append(("Accept-Ranges", "bytes"))
        kind = types.of(path)
        wanted = request.fields.get("range")
        if wanted is not None and request.method == "GET":
            if conditional.range_counts(request.fields, etag, modified):
                some = ranges.parse(wanted, size)
                if some is not None:
                    return self._ranges(path, some, size, kind, fields)
        if size > LONGEST:
            fields.append(("Content-Type", kind))
            return self._part(path, 0, size, 200, fields)
        with _open(path) as file:
            body = file.read(LONGEST)
        response = Response(body, 200, fields, kind)
        if still and len(body) == size:
            response.fields = lines(response.fields)
            self._cache.put(request.path, response, path, stat)
        return response

    def _ranges(self, path, some, size, kind, fields):
        if not some:
            fields = [("Content-Range", "bytes */%d" % size)]
            return problem(416, "the file has %d bytes" % size, fields)
        if len(some) == 1:
            begin, end = some[0]
            fields.append(("Content-Type", kind))
            fields.append(("Content-Range", ranges.content_range(begin, end, size)))
            return self._part(path, begin, end, 206, fields)
        boundary = "part-%08x%08x" % (random.getrandbits(32), random.getrandbits(32))
        parts, tail, length = ranges.parts(some, size, kind, boundary)
        fields.append(("Content-Type", "multipart/byteranges; boundary=" + boundary))
        response = Response(status=206, fields=fields)
        response.source = Parts(_open(path), parts, tail, self._buffer)
        response.length = length
        return response

    def _part(self, path, begin, end, status, fields):
        response = Response(status=status, fields=fields)
        response.length = end - begin
        response.source = FileSource(_open(path), begin, end, self._buffer)
        return response


def quote(path):
    """Return a path as it stands in a URL."""
    return "".join([chr(c) if c in _SAFE else "%%%02X" % c for c in path.encode()])


def escape(text):
    """Return text as it stands in HTML."""
    for c, name in _ESCAPES:
        text = text.replace(c, name)
    return text


def _stat(path):
    try:
        return os.stat(path)
    except OSError as e:
        if e.errno in _NO_FILE:
            return None
        raise


def _open(path):
    try:
        return open(path, "rb")
    except OSError as e:
        if e.errno in _NO_FILE:
            raise Refused(404, "the file is gone")
        raise


def _listing(path, folder):
    title = escape("Index of " + path)
    rows = ['<tr><td><a href="../">../</a><td>'] if path != "/" else []
    entries = []
    for entry in os.ilistdir(folder.rstrip("/") or "/"):  # FAT wants no slash there
        if len(entries) >= _MAX_LISTED:
            break
        name = entry[0]
        size = entry[3] if len(entry) > 3 else ""
        if entry[1] & _KIND == _DIRECTORY:
            name += "/"
            size = ""
        entries.append((name, size))
    for name, size in sorted(entries):
        # "./" keeps a colon in a name from being read as a scheme.
        row = '<tr><td><a href="./%s">%s</a><td align=right>%s'
        rows.append(row % (quote(name), escape(name), size))
    return "<!DOCTYPE html><meta charset=utf-8><title>%s</title><h1>%s</h1><table>%s</table>" % (
        title,
        title,
        "\n".join(rows),
    )
