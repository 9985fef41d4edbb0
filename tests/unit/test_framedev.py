# Frostnet: tests of the unix port's frame devices
# MIT license; Copyright (c) 2026 The Frostnet authors

import os
import time

import _port
import framedev


def frame_of(n, length=60):
    frame = bytearray(length)
    frame[0] = n & 0xFF
    for i in range(1, length):
        frame[i] = (n + i) & 0xFF
    return bytes(frame)


def send(dev, frame):
    buf = dev.tx()
    assert buf is not None
    buf[: len(frame)] = frame
    dev.send(len(frame))


def drain(dev):
    frames = []
    n = dev.rx()
    while n:
        frames.append(bytes(dev.frame[:n]))
        n = dev.rx()
    dev.flush()
    return frames


def error_of(spec, kind=OSError):
    try:
        framedev.open(spec)
    except kind as e:
        return str(e)
    raise AssertionError("%s was opened" % spec)


_next_port = [20000 + time.ticks_us() % 20000]


def udp_pair():
    """Two devices that talk to each other; ports that are taken are passed over."""
    while True:
        _next_port[0] += 2
        p = _next_port[0]
        try:
            a = framedev.open("udp:127.0.0.1:%d:127.0.0.1:%d" % (p, p + 1), mac=b"\x02aaaaa")
        except OSError:
            continue
        try:
            return a, framedev.open("udp:127.0.0.1:%d:127.0.0.1:%d" % (p + 1, p)), p
        except OSError:
            a.stop()


def unix_pair():
    base = "/tmp/frostnet-test-%d-%d" % (time.time(), time.ticks_us())
    a, b = base + ".a", base + ".b"
    return framedev.open("unix:%s:%s" % (a, b)), framedev.open("unix:%s:%s" % (b, a)), a


def exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def exchange(a, b):
    frames = [frame_of(n, length) for n, length in enumerate((14, 60, 1513, 1514))]
    for frame in frames:
        send(a, frame)
    a.flush()
    assert b.arm(), "frames wait, but arm() does not say so"
    assert b.arm(), "asking twice lost the frame"
    assert drain(b) == frames
    assert not b.arm()
    send(b, frames[0])
    b.flush()
    assert drain(a) == frames[:1]
    assert a.counters.tx_frames == 4 and b.counters.rx_frames == 4
    assert a.counters.tx_bytes == b.counters.rx_bytes == sum(len(f) for f in frames)


def test_udp_carries_frames_both_ways():
    a, b, _ = udp_pair()
    exchange(a, b)
    assert a.mac == b"\x02aaaaa"
    assert len(b.mac) == 6 and b.mac[0] == 2
    a.stop()
    b.stop()


def test_unix_carries_frames_both_ways_and_leaves_no_file():
    a, b, path = unix_pair()
    exchange(a, b)
    a.stop()
    b.stop()
    assert not exists(path)


def test_a_tagged_frame_fits_and_a_longer_one_is_counted():
    a, b, _ = udp_pair()
    fd = a._fd
    for length in (1518, 1519, 3000):
        _port.write(fd, frame_of(1, length), length)
    send(a, frame_of(2))
    assert [len(f) for f in drain(b)] == [1518, 60]
    assert b.counters.rx_drop_long == 2
    a.stop()
    b.stop()


def test_an_empty_datagram_is_no_frame():
    a, b, _ = udp_pair()
    _port.write(a._fd, b"", 0)
    send(a, frame_of(2))
    assert drain(b) == [frame_of(2)]
    a.stop()
    b.stop()


def test_a_full_peer_loses_nothing():
    a, b, _ = unix_pair()
    sent = 0
    while sent < 10000 and a.tx() is not None:
        send(a, frame_of(sent))
        sent += 1
    assert 2 < sent < 10000, sent
    assert a.counters.tx_full == 1
    assert a.counters.tx_drop_peer == 0
    got = drain(b)
    a.flush()  # the frame that waited
    got += drain(b)
    assert got == [frame_of(n) for n in range(sent)]
    send(a, frame_of(7))
    assert drain(b) == [frame_of(7)]
    a.stop()
    b.stop()


def test_a_peer_that_is_not_there_is_counted_and_may_come():
    a, b, p = udp_pair()
    b.stop()
    for n in range(4):
        send(a, frame_of(n))
        time.sleep_ms(1)
    assert drain(a) == []
    b = framedev.open("udp:127.0.0.1:%d:127.0.0.1:%d" % (p + 1, p))
    send(a, frame_of(9))
    assert drain(b)[-1] == frame_of(9)
    a.stop()
    b.stop()
    a, b, path = unix_pair()
    b.stop()
    send(a, frame_of(1))
    assert a.counters.tx_drop_peer == 1
    assert a.tx() is not None
    a.stop()


def test_interrupt_when_a_frame_comes():
    a, b, _ = udp_pair()
    fired = []
    b.attach(fired.append)
    send(a, frame_of(1))
    _port.wait(_port.ticks_us() + 1000)
    assert not fired, "interrupt before arm()"
    assert drain(b) == [frame_of(1)]
    assert not b.arm()
    send(a, frame_of(2))
    _port.wait(_port.ticks_us() + 1000000)
    _port.wait(0)
    assert len(fired) == 1, fired
    assert b.arm() and drain(b) == [frame_of(2)]
    a.stop()
    b.stop()


def test_stopped_devices_are_silent():
    a, b, _ = udp_pair()
    send(a, frame_of(1))
    assert b.arm()
    for dev in (a, b):
        dev.stop()
        dev.stop()
        assert not dev.carrier and dev.rx() == 0 and not dev.arm()
        send(dev, frame_of(2))
        dev.flush()


def test_errors_are_one_sentence():
    forms = ("", "tap", "tap:", "eth0", "udp:127.0.0.1:1", "udp:a:x:b:y", "unix:/a", "unix::b")
    for spec in forms:
        assert "use tap:NAME" in error_of(spec, ValueError), spec
    a, b, p = udp_pair()
    text = error_of("udp:127.0.0.1:%d:127.0.0.1:9" % p)
    assert "port %d is taken" % p in text, text
    a.stop()
    b.stop()
    assert "not an address of this machine" in error_of("udp:192.0.2.77:0:127.0.0.1:9")
    assert "must be like" in error_of("udp:127.0.0.x:5000:127.0.0.1:9")
    assert "must be like" in error_of("udp:127.0.0.1:70000:127.0.0.1:9")
    assert "no such folder" in error_of("unix:/tmp/no-such-folder/a:/tmp/b")
    assert "too long" in error_of("unix:/tmp/%s:/tmp/b" % ("x" * 200))
    a, b, path = unix_pair()
    assert "exists already" in error_of("unix:%s:/tmp/b" % path)
    a.stop()
    b.stop()
    assert "too long" in error_of("tap:a-name-that-is-too-long")


def test_tap():
    # The kernel at the other end answers ARP for its address, so its stack saw our frame whole.
    name = "frost%d" % (time.ticks_us() % 10000)
    try:
        dev = framedev.open("tap:" + name)
    except OSError as e:
        raise SystemExit("SKIP: " + str(e))
    host = b"\x0a\xfa\x07\x01"
    us = b"\x0a\xfa\x07\x02"
    # In a namespace of its own: the machine's network is left alone.
    up = (
        "ip netns add {0} && ip link set {0} netns {0} && "
        "ip -n {0} addr add 10.250.7.1/24 dev {0} && ip -n {0} link set {0} up"
    )
    if os.system("(%s) 2>/dev/null" % up.format(name)):
        dev.stop()
        os.system("ip netns del %s 2>/dev/null" % name)
        raise SystemExit("SKIP: ip cannot set up a network namespace")
    try:
        request = b"\xff" * 6 + dev.mac + b"\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01"
        request += dev.mac + us + bytes(6) + host + bytes(18)
        for _ in range(50):
            send(dev, request)
            dev.flush()
            time.sleep_ms(10)
            for frame in drain(dev):
                if frame[12:14] == b"\x08\x06" and frame[20:22] == b"\x00\x02":
                    assert frame[:6] == dev.mac and frame[28:32] == host
                    return
        raise AssertionError("no answer from the kernel")
    finally:
        dev.stop()
        os.system("ip netns del " + name)
