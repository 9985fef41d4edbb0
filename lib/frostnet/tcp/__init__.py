# Frostnet: TCP, RFC 9293
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp.protocol import TCP
