# Frostnet: what frame devices share that have their frames one by one
# MIT license; Copyright (c) 2026 The Frostnet authors


class FrameByFrame:
    """Frame device with an `rx()`: length of the next frame, which is then in `frame`, or 0."""

    def receive(self, handle, budget):
        while budget:
            n = self.rx()
            if not n:
                return False
            handle(self.frame, n)
            budget -= 1
        return True
