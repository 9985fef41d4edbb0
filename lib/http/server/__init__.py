# Frostnet: HTTP/1.1 server protocol without I/O (RFC 9110, RFC 9112)
# MIT license; Copyright (c) 2026 The Frostnet authors

# `Connection` takes the bytes of one client apart and frames what is answered. See there.

from http.server.connection import Connection
from http.server.error import Refused
