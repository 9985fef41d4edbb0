# Frostnet: the unix port itself: _port, its clock, its waiting, and raw frames
# MIT license; Copyright (c) 2026 The Frostnet authors

import _port
import errno
import micropython
import time

_PORT_A = 47611
_PORT_B = 47612
_LOCAL = "127.0.0.1"


def open_pair():
    a = _port.open_udp(_LOCAL, _PORT_A, _LOCAL, _PORT_B)
    return a, _port.open_udp(_LOCAL, _PORT_B, _LOCAL, _PORT_A)


def close_pair(pair):
    for fd in pair:
        _port.close(fd)


def raises(number, fn, *args):
    try:
        fn(*args)
    except OSError as e:
        assert e.errno == number, e
    else:
        assert False, "no OSError"


def test_clock_is_monotonic_and_counts_microseconds():
    start = _port.ticks_us()
    time.sleep_ms(20)
    assert 20_000 <= _port.ticks_us() - start < 2_000_000


def test_wait_sleeps_no_longer_than_asked():
    start = _port.ticks_us()
    _port.wait(_port.ticks_us() + 10_000)
    assert 10_000 <= _port.ticks_us() - start < 2_000_000


def test_alarm_ends_wait_and_calls_once():
    calls = []
    start = _port.ticks_us()
    _port.alarm(start + 5_000, calls.append)
    _port.wait(_port.ticks_us() + 60_000_000)
    assert calls == [None]
    assert 5_000 <= _port.ticks_us() - start < 30_000_000
    _port.wait(_port.ticks_us() + 1_000)
    assert calls == [None]


def test_alarm_is_cancelled_by_minus_one():
    calls = []
    _port.alarm(_port.ticks_us(), calls.append)
    _port.alarm(-1, None)
    _port.wait(_port.ticks_us() + 1_000)
    assert calls == []


def test_alarm_runs_in_sleep():
    calls = []
    _port.alarm(_port.ticks_us() + 2_000, calls.append)
    time.sleep_ms(10)
    assert calls == [None]


def test_lock_holds_callbacks_back_and_nests():
    calls = []
    _port.lock()
    _port.lock()
    micropython.schedule(calls.append, 1)
    for _ in range(10):
        pass
    _port.unlock()
    for _ in range(10):
        pass
    assert calls == []
    _port.unlock()
    for _ in range(10):
        pass
    assert calls == [1]


def test_unlock_without_lock_is_an_error():
    try:
        _port.unlock()
    except RuntimeError:
        return
    assert False, "no RuntimeError"


def test_frames_pass_whole_and_in_order():
    pair = a, b = open_pair()
    buf = memoryview(bytearray(1514))
    try:
        assert _port.read(a, buf) == -1
        for n in (1, 60, 1514):
            assert _port.write(b, bytes([n & 255]) * n, n) == n
        for n in (1, 60, 1514):
            assert _port.read(a, buf) == n
            assert bytes(buf[:n]) == bytes([n & 255]) * n
        assert _port.read(a, buf) == -1
    finally:
        close_pair(pair)


def test_frame_that_does_not_fit_is_dropped_alone():
    pair = a, b = open_pair()
    buf = bytearray(10)
    try:
        _port.write(b, bytes(11), 11)
        _port.write(b, bytes(10), 10)
        assert _port.read(a, buf) == -2
        assert _port.read(a, buf) == 10
    finally:
        close_pair(pair)


def test_wait_returns_when_a_frame_is_there():
    pair = a, b = open_pair()
    try:
        _port.write(b, b"x", 1)
        start = _port.ticks_us()
        _port.wait(_port.ticks_us() + 60_000_000)
        assert _port.ticks_us() - start < 30_000_000
    finally:
        close_pair(pair)


def test_irq_fires_once_per_enable():
    pair = a, b = open_pair()
    calls = []
    irq = _port.IRQ(a, calls.append)
    try:
        _port.write(b, b"x", 1)
        _port.wait(_port.ticks_us() + 1_000)
        assert calls == [], "fires before it is enabled"
        irq.enable()
        _port.wait(_port.ticks_us() + 60_000_000)
        assert calls == [irq]
        _port.wait(_port.ticks_us() + 1_000)
        assert calls == [irq], "fires while disabled"
        irq.enable()
        time.sleep_ms(5)
        assert calls == [irq, irq], "not in sleep"
    finally:
        close_pair(pair)


def test_unix_datagrams_survive_a_peer_that_comes_late():
    a = _port.open_unix("/tmp/frostnet-smoke-a", "/tmp/frostnet-smoke-b")
    try:
        assert _port.write(a, b"x", 1) == -errno.ENOENT
        raises(errno.EADDRINUSE, _port.open_unix, "/tmp/frostnet-smoke-a", "/tmp/frostnet-x")
        b = _port.open_unix("/tmp/frostnet-smoke-b", "/tmp/frostnet-smoke-a")
        buf = bytearray(4)
        try:
            assert _port.write(a, b"xyz", 3) == 3
            assert _port.read(b, buf) == 3
        finally:
            _port.close(b)
    finally:
        _port.close(a)


def test_bad_arguments_are_refused():
    pair = a, b = open_pair()
    try:
        raises(errno.EINVAL, _port.open_udp, "1.2.3", 1, _LOCAL, 1)
        raises(errno.EINVAL, _port.open_udp, _LOCAL, 65536, _LOCAL, 1)
        raises(errno.EINVAL, _port.open_unix, "", "x")
        raises(errno.EINVAL, _port.open_unix, "x" * 200, "x")
        raises(errno.EINVAL, _port.open_tap, "x" * 16)
        raises(errno.EBADF, _port.read, 99, bytearray(1))
        try:
            _port.write(a, b"x", 2)
        except ValueError:
            pass
        else:
            assert False, "no ValueError"
    finally:
        close_pair(pair)
    raises(errno.EBADF, _port.close, a)
