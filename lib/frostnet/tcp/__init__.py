# Frostnet: TCP, RFC 9293
# MIT license; Copyright (c) 2026 The Frostnet authors
