# Frostnet: virtio devices
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno


class VirtioError(OSError):
    """A device that cannot be used. One sentence names its slot and what is wrong.

    `device_id` says what kind of device it is, None if that is not known.
    """

    device_id = None

    def __init__(self, where, what):
        super().__init__(errno.ENODEV, "%s: %s" % (where, what))
