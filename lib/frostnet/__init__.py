# Frostnet: the TCP/IP stack
# MIT license; Copyright (c) 2026 The Frostnet authors
