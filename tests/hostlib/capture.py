# Frostnet: tshark reads captures
# MIT license; Copyright (c) 2026 The Frostnet authors
"""What tshark says about a capture: nothing malformed, no bad checksum, no needless segment."""

import shutil
import subprocess

_PREFS = ("ip.check_checksum", "tcp.check_checksum", "udp.check_checksum")

# A test's payload is data: tshark would take it for whatever is usual on the port that was drawn,
# and find that malformed. DHCP and DNS are the stack's own.
_DECODE_AS = (
    "tcp.port==1-52,data",
    "tcp.port==54-65535,data",
    "udp.port==1-52,data",
    "udp.port==54-66,data",
    "udp.port==69-65535,data",
)

OURS = "eth.src[0:3] == 52:54:00"  # QEMU's cards; its gateway is 52:55, TAP devices are random

# Field values: 0 is bad, 1 is good, 2 is unverified.
BAD = " or ".join(
    (
        "_ws.malformed",
        "_ws.short",
        "ip.checksum.status == 0",
        # Some kernels send 0xFFFF for 0, which is the same sum (RFC 1624 §3); we do not.
        "(tcp.checksum.status == 0 and not (tcp.checksum == 0xffff and not %s))" % OURS,
        "udp.checksum.status == 0",
        "icmp.checksum.status == 0",
        "ip.bogus_header_length",
        "tcp.option.len.invalid",
    )
)

# What must not happen on a link that loses nothing. User networking acknowledges our FIN in
# CLOSING with its own FIN once more, as BSD does: the host's segments without data do not count.
NEEDLESS = " or ".join(
    (
        "tcp.analysis.retransmission",
        "tcp.analysis.fast_retransmission",
        "tcp.analysis.out_of_order",
        "tcp.analysis.lost_segment",
        "tcp.analysis.ack_lost_segment",
    )
)


def available():
    return shutil.which("tshark") is not None


def query(pcap, display_filter, fields=None, timeout=120):
    """Lines that tshark prints for the packets of `pcap` that pass the filter."""
    command = ["tshark", "-n", "-r", str(pcap), "-Y", display_filter]
    for rule in _DECODE_AS:
        command += ["-d", rule]
    for pref in _PREFS:
        command += ["-o", pref + ":TRUE"]
    if fields:
        command += ["-T", "fields"]
        for field in fields:
            command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        raise RuntimeError("tshark failed on %s: %s" % (pcap, done.stderr.strip()))
    return [line for line in done.stdout.splitlines() if line.strip()]


def count(pcap, display_filter="frame"):
    return len(query(pcap, display_filter, ["frame.number"]))


def is_empty(pcap):
    """True for a capture without packets: only the file's header, or nothing."""
    return pcap.stat().st_size <= 24


def check(pcap, lossless=True):
    """Raise AssertionError with tshark's lines when the capture has a fault; `lossless` says
    that the link lost nothing, so that no segment may be sent twice."""
    needless = "(%s) and not (ip.src == 10.0.2.2 and tcp.len == 0)" % NEEDLESS
    faults = query(pcap, "%s or (%s)" % (BAD, needless) if lossless else BAD)
    assert not faults, "tshark finds faults in %s:\n%s" % (pcap, "\n".join(faults[:20]))
