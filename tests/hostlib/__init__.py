# Frostnet: host side helpers of the QEMU tests and the benchmark
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Host side helpers of the QEMU tests and the benchmark: peers, captures, networks. Emulator,
console and board are those of tools/pytest_frostnet, which other projects use too."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools" / "pytest_frostnet" / "src"))
