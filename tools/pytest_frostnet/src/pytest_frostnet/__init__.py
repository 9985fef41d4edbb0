# Frostnet: MicroPython programs tested on a board in QEMU, with pytest
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Test MicroPython programs on an emulated board. Importing this imports nothing else."""

__version__ = "0.1.0"
