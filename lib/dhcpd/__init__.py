# Frostnet: DHCP server without I/O (RFC 2131, 2132, 6842)
# MIT license; Copyright (c) 2026 The Frostnet authors

# `config.Config` has what clients are told, `server.Server` answers them. Whoever has the socket
# does
#
#     server.input(data, 0, len(data), now)     for each datagram to port 67
#     server.conflict(address, mac, now)        when somebody answered a probe
#     while (item := server.output()): …        (data, address, mac): send it there; with None for
#                                               data, ask by ARP who has the address
#     server.tick(now)                          at server.deadline, unless that is None
#
# Times are in µs. Addresses are ints.
