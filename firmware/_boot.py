# Frostnet: mounts the RAM disk and starts the network, before boot.py runs
# MIT license; Copyright (c) 2026 The Frostnet authors

import _port
import entropy
import netup
import settings
import vfs

_bdev = _port.RAMBlock(4096)
try:
    vfs.mount(vfs.VfsFat(_bdev), "/")
except OSError:
    # Power-on: memory without a filesystem. After a soft reset or a reset files are still there.
    vfs.VfsFat.mkfs(_bdev)
    vfs.mount(vfs.VfsFat(_bdev), "/")
settings.switch_off()  # before the first driver
entropy.boot()  # before the network, whose numbers must not be guessed
netup.boot()  # the lease comes later: the prompt does not wait for it
del vfs, entropy, netup, settings, _port, _bdev
