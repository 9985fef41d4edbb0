# Frostnet: lets the tests of tools/ import them
# MIT license; Copyright (c) 2026 The Frostnet authors

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tools"))
