# Frostnet: DNS forwarder without I/O (RFC 5625)
# MIT license; Copyright (c) 2026 The Frostnet authors

# `query.parse` reads what a client asks. `local.Local` knows what needs no server, `cache.Cache`
# what servers said before. The rest is passed on as it is: `forward.Forwarder` has the questions
# that are on their way, and says what to send, what counts as an answer, and when to try again.
