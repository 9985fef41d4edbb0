# Frostnet: TFTP without I/O (RFC 1350, 2347, 2348, 2349, 7440)
# MIT license; Copyright (c) 2026 The Frostnet authors

# One transfer is an object: `tftp.client.Get` and `Put`, `tftp.server.Serve`. Whoever has the
# sockets does

#     t.input(data, peer, now)                  for each datagram
#     while (packet := t.output(now)): send(packet, t.to)
#     wait until t.deadline                     and ask for output again

# until `t.over`; `t.error` is None then, or a TftpError. A `peer` is a tuple (address, port).
# Times are in µs. Nothing is kept of `data`, and a packet is valid until the next call.
