# Frostnet: tests of what chargen and daytime say
# MIT license; Copyright (c) 2026 The Frostnet authors

from chargen import PERIOD, characters
from daytime import daytime


# RFC 864: "lines of 72 characters … shifted by one".
def test_characters():
    text = characters()
    lines = text.split(b"\r\n")
    assert len(text) == PERIOD and len(lines) == 96 and lines[95] == b""
    assert all(len(line) == 72 for line in lines[:95])
    assert lines[0][:3] == b' !"' and lines[1][:3] == b'!"#' and lines[94][:3] == b"~ !"
    assert (text * 2).count(lines[0]) == 2


# RFC 867: "Weekday, Month Day, Year Time-Zone".
def test_daytime():
    assert (
        daytime((1982, 2, 22, 17, 37, 43, 0, 53)) == b"Monday, February 22, 1982 17:37:43-UTC\r\n"
    )
    assert daytime((2026, 12, 6, 1, 2, 3, 6, 340)) == b"Sunday, December 6, 2026 01:02:03-UTC\r\n"
