#!/usr/bin/env python3
# Frostnet: a capture from a running board, into a file or straight into Wireshark
# MIT license; Copyright (c) 2026 The Frostnet authors

# The board connects to this tool and sends a pcapng file (net.tcpdump(file="tcp:…")), beside its
# prompt: the serial port is too slow for frames, and stays what it is. With QEMU's user networking
# the board reaches the loopback of this machine at 10.0.2.2.

import argparse
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys

import setup
from common import VENV, fail, main, say
from run import running_pty

HOST = "127.0.0.1"
TO_BOARD = "10.0.2.2"  # what QEMU's user networking calls this machine
SECTION = bytes.fromhex("0a0d0d0a")  # what every pcapng file begins with
PIECE = 65536
FAREWELL = 10  # seconds that the board has to end


def parse_listen(text):
    match = re.fullmatch(r"(?:([\w.-]+):)?(\d+)", text)
    if not match or int(match[2]) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not [ADDRESS:]PORT")
    return match[1] or HOST, int(match[2])


def command(args, port):
    """What the board is told."""
    words = [repr(args.filter)] if args.filter else []
    words.append(f"file={f'tcp:{args.address}:{port}'!r}")
    for name in ("iface", "count", "seconds", "snaplen"):
        value = getattr(args, name)
        if value is not None:
            words.append(f"{name}={value!r}")
    words.append("background=True")
    return f"import net; capture = net.tcpdump({', '.join(words)})"


def open_output(path):
    if path:
        try:
            return open(path, "wb")
        except OSError as e:
            fail(f"{path} cannot be written: {e.strerror}")
    if sys.stdout.isatty():
        fail("a capture is not for a terminal: add -o FILE, or | wireshark -k -i -")
    return sys.stdout.buffer


def type_there(board, line):
    """Have mpremote say it at the board's prompt, without a reset."""
    setup.ensure("venv")
    mpremote = [VENV / "bin" / "mpremote", "connect", board, "resume", "exec", line]
    # What the board prints is not for a pipe to Wireshark. Ctrl-C is for this tool alone.
    return subprocess.Popen(
        mpremote, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
    )


def end(typist):
    try:
        typist.wait(FAREWELL)
    except subprocess.TimeoutExpired:
        typist.send_signal(signal.SIGINT)
        typist.wait()


def wait_for_board(listener, typist):
    """The board's connection. What else connects is sent away."""
    listener.settimeout(0.5)
    while True:
        if typist and typist.poll():
            fail("the board did not begin: it said why above")
        with contextlib.suppress(TimeoutError):
            connection, peer = listener.accept()
            first = first_bytes(connection)
            if first == SECTION:
                return connection
            say(f"{peer[0]} sends no capture: it was sent away")
            connection.close()


def first_bytes(connection):
    connection.settimeout(10)
    data = b""
    with contextlib.suppress(OSError):
        while len(data) < len(SECTION):
            more = connection.recv(len(SECTION) - len(data))
            if not more:
                break
            data += more
    connection.settimeout(None)
    return data


def copy(connection, output):
    """Pass on what comes, until the board or the reader ends it; return how much came."""
    size = 0
    data = SECTION
    try:
        while data:
            output.write(data)
            output.flush()  # Wireshark shows it now
            size += len(data)
            data = connection.recv(PIECE)
    except BrokenPipeError:
        say("who reads the capture has gone")
        # Python would try to write it once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
    except ConnectionResetError:
        say("the board broke off: the capture has what came before")
    except KeyboardInterrupt:
        pass
    return size


def finish(connection, output):
    """Say goodbye to the board, which ends its capture, and take what it still has."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(FAREWELL)
        while data := connection.recv(PIECE):
            with contextlib.suppress(BrokenPipeError):
                output.write(data)
    connection.close()


def cli():
    parser = argparse.ArgumentParser(
        description="Stream a capture from a running board as pcapng, into a file or to the "
        "standard output: tools/capture.py | wireshark -k -i -",
        epilog="Without --board it says what to type at the board's prompt. Ctrl-C here, or "
        "capture.stop() there, ends the capture.",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="instead of the standard output")
    parser.add_argument("--filter", metavar="WORDS", help='such as "tcp port 80" or "not arp"')
    parser.add_argument("--iface", help='such as eth1, lo, or "any" (default: the first card)')
    parser.add_argument("--count", type=int, help="end after so many frames")
    parser.add_argument("--seconds", type=float, help="end after so much time")
    parser.add_argument("--snaplen", type=int, help="most bytes of a frame to keep")
    parser.add_argument(
        "--board",
        metavar="DEVICE",
        nargs="?",
        const="",
        help="begin the capture there, at the prompt: a serial port as for mpremote; without a "
        "DEVICE, that of make run ARGS=--pty",
    )
    parser.add_argument(
        "--listen",
        metavar="[ADDRESS:]PORT",
        type=parse_listen,
        default=(HOST, 0),
        help=f"where the board connects to (default: any free port of {HOST})",
    )
    parser.add_argument(
        "--address",
        default=TO_BOARD,
        help="what the board calls this machine (default: %(default)s, as QEMU's user networking "
        "has it)",
    )
    args = parser.parse_args()
    board = args.board
    if board == "":
        board = running_pty()
        if board is None:
            fail("no board runs with --pty: start one in another terminal, make run ARGS=--pty")
    output = open_output(args.output)
    try:
        listener = socket.create_server(args.listen)
    except OSError as e:
        fail(f"cannot listen at {args.listen[0]}:{args.listen[1]}: {e.strerror}")
    with listener:
        line = command(args, listener.getsockname()[1])
        typist = type_there(board, line) if board else None
        if not board:
            say(f"type this at the board's prompt:\n{line}")
        connection = None
        try:
            connection = wait_for_board(listener, typist)
            listener.close()
            say("the board has connected; Ctrl-C ends the capture")
            size = copy(connection, output)
        finally:
            if connection:
                finish(connection, output)
            if typist:
                end(typist)
    with contextlib.suppress(BrokenPipeError):
        output.flush()
    say(f"{size} bytes of capture")


if __name__ == "__main__":
    main(cli)
