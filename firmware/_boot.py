# Frostnet: mounts the disks and starts the network, before boot.py runs
# MIT license; Copyright (c) 2026 The Frostnet authors

import disk
import entropy
import netup
import settings

settings.switch_off()  # before the first driver
disk.boot()
entropy.boot()  # before the network, whose numbers must not be guessed
netup.boot()  # the lease comes later: the prompt does not wait for it
del disk, entropy, netup, settings
