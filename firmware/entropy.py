# Frostnet: what seeds the random source (docs/port.md)
# MIT license; Copyright (c) 2026 The Frostnet authors

import time

import _port
import machine
from micropython import const
from virtio import VirtioError, devices
from virtio.rng import Rng

_PERIOD = const(300000)  # ms between two seeds
_WAIT = const(10)  # ms that the start waits for a device; it interrupts when it is later
_WAIT_UNSEEDED = const(500)

_WEAK = (
    "random: numbers can be guessed, as nothing seeds them; "
    "start QEMU with -device virtio-rng-device"
)

sources = []


def boot():
    """Seed the random source from every virtio-rng, now and then; says what is wrong."""
    _find()
    reseed()
    wait = _WAIT if _port.seed() else _WAIT_UNSEEDED
    start = time.ticks_ms()
    while any(rng.poll() for rng in sources):
        if time.ticks_diff(time.ticks_ms(), start) >= wait:
            break
        time.sleep_ms(1)  # QEMU has to do its part
    for rng in sources:
        rng.listen()
    if sources:
        machine.Timer(-1, period=_PERIOD, callback=reseed)
    if not _port.seed():
        print(_WEAK)


def reseed(timer=None):
    """Ask for fresh bytes, which come in the background: for who knows that the machine was
    copied, or cannot wait for the next time."""
    _port.lock()
    try:
        for rng in sources:
            rng.ask()
    finally:
        _port.unlock()


def _find():
    try:
        for transport in devices.find(devices.RNG):
            try:
                sources.append(Rng(transport, _port.seed))
            except VirtioError as e:
                print("random:", e.args[1])
    except VirtioError:
        pass  # a slot that cannot be understood: whoever needs it says so
