# Frostnet: DHCP client (RFC 2131)
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.dhcp.client import Client
