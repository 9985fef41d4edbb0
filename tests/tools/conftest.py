# Frostnet: lets the tests of tools/ import them
# MIT license; Copyright (c) 2026 The Frostnet authors

import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent.parent / "tools"
sys.path[:0] = [str(TOOLS), str(TOOLS / "pytest_frostnet" / "src")]
