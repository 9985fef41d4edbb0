# Frostnet: the frames of a test
# MIT license; Copyright (c) 2026 The Frostnet authors
"""pcap files that are named after tests."""

import zlib

_LONGEST = 200  # of a file system's 255


def stem(nodeid):
    """A file name for a test, without its ending."""
    path, _, name = nodeid.partition("::")
    name = f"{path.replace('/', '-')}-{name.replace('::', '-')}"
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}-{zlib.crc32(nodeid.encode()):08x}"
    return name


class Captures:
    """The captures of one test in `folder`, which is made for the first."""

    def __init__(self, folder, nodeid):
        self._folder = folder
        self._stem = stem(nodeid)
        self.paths = []

    def path(self):
        """A name for one more capture."""
        self._folder.mkdir(parents=True, exist_ok=True)
        number = f"-{len(self.paths) + 1}" if self.paths else ""
        self.paths.append(self._folder / f"{self._stem}{number}.pcap")
        return self.paths[-1]

    def drop(self):
        """Nobody wants them."""
        for path in self.paths:
            path.unlink(missing_ok=True)
