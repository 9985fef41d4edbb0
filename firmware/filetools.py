# Frostnet: small things that everybody does with files
# MIT license; Copyright (c) 2026 The Frostnet authors

import os

from micropython import const

_DIRECTORY = const(0x4000)


def is_directory(path):
    """Return whether there is a directory at `path`."""
    try:
        return bool(os.stat(path)[0] & _DIRECTORY)
    except OSError:
        return False


def close_quietly(file):
    """Close a file whose contents do not matter, or are good as far as they were written."""
    try:
        file.close()
    except OSError:
        pass


def remove_quietly(path):
    """Remove a file if it is there and can be removed."""
    try:
        os.remove(path)
    except OSError:
        pass


def replace(old, new):
    """Give the file `old` the name `new`; one that has it already is lost. OSError."""
    remove_quietly(new)  # FAT does not rename over a file
    os.rename(old, new)
