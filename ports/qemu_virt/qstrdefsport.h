// Frostnet: all names of this port are found in its sources
// MIT license; Copyright (c) 2026 The Frostnet authors
