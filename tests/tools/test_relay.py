# Frostnet: the relay makes the faults that it is asked for, the same ones for the same seed
# MIT license; Copyright (c) 2026 The Frostnet authors

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

import relay
from common import ROOT

FRAME = bytes(range(100))


def direction(seed=1, **faults):
    values = {name: default for name, (_, default, _) in relay.FAULTS.items()}
    return relay.Direction("a-to-b", seed, {**values, **faults})


def fates(n, gap=0.001, **faults):
    """What becomes of n frames, `gap` seconds apart; (their list, Direction)."""
    d = direction(**faults)
    return [d.pass_on(FRAME, i * gap) for i in range(n)], d


def test_without_faults_a_frame_passes_at_once():
    assert direction().pass_on(FRAME, 5.0) == [(5.0, FRAME)]
    assert direction(delay=0.02).pass_on(FRAME, 5.0) == [(5.02, FRAME)]


def test_same_seed_same_fate():
    faults = {"loss": 0.1, "duplicate": 0.1, "corrupt": 0.1, "reorder": 0.1, "jitter": 0.01}
    assert fates(500, **faults)[0] == fates(500, **faults)[0]
    assert fates(500, seed=1, **faults)[0] != fates(500, seed=2, **faults)[0]


def test_shares():
    for name in ("loss", "duplicate", "reorder", "corrupt"):
        counter = {"loss": "lost", "duplicate": "duplicated"}.get(name, name + "ed")
        assert fates(1000, **{name: 0})[1].counters[counter] == 0
        assert 900 < fates(10_000, **{name: 0.1})[1].counters[counter] < 1100
        assert fates(1000, **{name: 1})[1].counters[counter] == 1000


def test_bursts_lose_as_much_in_a_row():
    out, d = fates(50_000, loss=0.05, burst=5)
    assert 2000 < d.counters["lost"] < 3000
    gone = "".join(" x"[not o] for o in out).split()
    assert 4 < sum(map(len, gone)) / len(gone) < 6


def test_corruption_is_one_bit_behind_the_addresses():
    out, _ = fates(300, corrupt=1)
    for ((_, frame),) in out:
        assert frame[:12] == FRAME[:12] and len(frame) == len(FRAME)
        wrong = int.from_bytes(frame, "big") ^ int.from_bytes(FRAME, "big")
        assert wrong and not wrong & wrong - 1


def test_jitter_keeps_the_order_and_reordering_does_not():
    out, _ = fates(1000, jitter=0.05)
    times = [when for ((when, _),) in out]
    assert times == sorted(times) and times[-1] > 1
    out, _ = fates(1000, reorder=0.2, late=0.01)
    times = [when for ((when, _),) in out]
    assert times != sorted(times)


def test_rate_and_queue():
    # 100 bytes in 1 ms are 800 kbit/s.
    out, d = fates(100, gap=0, rate=800_000.0, queue=10.0)
    assert d.counters["full"] == 90
    assert [round(when, 6) for o in out for when, _ in o] == [i / 1000 for i in range(1, 11)]
    assert len(d.pass_on(FRAME, 0.005)) == 1, "the queue does not drain"


@pytest.mark.parametrize(
    ("text", "value"), [("1%", 0.01), ("0.25", 0.25), ("100%", 1.0), ("0", 0.0)]
)
def test_share(text, value):
    assert relay.share(text) == value


def test_nonsense_is_refused():
    for text in ("2", "-1%", "x", ""):
        with pytest.raises(ValueError):
            relay.share(text)
    for text in ("loss", "loss=2", "speed=5", "loss=1,"):
        with pytest.raises(ValueError):
            relay.overrides(text)
    assert relay.overrides("loss=5%,delay=10") == {"loss": 0.05, "delay": 0.01}


def run(*args):
    command = [sys.executable, ROOT / "tools" / "relay.py", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=20)


def test_errors_for_people():
    for args in (("tap:", "udp:1"), ("foo", "bar"), ("udp:127.0.0.1:x:1:2", "tap:x")):
        done = run(*args)
        assert done.returncode == 1 and "is not an end" in done.stderr
        assert "Traceback" not in done.stderr
    done = run("unix:/nowhere/at/all:/tmp/x", "unix:/tmp/y:/tmp/z")
    assert done.returncode == 1 and "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["udp", "unix"])
def test_carries_frames_both_ways(tmp_path, kind):
    family = socket.AF_INET if kind == "udp" else socket.AF_UNIX
    socks, names = [], []
    for i in range(4):  # two of them are only to find free ports for the relay
        s = socket.socket(family, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0) if kind == "udp" else str(tmp_path / f"s{i}"))
        s.settimeout(5)
        socks.append(s)
        names.append(s.getsockname())
    for i in (1, 3):
        socks[i].close()
        if kind == "unix":
            os.unlink(names[i])
    text = [f"{n[0]}:{n[1]}" if kind == "udp" else n for n in names]
    command = [sys.executable, ROOT / "tools" / "relay.py"]
    command += [f"{kind}:{text[1]}:{text[0]}", f"{kind}:{text[3]}:{text[2]}", "--b-to-a", "loss=1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert "relaying" in process.stderr.readline()
        for i in range(50):
            socks[0].sendto(b"frame %d" % i, names[1])
            assert socks[2].recv(100) == b"frame %d" % i
            socks[2].sendto(b"lost", names[3])
        time.sleep(0.1)
        process.send_signal(signal.SIGUSR1)
        assert json.loads(process.stdout.readline())["a-to-b"]["frames"] == 50
    finally:
        process.terminate()
        out, err = process.communicate(timeout=5)
    counters = json.loads(out.splitlines()[-1])
    assert counters["b-to-a"]["lost"] == 50 and counters["a-to-b"]["unsent"] == 0
    assert process.returncode == 0 and "Traceback" not in err
    for i in (0, 2):
        socks[i].close()
