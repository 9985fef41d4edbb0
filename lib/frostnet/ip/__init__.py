# Frostnet: the internet layer
# MIT license; Copyright (c) 2026 The Frostnet authors
