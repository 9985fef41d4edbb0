# Frostnet: HTTP/1.1 client protocol without I/O (RFC 9110, RFC 9112)
# MIT license; Copyright (c) 2026 The Frostnet authors

# A request is bytes to send; a response is fed to a `Reader` as it arrives and comes out as
# events. See `Reader` for the loop around it.

from http.error import HTTPError
from http.redirect import carried, redirect
from http.request import CHUNKED, request
from http.response import DATA, END, HEAD, NEED, Reader
from http.url import URL
