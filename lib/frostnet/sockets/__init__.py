# Frostnet: MicroPython's sockets on top of the stack
# MIT license; Copyright (c) 2026 The Frostnet authors
