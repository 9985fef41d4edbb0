# Frostnet: what is frozen into the unix port
# MIT license; Copyright (c) 2026 The Frostnet authors

include("../../manifest.py", board=False, opt=0)
