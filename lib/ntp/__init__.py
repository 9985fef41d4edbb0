# Frostnet: SNTP client (RFC 4330, RFC 5905)
# MIT license; Copyright (c) 2026 The Frostnet authors

from ntp.client import Client
from ntp.packet import PORT
from ntp.query import Query, Sample
