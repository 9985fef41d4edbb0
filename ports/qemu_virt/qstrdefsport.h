// Frostnet: names that are not C identifiers
// MIT license; Copyright (c) 2026 The Frostnet authors

// *FORMAT-OFF*
Q(/lib)
