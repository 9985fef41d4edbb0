# Frostnet: proportional rate reduction
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 6937. During recovery what leaves the network decides what may enter it: the window comes
# down to ssthresh smoothly over one round trip, and if losses emptied the network it grows back
# to ssthresh no faster than slow start (the reduction bound SSRB).


class Rate:
    """One recovery, with `flight` bytes outstanding when it began, in a window of `cwnd`.

    What the flight is short of the window counts as having just left the network: a batch of ACKs
    is taken in before anything is sent for them.
    """

    def __init__(self, flight, cwnd):
        self.flight = cwnd if cwnd > flight else flight
        self.delivered = self.flight - flight

    def window(self, delivered, out, pipe, ssthresh, mss):
        """Return cwnd after an ACK that says that `delivered` more bytes arrived.

        `out` bytes were sent since recovery began, `pipe` are in the network now.
        """
        self.delivered += delivered
        if pipe > ssthresh:
            n = (self.delivered * ssthresh + self.flight - 1) // self.flight - out
        else:
            n = self.delivered - out
            if n < delivered:
                n = delivered
            n += mss
            if n > ssthresh - pipe:
                n = ssthresh - pipe
        if not out and n < mss:
            n = mss  # the fast retransmission itself
        return pipe + n if n > 0 else pipe
