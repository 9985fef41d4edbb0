#!/usr/bin/env python3
# Frostnet: measure the firmware, and a Linux guest beside it
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import build
import setup
from common import BUILD, FIRMWARE, ROOT, VENV, fail, main, say


@dataclass
class Plan:
    """How much is done; what is not given here is in --help."""

    rounds: int = 5
    boots: int = 5
    bulk: int = 20_000_000
    tap_bulk: int = 100_000_000
    pings: int = 20
    pingpongs: int = 1000
    connections: int = 200
    crowd: int = 1000
    crowd_rounds: int = 8
    idle_seconds: float = 5.0
    http_file: int = 10_000_000
    http_seconds: int = 3
    http_requests: int = 400
    dashboard_seconds: float = 9.0
    dashboard_windows: int = 32
    timeout: float = 60.0


QUICK = Plan(rounds=2, boots=2, bulk=10_000_000, pingpongs=300, connections=50, idle_seconds=2.0)
QUICK.crowd_rounds = 4
QUICK.dashboard_windows = 12
QUICK.tap_bulk = 40_000_000

# Name: unit, whether more is better, what it is.
FIGURES = {
    "prompt": ("s", False, "QEMU's start to the prompt"),
    "lease": ("s", False, "QEMU's start to the DHCP lease"),
    "pci_boot": ("ms", False, "prompt later with the card behind PCI"),
    "ping": ("ms", False, "ping 10.0.2.2, median round trip"),
    "tcp_receive": ("MB/s", True, "TCP host to guest"),
    "tcp_send": ("MB/s", True, "TCP guest to host"),
    "udp_pingpong": ("/s", True, "UDP echo of 64 bytes, host asks"),
    "tcp_pingpong": ("/s", True, "TCP echo of 64 bytes, host asks"),
    "connections": ("/s", True, "connect, receive 26 bytes, close"),
    "idle_cpu": ("%", False, "host processor at the idle prompt"),
    "memory": ("KiB", False, "heap (Linux: memory) in use after boot"),
    "tap_receive": ("MB/s", True, "TCP host to guest, TAP with offloads"),
    "tap_send": ("MB/s", True, "TCP guest to host, TAP with offloads"),
    "jumbo_receive": ("MB/s", True, "TCP host to guest, TAP, MTU 65535"),
    "jumbo_send": ("MB/s", True, "TCP guest to host, TAP, MTU 65535"),
    "disk_write": ("MB/s", True, "a long file written to a drive"),
    "disk_read": ("MB/s", True, "and read"),
    "http_requests": ("/s", True, "HTTP: page of 100 bytes, 8 connections, wrk"),
    "http_file": ("MB/s", True, "HTTP: a file of 10 MB"),
    "http_share": ("times", True, "that, over TCP guest to host"),
    "dashboard_cost": ("%", False, "TCP guest to host, less with the dashboard"),
    "dashboard_work": ("%", False, "the same, by processor time"),
    "dashboard_cpu": ("%", False, "processor for the dashboard, while open"),
    "telnet_echo": ("ms", False, "a typed character's echo, over a TCP echo"),
    "open_connections": ("", True, "TCP connections open at once, all answer"),
    "idle_connection": ("bytes", False, "heap per idle TCP connection"),
    "idle_socket": ("bytes", False, "heap for its socket object, if it has one"),
    "crowd_left": ("KiB", False, "heap that is left when all are closed"),
    "crowded_pingpong": ("times", False, "TCP echo's time among 1,000 connections"),
}
AT_BOOT = ("prompt", "lease", "pci_boot", "memory")
TAP = ("tap_receive", "tap_send", "jumbo_receive", "jumbo_send")
DISK = ("disk_write", "disk_read")
DASHBOARD = ("dashboard_cost", "dashboard_work")
HTTP = ("http_requests", "http_file", "http_share", "dashboard_cpu", *DASHBOARD)
TELNET = ("telnet_echo",)
CROWD = ("open_connections", "idle_connection", "idle_socket", "crowd_left", "crowded_pingpong")
PERF = "perf"  # MicroPython's own benchmarks, by emitter: a table of its own


class Results:
    """Values by figure and guest, and what went wrong."""

    def __init__(self, names):
        self.values = {name: {} for name in names}
        self.errors = []

    def add(self, figure, guest, value):
        if figure in self.values:
            self.values[figure].setdefault(guest, []).append(value)

    def error(self, figure, guest, error):
        self.errors.append(f"{figure} of {guest}: {type(error).__name__}: {error}")
        say(self.errors[-1])

    def median(self, figure, guest):
        values = self.values[figure].get(guest)
        return statistics.median(values) if values else None

    def ratio(self, figure):
        """How many times as good as Linux: above 1 is better, whatever the unit."""
        ours, theirs = (self.median(figure, guest) for guest in ("frostnet", "linux"))
        if not ours or not theirs:
            return None
        return ours / theirs if FIGURES[figure][1] else theirs / ours

    def table(self):
        rows = [f"{'figure':<42}{'unit':>6}{'frostnet':>11}{'linux':>11}{'times':>8}"]
        for name in self.values:
            unit, _, text = FIGURES[name]
            cells = [self.median(name, guest) for guest in ("frostnet", "linux")]
            cells = "".join(f"{'-' if c is None else format(c, '.4g'):>11}" for c in cells)
            ratio = self.ratio(name)
            rows.append(f"{text:<42}{unit:>6}{cells}{'-' if ratio is None else f'{ratio:.2f}':>8}")
        return "\n".join(rows)

    def as_dict(self):
        out = {}
        for name, values in self.values.items():
            unit, more, text = FIGURES[name]
            out[name] = {"unit": unit, "more_is_better": more, "text": text, "values": values}
            out[name]["median"] = {guest: self.median(name, guest) for guest in values}
            out[name]["times_linux"] = self.ratio(name)
        return out


def boot_all(makers, plan, results):
    """Boot the guests in turn; returns the last of each, prepared, and records boot figures."""
    guests = {}
    boots = plan.boots if {"prompt", "lease"} & set(results.values) else 1
    try:
        for i in range(boots):
            for name, make in makers.items():
                guest = make()
                if i == boots - 1:
                    guests[name] = guest
                else:
                    guest.close()
                results.add("prompt", name, guest.prompt_seconds)
                results.add("lease", name, guest.lease_seconds)
        for name, guest in guests.items():
            used, _ = guest.prepare()
            results.add("memory", name, used / 1024)
    except BaseException:
        close_all(guests)
        raise
    return guests


def close_all(guests):
    for guest in guests.values():
        guest.close()


def take_rounds(guests, plan, results, functions):
    """Take the figures of `functions`, by name, in alternating rounds."""
    import bench_figures

    broken = set()
    for figure in functions:
        if not figure.endswith("_receive"):
            continue
        for name, guest in guests.items():
            try:
                bench_figures.check_receive(guest, plan)
            except Exception as e:
                results.error(figure, name, e)
                broken.add((figure, name))
    for i in range(plan.rounds):
        say(f"round {i + 1} of {plan.rounds}")
        for figure, function in functions.items():
            # Swap the order every round: neither guest always goes first.
            for name in sorted(guests, reverse=bool(i % 2)):
                if (figure, name) in broken:
                    continue
                try:
                    results.add(figure, name, function(guests[name], plan))
                except Exception as e:
                    results.error(figure, name, e)
                    broken.add((figure, name))


def guest_makers(options, workdir):
    """{name: function that boots the guest}; its arguments are those of the guests' classes."""
    import bench_guests
    import bench_linux

    makers = {}
    if not options.only_linux:
        makers["frostnet"] = partial(bench_guests.FrostnetGuest, workdir, options.firmware)
    if not options.no_linux:
        try:
            image = bench_linux.prepare(BUILD / "linux")
            makers["linux"] = partial(bench_guests.LinuxGuest, workdir, image)
        except bench_linux.Unavailable as e:
            say(f"no Linux guest to compare with: {e}")
    return makers


def measure_guests(options, plan, results):
    import bench_crowd
    import bench_disk
    import bench_figures
    import bench_httpd
    import bench_pci
    import bench_tap
    import bench_telnet

    alone = AT_BOOT + CROWD + HTTP + TAP + DISK + TELNET
    rounds = [n for n in results.values if n not in alone]
    with tempfile.TemporaryDirectory(prefix="frostnet-bench-") as workdir:
        makers = guest_makers(options, workdir)
        if "frostnet" in makers and "pci_boot" in results.values:
            bench_pci.measure(options.firmware, plan, results)
        if "frostnet" in makers and set(DISK) & set(results.values):
            bench_disk.measure(options.firmware, plan, results)
        if any(n not in TAP + DISK + ("pci_boot",) for n in results.values):
            guests = boot_all(makers, plan, results)
            try:
                functions = {n: getattr(bench_figures, n) for n in rounds}
                take_rounds(guests, plan, results, functions)
                bench_httpd.measure(guests, plan, results)
                if "frostnet" in guests:
                    bench_telnet.measure(guests["frostnet"], plan, results)
                    bench_crowd.measure(guests["frostnet"], plan, results)
            finally:
                close_all(guests)
        bench_tap.measure(makers, plan, results, workdir)


def commit():
    command = ["git", "-C", ROOT, "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def parse():
    figures = "; ".join(f"{name}: {row[2]}, {row[0]}" for name, row in FIGURES.items())
    figures += f"; {PERF}: MicroPython's perf_bench as bytecode, native and viper code"
    parser = argparse.ArgumentParser(
        description="Boot the firmware, and a Linux guest in the same QEMU in turn with it, over "
        "user networking; take each figure of both in alternating rounds; print the medians and "
        "how many times as good as Linux the firmware is; write build/bench.json.",
        epilog="Figures: " + figures,
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, about a minute")
    parser.add_argument("--only", metavar="NAMES", help="only these figures, with commas")
    parser.add_argument("--rounds", type=int, help="how many rounds")
    guests = parser.add_mutually_exclusive_group()
    guests.add_argument("--no-linux", action="store_true", help="only the firmware")
    guests.add_argument("--only-linux", action="store_true", help="only the Linux guest")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--output", type=Path, default=BUILD / "bench.json", help="file to write")
    parser.add_argument("--firmware", type=Path, help="image to boot instead of building it")
    parser.add_argument("--no-build", action="store_true", help="boot the image that is there")
    options = parser.parse_args()
    options.perf = not (options.quick or options.only_linux)
    names = list(FIGURES)
    if options.only:
        names = options.only.split(",")
        options.perf = PERF in names
    for name in names:
        if name not in FIGURES and name != PERF:
            parser.error(f"no figure {name}: choose from {', '.join(FIGURES)}, {PERF}")
    return options, [name for name in FIGURES if name in names]


def prepare(options):
    """Install what is missing, continue where mpremote is, build the image unless one is given."""
    setup.ensure("run", "venv")
    in_venv()
    if not (options.firmware or options.no_build or options.only_linux):
        build.build("firmware")
    options.firmware = options.firmware or FIRMWARE
    if not (options.firmware.exists() or options.only_linux):
        fail(f"{options.firmware} is missing: run make firmware")


def in_venv():
    """mpremote and pyserial live in the project's environment: continue there."""
    python = VENV / "bin" / "python"
    if Path(sys.prefix) != VENV and python.exists():
        os.execv(python, [python, *sys.argv])


def cli():
    options, names = parse()
    prepare(options)
    # These need pyserial and mpremote.
    import bench_figures
    from hostlib import qemu

    plan = QUICK if options.quick else Plan()
    plan.rounds = options.rounds or plan.rounds
    results = Results(names)
    if names:
        measure_guests(options, plan, results)
    perf = {}
    if options.perf:
        import bench_perf

        perf, errors = bench_perf.measure(options.firmware)
        results.errors += errors
    report = {
        "commit": commit(),
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "qemu": bench_figures.qemu_version(qemu.PROGRAM),
        "processors": os.cpu_count(),
        "plan": asdict(plan),
        "figures": results.as_dict(),
        "perf_bench": perf,
        "image": bench_figures.image_sizes(options.firmware),
        "errors": results.errors,
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=1) + "\n")
    if options.json:
        print(json.dumps(report, indent=1))
    else:
        if names:
            print(results.table())
        if perf:
            print(bench_perf.table(perf))
        if report["image"]:
            print("image, bytes: " + ", ".join(f"{k} {v}" for k, v in report["image"].items()))
    return 1 if results.errors else 0


if __name__ == "__main__":
    main(cli)
