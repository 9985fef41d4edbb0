# Frostnet: tests of syslog's messages
# MIT license; Copyright (c) 2026 The Frostnet authors

from syslog import DEBUG, EMERGENCY, ERROR, INFO, LOCAL0, Formatter, frame

WHEN = (2003, 10, 11, 22, 14, 15, 5, 284)


def error_of(fn, *args, **kwargs):
    try:
        fn(*args, **kwargs)
    except ValueError as e:
        return str(e)
    raise AssertionError("no ValueError")


# RFC 5424 §6: HEADER SP STRUCTURED-DATA [SP MSG], after the examples of §6.5.
def test_a_message():
    f = Formatter("mymachine.example.com", "evntslog", 20)
    data = {
        "exampleSDID@32473": {"iut": "3"},
        "examplePriority@32473": {"class": "high"},
    }
    got = f.message(5, "An application event", WHEN, 3000, "ID47", data)
    head = b"<165>1 2003-10-11T22:14:15.003000Z mymachine.example.com evntslog - ID47 "
    assert got.startswith(head) and got.endswith(b" An application event")
    assert b'[exampleSDID@32473 iut="3"]' in got and b'[examplePriority@32473 class="high"]' in got
    assert Formatter("h", "su", 4, 77).message(2, "x") == b"<34>1 - h su 77 - - x"
    assert Formatter("h", "a", 0).message(EMERGENCY, "") == b"<0>1 - h a - - -"
    assert Formatter("h", "a", LOCAL0 + 7).message(DEBUG, b"") == b"<191>1 - h a - - -"


# §6.2.4 to §6.2.7: printable ASCII, bounded, "-" for nothing.
def test_fields():
    f = Formatter("my host\n\u00e9", "", 1, "p" * 200)
    got = f.message(INFO, "t", msgid="m" * 40)
    assert got == b"<14>1 - my?host?? - " + b"p" * 128 + b" " + b"m" * 32 + b" - t"
    assert error_of(Formatter, "h", "a", 24) and error_of(Formatter, "h", "a", -1)
    assert error_of(f.message, 8, "t") and error_of(f.message, -1, "t")


# §6.3.3: three characters are escaped in values; names have none of them.
def test_structured_data():
    f = Formatter("h", "a")
    got = f.message(ERROR, "", data={"x@1": {"k": 'a"b\\c]d'}})
    assert got == b'<11>1 - h a - - [x@1 k="a\\"b\\\\c\\]d"]'
    assert f.message(ERROR, "", data={"x@1": {}}).endswith(b" [x@1]")
    for name in ("", "a b", "a=b", "a]", 'a"', "x" * 33, "\u00e9", "a\n"):
        assert error_of(f.message, ERROR, "", data={name: {}})
        assert error_of(f.message, ERROR, "", data={"x@1": {name: 1}})
    assert error_of(f.message, ERROR, "", data={"x@1": {"k": "v" * 2048}})


# §6.4: UTF-8 is marked; §6.1: what is too long loses its end, but no half of a character.
def test_texts():
    f = Formatter("h", "a")
    head = b"<14>1 - h a - - - "
    assert f.message(INFO, "caf\u00e9") == head + b"\xef\xbb\xbfcaf\xc3\xa9"
    assert f.message(INFO, "x" * 9999) == head + b"x" * (2048 - len(head))
    for most in range(len(head) + 3, 60):
        got = f.message(INFO, "\u00e9\u20ac" * 20, most=most)
        assert len(got) <= most and most - len(got) < 6
        got.decode()
    assert f.message(INFO, "caf\u00e9".encode()) == f.message(INFO, "caf\u00e9")
    assert f.message(INFO, b"\xff\xfe") == head + b"\xff\xfe"


# RFC 6587 §3.4.1: MSG-LEN SP SYSLOG-MSG, in octets.
def test_frames():
    assert frame(b"<14>1 -") == b"7 <14>1 -"
    assert frame("\u00e9".encode()) == b"2 \xc3\xa9"
