# Frostnet: what pages of docs/ say is typed, is typed, and must answer as they say
# MIT license; Copyright (c) 2026 The Frostnet authors
"""A page's blocks of code, in order:

    ```            lines with >>> are typed at the prompt, the others are what is printed then.
                   Without any >>> it is what the block before has printed
    ```python      runs on the board; with "# on the host" as first line on the host
    ```sh          commands of the host, behind "$ "

A comment in the page, <!-- … -->, says more of the next block: "until TEXT": it goes on when it
has printed TEXT, until the board is needed again, and Ctrl-C ends it. "meanwhile": it begins a
moment after the next one. "not run": it is not run, only shown.

What is printed is compared loosely: a line of a page must be printed, in its turn, with any digits
where it has digits, and in whatever unit. A line that has "…" is not looked for."""

import re

_BLOCK = re.compile(r"(?:^<!-- (.*?) -->\n)?^```(\w*)\n(.*?)^```$", re.M | re.S)
_DIGITS = re.compile(r"\b(?:0x)?[0-9a-f]*[0-9][0-9a-f]*\b|[0-9]+")


class Block:
    def __init__(self, hint, kind, text):
        self.hint = hint or ""
        self.text = text
        self.kind = kind
        if kind == "python" and text.startswith("# on the host\n"):
            self.kind = "host"
        elif not kind:
            self.kind = "prompt" if text.startswith(">>> ") else "printed"

    def exchanges(self, prompt=">>> "):
        """What is typed after each prompt, with the lines that are printed then."""
        for part in re.split("^" + re.escape(prompt), self.text, flags=re.M)[1:]:
            typed, _, printed = part.partition("\n")
            yield typed, printed


def blocks(page):
    """The blocks of the Markdown file `page` that are to be run, or looked for."""
    found = [Block(*match.groups()) for match in _BLOCK.finditer(page.read_text())]
    return [block for block in found if block.hint != "not run"]


def _plain(line):
    line = re.sub(r"\b[kMG]B\b", "B", _DIGITS.sub("#", line))
    return re.sub(r"\s+", " ", line).strip()


def compare(expected, printed):
    """AssertionError unless `printed` has the lines of the page, in their order."""
    rest = [_plain(line) for line in printed.replace("\r", "\n").splitlines()]
    for line in expected.splitlines():
        wanted = _plain(line)
        if not wanted or "…" in wanted:
            continue
        assert wanted in rest, f"the page says {line!r}, but printed was\n{printed}"
        del rest[: rest.index(wanted) + 1]
