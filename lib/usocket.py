# Frostnet: the name that the socket module had in old programs
# MIT license; Copyright (c) 2026 The Frostnet authors

from socket import *  # noqa: F403
