# Frostnet: the lines that iperf3 prints
# MIT license; Copyright (c) 2026 The Frostnet authors

RULE = "- - - - - - - - - - - - - - - - - - - - - - - - -"
BANNER = "-" * 59
_TITLE = "[ ID] Interval           Transfer     Bitrate"
_SPAN = "[%3s] %6.2f-%-6.2f sec  %s  %s/sec"

_BYTES = ("Bytes", "KBytes", "MBytes", "GBytes", "TBytes")
_BITS = ("bits", "Kbits", "Mbits", "Gbits", "Tbits")


def bytes_text(n):
    """Return a number of bytes, in units of 1024: "1.12 MBytes"."""
    return _scaled(n, 1024, _BYTES)


def bits_text(n):
    """Return a number of bits, in units of 1000: " 940 Mbits"."""
    return _scaled(n, 1000, _BITS)


# Three digits, in four places.
def _scaled(n, unit, names):
    power = 0
    while n >= unit and power < len(names) - 1:
        n /= unit
        power += 1
    digits = 2 if n < 9.995 else 1 if n < 99.95 else 0
    return "%4.*f %s" % (digits, n, names[power])


def title(udp, sender, summary=False):
    """Return what stands above the lines of intervals, or of the summary."""
    if udp:
        if sender and not summary:
            return _TITLE + "         Total Datagrams"
        return _TITLE + "         Jitter    Lost/Total Datagrams"
    if not sender:
        return _TITLE
    return _TITLE + ("         Retr" if summary else "         Retr  Cwnd")


def line(name, it, note=""):
    """Return the line of an Interval; `name` is a stream's number, or "SUM"."""
    text = _SPAN % (name, it.start, it.end, bytes_text(it.bytes), bits_text(it.rate))
    if it.packets is not None:
        if it.lost is None:
            text += "  %d  " % it.packets
        else:
            text += "  %5.3f ms  %d/%d (%s%%)  " % (
                it.jitter or 0,
                it.lost,
                it.packets,
                "%.2g" % it.loss if it.loss < 99.5 else "100",
            )
    elif it.retransmits is None:
        text += "                  "
    elif it.cwnd is None:
        text += "  %3d             " % it.retransmits
    else:
        text += "  %3d   %s       " % (it.retransmits, bytes_text(it.cwnd))
    return text + ("(omitted)" if it.omitted else note)


def out_of_order(name, it):
    """Return the line that says how many datagrams came too late; "" if none did."""
    if not it.out_of_order:
        return ""
    text = "[%3s] %4.1f-%4.1f sec  %d datagrams received out-of-order"
    return text % (name, it.start, it.end, it.out_of_order)
