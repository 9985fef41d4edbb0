# Frostnet: MicroPython's own test suites, on the board
# MIT license; Copyright (c) 2026 The Frostnet authors
