# Frostnet: host side helpers of the QEMU tests and the benchmark
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Host side helpers of the QEMU tests and the benchmark: emulator, console, peers, captures."""
