# Frostnet: files to a board and from it
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Files over the prompt. The emulated serial line takes 25 KB a second, so they are packed."""

import binascii
import zlib
from pathlib import Path

_WINDOW = 10  # bits: a dictionary of 1 KiB
_PIECE = 8192  # bytes in one go

_WRITER = """
from binascii import a2b_base64 as _a2b
from deflate import DeflateIO as _Deflate, ZLIB as _ZLIB
from io import BytesIO as _BytesIO
_f = open(%r, "wb")
def _w(data):
    _f.write(_Deflate(_BytesIO(_a2b(data)), _ZLIB).read())
"""
_READER = """
from binascii import b2a_base64 as _b2a
_f = open(%r, "rb")
def _r():
    print(str(_b2a(_f.read(%d)), "ascii"), end="")
"""
_CLOSE = "_f.close()"
_MAKE_FOLDERS = """
import os as _os
for _path in %r:
    try:
        _os.mkdir(_path)
    except OSError as _e:
        if _e.errno != 17:  # EEXIST
            raise
"""


def write(board, path, data):
    """Make a file of `data` on the board."""
    board.exec(_WRITER % path)
    for at in range(0, len(data), _PIECE):
        packer = zlib.compressobj(wbits=_WINDOW)
        packed = packer.compress(data[at : at + _PIECE]) + packer.flush()
        board.exec("_w(%r)" % binascii.b2a_base64(packed, newline=False))
    board.exec(_CLOSE)


def read(board, path):
    """The contents of a file of the board, as bytes."""
    board.exec(_READER % (path, _PIECE))
    data = bytearray()
    while True:
        piece = binascii.a2b_base64(board.exec("_r()"))
        data += piece
        if len(piece) < _PIECE:
            break
    board.exec(_CLOSE)
    return bytes(data)


def put(board, source, destination):
    """Copy a file, or what is in a folder, to the board; folders are made."""
    source = Path(source)
    if source.is_dir():
        pairs = [
            (path, f"{destination.rstrip('/')}/{path.relative_to(source).as_posix()}")
            for path in sorted(source.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        ]
    else:
        pairs = [(source, destination + source.name if destination[-1] == "/" else destination)]
    folders = {
        parent.as_posix() for _, name in pairs for parent in Path(name).parents if parent.name
    }
    if folders:
        # A folder sorts before what is in it.
        board.exec(_MAKE_FOLDERS % sorted(folders))
    for path, name in pairs:
        write(board, name, path.read_bytes())
