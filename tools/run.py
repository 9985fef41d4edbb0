#!/usr/bin/env python3
# Frostnet: boot the firmware in QEMU
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import ipaddress
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import build
import setup
from common import BUILD, FIRMWARE, fail, main, say
from pytest_frostnet import machine
from pytest_frostnet.machine import HOST

EVERYWHERE = "0.0.0.0"
PTY_FILE = BUILD / "run.pty"
PROGRAM = os.environ.get("QEMU", "qemu-system-aarch64")
# Port of this machine: port of the board.
FORWARDS = ("8080:80", "2323:23")
WEB = ("tcp", 80)
DISK_SIZE = 64 << 20


def parse_forward(text):
    match = re.fullmatch(r"(?:(tcp|udp):)?(\d+):(\d+)", text)
    if not match or not all(0 < int(port) < 65536 for port in match.group(2, 3)):
        raise argparse.ArgumentTypeError(f"{text} is not [tcp:|udp:]PORT:BOARDPORT")
    return match[1] or "tcp", int(match[2]), int(match[3])


def parse_address(text):
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError as e:
        raise argparse.ArgumentTypeError(f"{text} is no address such as {HOST}") from e


def is_free(proto, port, address=HOST):
    kind = socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as s:
        # QEMU sets it too: a port in TIME_WAIT is no obstacle.
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((address, port))
        except OSError:
            return False
    return True


def usable(forwards, address):
    """The forwards whose ports are free; says which are not."""
    for proto, port, board_port in forwards:
        if is_free(proto, port, address):
            yield proto, port, board_port
        else:
            say(
                f"{proto} port {port} of this machine is taken: the board's port {board_port} is "
                f"not forwarded (choose another with --forward {proto}:PORT:{board_port})"
            )


def parse_setting(text):
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=VALUE")
    return name, value


def parse_program(text):
    if not os.path.isfile(text):
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return text


def drive(path):
    """QEMU's options for the drive in the file `path`, which is made if there is none."""
    try:
        if not os.path.exists(path):
            with open(path, "xb") as file:
                file.truncate(DISK_SIZE)
            say(f"made {path}: {DISK_SIZE >> 20} MiB, empty; the board formats it")
        return machine.drive(path)
    except OSError as e:
        fail(f"{path} cannot be used as a drive: {e.strerror}")


def serial_port(pty, tcp):
    """QEMU's options for the serial port: this terminal, a new one, or a TCP port of HOST."""
    if pty:
        return ["-display", "none", "-serial", "pty"]
    if not tcp:
        return ["-nographic"]
    if not is_free("tcp", tcp):
        fail(f"tcp port {tcp} of this machine is taken: choose another with --tcp")
    # The board does not wait for a reader.
    return ["-display", "none", "-serial", f"tcp:{HOST}:{tcp},server=on,wait=off,nodelay=on"]


def banner(forwards, address, leave):
    print(f"Frostnet in QEMU. {leave}")
    print("The host is 10.0.2.2 to the board.")
    for proto, port, board_port in forwards:
        text = f"{address}:{port} is its {proto} port {board_port}."
        if (proto, board_port) == WEB:
            name = "localhost" if address in (HOST, EVERYWHERE) else address
            text += f" The dashboard is at http://{name}:{port}/."
        print(text)
    if forwards and address == EVERYWHERE:
        print("Everybody who reaches this machine reaches the board.")
    sys.stdout.flush()


def running_pty():
    """The terminal of the board that runs with --pty, or None."""
    try:
        pid, pty = PTY_FILE.read_text().split()
        name = Path(f"/proc/{pid}/comm").read_text()  # another process may have its number now
    except (OSError, ValueError):
        return None
    return pty if name.startswith("qemu") and os.path.exists(pty) else None


def run_pty(command, forwards, address):
    """Run QEMU with its serial port on a new terminal, until QEMU or the user ends it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    qemu = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        for line in qemu.stdout:
            match = re.search(r"redirected to (/dev/\S+)", line)
            if match:
                PTY_FILE.write_text(f"{qemu.pid} {match[1]}")
                banner(forwards, address, "Ctrl-C here ends it.")
                print(f"Its serial port is {match[1]}: make repl talks to it.", flush=True)
            else:
                print(line, end="", flush=True)
        return qemu.wait()
    finally:
        if PTY_FILE.exists() and PTY_FILE.read_text().startswith(f"{qemu.pid} "):
            PTY_FILE.unlink()  # and not that of a board that was started later
        qemu.terminate()
        qemu.wait()


def cli():
    parser = argparse.ArgumentParser(
        description="Build the firmware and boot it in QEMU with user networking, at the prompt.",
        epilog="Arguments after -- go to QEMU as they are.",
    )
    parser.add_argument(
        "--forward",
        metavar="[tcp:|udp:]PORT:BOARDPORT",
        action="append",
        type=parse_forward,
        help=f"forward a port of this machine to the board (default: {' '.join(FORWARDS)})",
    )
    parser.add_argument(
        "--address",
        default=HOST,
        type=parse_address,
        help="forward ports of this address of this machine (default: %(default)s); "
        f"{EVERYWHERE} is all of them, for containers",
    )
    parser.add_argument("--cpu", default="cortex-a72", help="default: %(default)s")
    parser.add_argument("-m", "--memory", default="128M", help="default: %(default)s")
    parser.add_argument("--modern", action="store_true", help="virtio-mmio version 2")
    parser.add_argument("--pci", action="store_true", help="a network card behind PCI")
    parser.add_argument(
        "--pty", action="store_true", help="serial port on a terminal, for mpremote"
    )
    parser.add_argument(
        "--tcp",
        metavar="PORT",
        type=int,
        help=f"serial port on this TCP port of {HOST}, for mpremote connect socket://{HOST}:PORT",
    )
    parser.add_argument(
        "--main",
        metavar="PROGRAM",
        type=parse_program,
        help="run this Python program instead of the prompt, and end with its exit status",
    )
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=parse_setting,
        help="a setting of docs/settings.md, such as hostname=pump",
    )
    parser.add_argument(
        "--disk", metavar="IMAGE", help="a drive for files that stay; made if there is none"
    )
    parser.add_argument("--no-build", action="store_true", help="boot the image that is there")
    parser.add_argument("qemu", metavar="-- QEMU-ARGUMENT", nargs="*", help="such as: -- -smp 2")
    args = parser.parse_args()
    if args.main and (args.pty or args.tcp):
        parser.error("--main prints to this terminal: leave out --pty and --tcp")
    if args.pty and args.tcp:
        parser.error("the board has one serial port: leave out --pty or --tcp")

    extra = drive(args.disk) if args.disk else []
    setup.ensure("run")
    if not args.no_build:
        build.build("firmware")
    elif not FIRMWARE.exists():
        fail(f"{FIRMWARE} is missing: run make firmware")
    forwards = list(usable(args.forward or map(parse_forward, FORWARDS), args.address))
    command = [PROGRAM, "-M", "virt", "-cpu", args.cpu, "-m", args.memory, "-kernel", FIRMWARE]
    command += serial_port(args.pty, args.tcp)
    if args.modern:
        command += machine.MODERN
    netdev = machine.user_net(forwards, address=args.address)
    command += machine.card("pci" if args.pci else "mmio", netdev) + extra
    settings = dict(args.set)
    if not args.main and any((proto, port) == WEB for proto, _, port in forwards):
        settings.setdefault("httpd", "on")
    for name, value in settings.items():
        command += machine.fw_cfg(name, "string", value)
    if args.main:
        command += machine.program(args.main)
    command = [str(word) for word in command + args.qemu]
    if args.main:
        os.execvp(command[0], command)  # what is printed is the program's output alone
    if args.pty:
        return run_pty(command, forwards, args.address)
    if args.tcp:
        banner(forwards, args.address, "Ctrl-C here ends it.")
        print(f"Its serial port: mpremote connect socket://{HOST}:{args.tcp}", flush=True)
    else:
        banner(forwards, args.address, "Ctrl-A X leaves, Ctrl-A H shows what else there is.")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(cli)
