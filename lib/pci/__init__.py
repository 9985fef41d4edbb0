# Frostnet: PCI Express: what is on the bus, set up as firmware would have done it
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno

_host = None


class PCIError(OSError):
    """A host bridge or a device that cannot be used. One sentence says which and why."""

    def __init__(self, where, what):
        super().__init__(errno.ENODEV, "%s: %s" % (where, what))


def host():
    """The host bridge with all that is behind it, looked through once; None if there is none.

    PCIError if there is one that cannot be understood.
    """
    global _host
    if _host is None:
        from pci import assign, hostbridge, scan

        found = hostbridge.find()
        if found:
            found.functions = scan.scan(found)
            assign.assign(found)
        _host = found or False
    return _host or None


def forget():
    """Have host() look again: for tests, whose machines change."""
    global _host
    _host = None
