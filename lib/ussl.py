# Frostnet: the name that the ssl module had in old programs
# MIT license; Copyright (c) 2026 The Frostnet authors

from ssl import *  # noqa: F403
