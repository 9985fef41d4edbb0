#!/usr/bin/env python3
# Frostnet: docs/session.svg, a picture of what the board really says
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import functools
import http.server
import os
import re
import sys
import tempfile
import threading
from pathlib import Path
from xml.sax.saxutils import escape

from common import ROOT, fail, main, say

sys.path.append(str(ROOT / "tests"))
from hostlib.terminal import Terminal

PICTURE = ROOT / "docs" / "session.svg"
PORT = 8000
SIZE = 20_000_000
PROMPT = ">>> "
SESSION = (
    "import net, socket",
    'net.ping("10.0.2.2", count=3)',
    f'net.wget("http://10.0.2.2:{PORT}/big.bin", "/big.bin")',
    f's = socket.socket(); s.connect(("10.0.2.2", {PORT}))',
    "info = net.ss(s)",
    'info["cwnd"], info["rtt"]',
)
COLUMNS = 100
# Pixels: a character's width is what most monospaced fonts have at 13 px.
FONT, WIDTH, LINE, MARGIN = 13, 7.8, 18, 16
FAMILY = "Menlo, Consolas, DejaVu Sans Mono, monospace"
STYLE = (
    ("background", "#10161d"),
    ("output", "#c3ccd6"),
    ("prompt", "#58b0e8"),
    ("typed", "#ffffff"),
)


def screen(text):
    """The lines that a terminal shows when a program has printed `text`."""
    lines, column = [[]], 0
    # Colours and the like say nothing here; "erase to the end of the line" is kept as \x0b.
    text = re.sub(r"\x1b\[[0-9;]*[A-JL-Za-z]", "", re.sub(r"\x1b\[0?K", "\x0b", text))
    for char in text:
        line = lines[-1]
        if char == "\n":
            lines.append([])
            column = 0
        elif char == "\t":
            column += 8 - column % 8
            line.extend(" " * (column - len(line)))
        elif char == "\r":
            column = 0
        elif char == "\b":
            column = max(0, column - 1)
        elif char == "\x0b":
            del line[column:]
        else:
            if column == COLUMNS:
                line, column = [], 0
                lines.append(line)
            line[column : column + 1] = char
            column += 1
    return ["".join(line).rstrip() for line in lines]


def svg(lines):
    """A picture of a terminal with these lines. What was typed stands after a prompt."""
    width = round(max(map(len, lines)) * WIDTH) + 2 * MARGIN
    height = len(lines) * LINE + 2 * MARGIN
    colour = dict(STYLE)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">',
        f'<rect width="{width}" height="{height}" rx="8" fill="{colour["background"]}"/>',
        f'<g font-family="{FAMILY}" font-size="{FONT}">',
    ]
    for i, line in enumerate(lines):
        prompt = next((p for p in (PROMPT, "$ ") if line.startswith(p)), "")
        kind = "typed" if prompt else "output"
        y = MARGIN + (i + 1) * LINE - 4
        for text, column, fill in (
            (prompt, 0, "prompt"),
            (line[len(prompt) :], len(prompt), kind),
        ):
            if text.strip():
                # The length holds the columns in place, whatever font there is. Blanks that
                # follow each other, or end a text, would not be drawn.
                shown = escape(text).replace(" ", "\N{NO-BREAK SPACE}")
                parts.append(
                    f'<text x="{MARGIN + column * WIDTH:g}" y="{y}" fill="{colour[fill]}" '
                    f'textLength="{len(text) * WIDTH:g}">{shown}</text>'
                )
    return "\n".join([*parts, "</g>", "</svg>", ""])


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def record():
    """The session, as it stood on the screen."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "big.bin").write_bytes(os.urandom(SIZE))
        handler = functools.partial(Quiet, directory=folder)
        try:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), handler)
        except OSError:
            fail(f"port {PORT} of this machine is taken: end what uses it")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Terminal(["make", "--no-print-directory", "run"], cwd=ROOT) as terminal:
            text = terminal.read_until(b"\r\n" + PROMPT.encode(), 600)
            # Without what the build has said.
            text = "$ make run\n" + text[text.index("Frostnet in QEMU") :]
            for line in SESSION:
                terminal.type(line + "\r")
                text += terminal.read_until(b"\r\n" + PROMPT.encode(), 60)
            terminal.type("\x01x")
        server.shutdown()
    if "2323" not in text:
        fail("a port of this machine is taken: end the board that runs")
    return screen(text)[:-1]


def cli():
    argparse.ArgumentParser(
        description="Boot the board as a user does, type a session, and draw docs/session.svg."
    ).parse_args()
    PICTURE.write_text(svg(record()))
    say(f"wrote {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main(cli)
