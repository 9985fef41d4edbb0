# Frostnet: what TCP counts
# MIT license; Copyright (c) 2026 The Frostnet authors

# Names with `drop` end a segment's life; each dropped segment is counted in one of them.
COUNTERS = (
    "tcp_rx",
    "tcp_tx",
    "tcp_tx_failed",  # not sent for lack of a route or neighbour
    "tcp_tx_no_buffer",  # answers to segments of no connection that the device had no room for
    "tcp_tx_reset",
    "tcp_drop_malformed",  # truncated, or a data offset that does not fit
    "tcp_drop_checksum",
    "tcp_drop_port",  # port 0
    "tcp_drop_unknown",  # belongs to no connection and no listener
    "tcp_drop_flags",  # neither SYN nor ACK where one of them is due
    "tcp_drop_no_ack",  # no ACK in a synchronized state
    "tcp_drop_ack",  # acknowledges what was never sent, or long ago
    "tcp_drop_window",  # outside of the window
    "tcp_drop_no_room",  # data for a program that does not read: the window is shut
    "tcp_drop_after_fin",  # data behind the peer's own FIN
    "tcp_drop_reset",  # reset that ends nothing
    "tcp_drop_timewait",  # for a connection that is over, and not worth an answer
    "tcp_drop_error",  # ICMP error about no segment that is on its way (RFC 5927 §4.1)
    "tcp_drop_paws",  # an old duplicate, as its timestamp says
    "tcp_drop_no_ts",  # without the timestamps that were agreed upon
    "tcp_drop_ranges",  # out of order, with too many holes already
    "tcp_drop_memory",  # no memory for the data
    "tcp_drop_backlog",  # connection for a listener whose queue was full
    "tcp_drop_full",  # connection refused because the table was full
    "tcp_connect",  # connections begun by us
    "tcp_accept",  # by a peer
    "tcp_cookie_sent",  # SYNs answered with a cookie, for too many were half-open
    "tcp_cookie_good",  # handshakes that were completed with one
    "tcp_out_of_order",
    "tcp_retransmit",
    "tcp_fast_retransmit",  # losses found by what ACKs said
    "tcp_tail_probe",  # tail loss probes
    "tcp_spurious",  # losses that were none
    "tcp_sack_bad",  # SACK blocks of what was not sent
    "tcp_too_big",  # paths that turned out to have a smaller MTU
    "tcp_black_hole",  # segments made smaller because large ones seem to disappear
    "tcp_probe",  # zero-window probes
    "tcp_keepalive",  # questions whether the peer still lives
    "tcp_challenge",  # ACKs that ask whether a segment that may be forged was meant
    "tcp_challenge_limited",  # and those withheld by the rate limit
    "tcp_reset",  # connections reset by the peer
    "tcp_timeout",  # connections given up
)
