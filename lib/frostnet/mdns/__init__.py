# Frostnet: multicast DNS
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.mdns.service import Mdns
