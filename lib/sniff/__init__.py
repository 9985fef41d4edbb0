# Frostnet: frames in words, filters in words, captures in pcapng; without I/O
# MIT license; Copyright (c) 2026 The Frostnet authors

# `link.line(buf, n, size)` tells of a frame in one line, as tcpdump does: `buf[:n]` is what was
# kept of it, `size` its length on the link. Each layer has a function (buf, off, end, size, …):
# what it may read ends at `end`, and began with `size` bytes. So what was cut when it was captured
# (end - off < size: "[|tcp]") differs from what was sent too short. Whatever a frame holds, no
# function raises, and no line has a control character.
#
# `filter.parse(text)` is a function of a `fields.Fields`, `pcapng` makes the blocks of a file, and
# `slots.Slots` keeps frames from when they pass until somebody has the time to look at them.
