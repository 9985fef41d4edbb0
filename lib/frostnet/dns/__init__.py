# Frostnet: DNS resolver
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.dns.codes import EAI_AGAIN, EAI_FAIL, EAI_NONAME
from frostnet.dns.resolver import Resolver
