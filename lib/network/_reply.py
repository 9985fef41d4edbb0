# Frostnet: answers to packets
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.ip.unloaded import complete
from frostnet.wire import addr, arp, ethernet, icmp, ipv4

_IP = const(14)  # offset of the IP header
_TTL = const(64)
_HEAD = const(8)  # of ICMP and UDP


def reply(packet, mac, payload):
    """Return the frame, from `mac`, that answers a Packet; ValueError for what has no answer.

    Without a `payload` it is that of the packet.
    """
    if packet.proto == "arp":
        return _arp_reply(packet.frame, mac)
    ping = packet.icmp_type == icmp.ECHO
    if packet.fragment or not ping and (packet.proto != "udp" or packet.sport is None):
        raise ValueError("reply() answers ARP requests, pings and UDP datagrams")
    asked = packet.frame
    at = _IP + ((asked[_IP] & 15) << 2)
    head = bytearray(asked[at : at + _HEAD])
    data = packet.payload if payload is None else payload
    n = _HEAD + len(data)
    if ping:
        head[0:4] = bytes(4)  # an echo reply, whose checksum comes last
    else:
        head[:4] = head[2:4] + head[:2]
        head[4:6] = n.to_bytes(2, "big")
    src, dst = addr.load(asked, _IP + ipv4.DST), addr.load(asked, _IP + ipv4.SRC)
    frame = bytearray(ethernet.header(bytes(asked[6:12]), mac, ethernet.TYPE_IPV4))
    frame += ipv4.header(src, dst, _TTL, ipv4.DF)
    ipv4.complete(frame, _IP, ipv4.HEADER, n, asked[_IP + ipv4.PROTO], 0, ipv4.DF)
    frame += head
    frame += data
    at = _IP + ipv4.HEADER
    if ping:
        icmp.seal(frame, at, n)
    else:
        complete(frame, _IP, at, at + n, src, dst)
    return frame


def _arp_reply(asked, mac):
    if arp.parse(asked, _IP, len(asked)) != arp.REQUEST:
        raise ValueError("reply() answers requests of ARP, and this is a reply")
    frame = bytearray(_IP + arp.SIZE)
    sender = bytes(asked[_IP + arp.SHA : _IP + arp.SHA + 6])
    frame[:_IP] = ethernet.header(sender, mac, ethernet.TYPE_ARP)
    ours, theirs = addr.load(asked, _IP + arp.TPA), addr.load(asked, _IP + arp.SPA)
    arp.build(frame, _IP, arp.REPLY, mac, ours, sender, theirs)
    return frame
