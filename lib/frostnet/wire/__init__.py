# Frostnet: packet formats
# MIT license; Copyright (c) 2026 The Frostnet authors
