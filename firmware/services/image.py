# Frostnet: what callbacks import comes from the image
# MIT license; Copyright (c) 2026 The Frostnet authors

# `import` looks in the program's folder first. That may be one of the host, behind the serial port
# (mpremote mount), on which the program is in the middle of something when a callback runs: two
# conversations at once would end both. Nor is a file that is named like one of our modules meant.

import sys

_PATH = [".frozen"]


class Imports:
    """While it is entered, `import` looks into the image only. For callbacks: nobody else runs."""

    def __enter__(self):
        self._before = sys.path
        sys.path = _PATH

    def __exit__(self, *exc):
        sys.path = self._before
