# Frostnet: simulator trials: run those of some seeds, for tools/soak.py
# MIT license; Copyright (c) 2026 The Frostnet authors

# Arguments: the first seed, how many, and a file for the capture or "". Prints one line for each
# seed that fails, "FAIL seed: why", after what is known about it, and "OK count" at the end.

import gc
import sys

from trial import Trial


def run(seed, pcap):
    trial = None
    try:
        trial = Trial(seed, pcap)
        trial.run()
        return True
    except Exception as e:
        if trial:
            print(trial.plan)
            print("t = %.6f s" % (trial.sim.now / 1000000))
            for end in trial.ends:
                print(end)
        sys.print_exception(e, sys.stdout)
        print("FAIL %d: %s" % (seed, e))
        return False
    finally:
        if trial:
            trial.wire.close()


def main(first, count, pcap=""):
    good = 0
    for seed in range(int(first), int(first) + int(count)):
        good += run(seed, pcap)
        gc.collect()
    print("OK %d" % good)


main(*sys.argv[1:])
