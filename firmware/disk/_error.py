# Frostnet: errors of disks for people
# MIT license; Copyright (c) 2026 The Frostnet authors


class DiskError(OSError):
    """What is wrong with a drive, as the rest of a sentence that begins with its name."""

    def __str__(self):
        return self.args[0]
