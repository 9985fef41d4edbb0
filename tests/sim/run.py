# Frostnet: simulator trials: run those of some seeds, for tools/soak.py
# MIT license; Copyright (c) 2026 The Frostnet authors

# Arguments: the first seed, how many, a file for the capture or "", and "sabotage" or "". Prints
# "BEGIN seed" before each trial; what is known about it and "FAIL seed: why" if it fails;
# "EXCUSED seed: errno count" for errors that its links explain; "OK" and how many were good at
# the end.

import gc
import sys

import apps
from trial import Trial

_LEFT = 1 << 20  # bytes of heap that trials may leave behind


def run(seed, pcap):
    print("BEGIN", seed)
    trial = None
    try:
        trial = Trial(seed, pcap)
        trial.run()
        for what, n in trial.excused.items():
            print("EXCUSED %d: %s %d" % (seed, what, n))
        return True
    except Exception as e:
        if trial:
            trial.describe()
        sys.print_exception(e, sys.stdout)
        print("FAIL %d: %s" % (seed, e))
        return False
    finally:
        if trial:
            trial.wire.close()


def lose_a_byte(end):
    if end.got > 100:
        end.got += 1
    return 0


def main(first, count, pcap="", sabotage=""):
    if sabotage:
        apps.End.check = lose_a_byte
    good = 0
    left = []
    for seed in range(int(first), int(first) + int(count)):
        good += run(seed, pcap)
        gc.collect()
        left.append(gc.mem_alloc())
    # A stale word on the C stack may keep one trial alive (the collector cannot know).
    if len(left) > 1:
        grown = left[-1] - left[0]
        if grown > _LEFT:
            print("FAIL %d: these trials leave %d bytes of heap behind" % (seed, grown))
    print("OK", good)


main(*sys.argv[1:])
