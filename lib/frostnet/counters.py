# Frostnet: named event counters
# MIT license; Copyright (c) 2026 The Frostnet authors

# Counting costs one attribute load and store: `counters.arp_bad += 1`. A name must be
# registered first, so that a misspelt one fails in the first test that reaches it and every
# counter is visible before its first event.

# What the link, IP, ICMP and UDP layers count. Names with `drop` end a packet's life; each
# dropped packet is counted in exactly one of them. Transports and devices register their own.

LINK = (
    "eth_rx",  # frames taken from a device
    "eth_drop_runt",  # shorter than an Ethernet header
    "eth_drop_oversize",  # longer than the MTU allows, or than the buffer that holds it
    "eth_drop_other_host",  # unicast to another station
    "eth_drop_source",  # sent from a group address
    "eth_drop_type",  # EtherType that nobody handles (LLC, VLAN tags, RARP, IPv6 …)
    "eth_drop_down",  # interface is administratively down
)

ARP = (
    "arp_rx",
    "arp_tx_request",
    "arp_tx_reply",
    "arp_drop_malformed",  # truncated, not Ethernet and IPv4, unknown operation
    "arp_drop_sender",  # sender address that cannot belong to a station
    "arp_drop_not_ours",  # request for, or reply to, somebody else
    "arp_drop_unasked",  # reply that nobody waits for, of somebody we do not know
    "arp_drop_no_buffer",  # device had no room for the request or the reply
    "arp_tx_probe",
    "arp_conflict",  # another station uses our address (RFC 5227)
    "arp_defended",  # conflicts that an announcement answered
    "arp_lost",  # addresses given up to others
    "arp_learned",
    "arp_evicted",  # a cache entry made room for another
    "arp_failed",  # a neighbour did not answer
    "arp_queue_drop",  # queue of packets waiting for a neighbour was full
)

IP = (
    "ip_rx",
    "ip_drop_short",  # less than a header
    "ip_drop_version",
    "ip_drop_header_length",  # IHL below 5, or beyond the total length
    "ip_drop_total_length",  # total length beyond the frame
    "ip_drop_checksum",
    "ip_drop_options",  # malformed, or source routed
    "ip_drop_source",  # source that no datagram may have
    "ip_drop_link_broadcast",  # unicast in a link broadcast (RFC 1122 §3.3.6)
    "ip_drop_not_ours",  # to another host: we do not forward
    "ip_drop_ttl",  # arrived with a TTL of 0
    "ip_drop_fragment",  # malformed, overlapping or repeated
    "ip_drop_protocol",  # protocol nobody registered
    "ip_tx",
    "ip_pmtu_lowered",  # path MTUs learnt from routers
    "ip_tx_fragmented",  # datagrams that were sent in fragments
    "ip_tx_fragments",
    "ip_tx_fragments_lost",  # datagrams whose later fragments found no way
    "ip_tx_loop_full",  # datagrams to a group that programs here did not get
    "ip_reassembled",
    "ip_reassembly_timeout",  # datagrams of which fragments were missing
    "ip_reassembly_spoiled",  # of which fragments overlapped, or were too many
    "ip_reassembly_evicted",  # incomplete datagrams that made room for others
    "ip_tx_no_route",
    "ip_tx_unreachable",  # waited for a neighbour that did not answer
)

ICMP = (
    "icmp_rx",
    "icmp_drop_short",
    "icmp_drop_checksum",
    "icmp_drop_code",
    "icmp_drop_type",  # types that we ignore (redirect, timestamp, source quench …)
    "icmp_drop_broadcast",  # echo request to a broadcast or multicast address
    "icmp_drop_quote",  # error that quotes no datagram of ours
    "icmp_drop_mtu",  # "fragmentation needed" about what cannot have needed it
    "icmp_drop_echo_id",  # echo reply that nobody waits for
    "icmp_drop_echo_again",  # to a request that was answered, or was never sent
    "icmp_drop_echo_queue",  # too many replies wait to be taken
    "icmp_echo",  # echo requests answered
    "icmp_echo_no_buffer",
    "icmp_echo_no_route",  # there is no way back
    "icmp_tx_error",  # unreachable, time exceeded
    "icmp_tx_limited",  # errors withheld by the rate limit
    "icmp_tx_withheld",  # about what no error may be sent for (RFC 1122 §3.2.2), or no way back
    "icmp_tx_no_buffer",
)

UDP = (
    "udp_rx",
    "udp_tx",
    "udp_drop_short",
    "udp_drop_length",  # length field below 8 or beyond the datagram
    "udp_drop_checksum",
    "udp_drop_port",  # destination port 0
    "udp_drop_no_endpoint",
    "udp_drop_queue",  # receiver's queue was full
    "udp_drop_error",  # ICMP error about a datagram that no endpoint has sent
)

STACK = (
    "bug_frame",  # exceptions caught by the poll loop: each is a defect to report
    "bug_timer",
    "bug_output",
    "bug_flush",
)


class Counters:
    """Event counts by name, as attributes."""

    def __init__(self, names=()):
        self.register(names)

    def register(self, names):
        """Add counters that start at 0; one that exists keeps its value."""
        for name in names:
            if not hasattr(self, name):
                setattr(self, name, 0)

    def count(self, name):
        """Count one event by name; where the name is known, `counters.name += 1` is faster."""
        setattr(self, name, getattr(self, name) + 1)

    def as_dict(self):
        """Return a copy, {name: count}."""
        return dict(self.__dict__)

    def drops(self):
        """Return {name: count} of what went wrong: the drops and bugs that happened."""
        return {k: v for k, v in self.__dict__.items() if v and ("drop" in k or "bug" in k)}
