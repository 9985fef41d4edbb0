# Frostnet: what frame devices have in common
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

# What a device that spares us checksums says of a received frame. No bit: nothing, look yourself.
PARTIAL = const(1)  # it came from this machine: the checksum is the pseudo-header's sum so far
VALID = const(2)  # the device has checked it
SIZE = const(2)  # above these bits: payload of each segment that the frame was made of, 0: of one


class Device:
    """A frame device without offloads, which receives whatever comes."""

    csum = False  # send_partial() completes checksums
    tso = 0  # largest IP packet that send_partial() cuts into segments; 0: none
    rx_max = 0  # largest IP packet that it hands up, if that can be more than `mtu`
    on_announce = None  # called when the network is to be told where we are

    def notes(self):
        """Return texts that tell what stands before the device (layer.py): none."""
        return ()

    def listen(self, groups, everything=False):
        """Receive, of what is sent to groups, only what is for `groups`, addresses as bytes of 6;
        or `everything`, whoever it is for. A device that cannot choose receives more.
        """


class FrameByFrame(Device):
    """Frame device with an `rx()`: length of the next frame, which is then in `frame`, or 0."""

    def receive(self, handle, budget):
        while budget:
            n = self.rx()
            if not n:
                return False
            handle(self.frame, n)
            budget -= 1
        return True
