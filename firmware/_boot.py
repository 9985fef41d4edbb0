# Frostnet: mounts the disks and starts the network, before boot.py runs
# MIT license; Copyright (c) 2026 The Frostnet authors

import disk
import entropy
import logcopy
import netup
import settings

settings.switch_off()  # before the first driver
logcopy.boot()
disk.boot()
entropy.boot()  # before the network, whose numbers must not be guessed
netup.boot()  # the lease comes later: the prompt does not wait for it
if any(map(settings.get, settings.SERVICES)):
    from services import atboot

    atboot.boot(settings.get)  # begins when the prompt is there
    del atboot
del disk, entropy, logcopy, netup, settings
