# Frostnet: iperf3 without I/O: its control connection, datagrams, counts and reports
# MIT license; Copyright (c) 2026 The Frostnet authors
