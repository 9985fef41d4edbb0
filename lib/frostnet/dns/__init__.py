# Frostnet: DNS resolver
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.dns.resolver import EAI_AGAIN, EAI_FAIL, EAI_NONAME, Resolver
