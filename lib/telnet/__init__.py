# Frostnet: telnet without I/O (RFC 854, 855, 857, 858, 856, 1073, 1143)
# MIT license; Copyright (c) 2026 The Frostnet authors

# `protocol.Telnet` is one end of a connection: bytes of the network in, what was typed and what is
# to be answered out. `parser.py` is its state machine, `options.py` the negotiation.
