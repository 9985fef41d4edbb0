# Frostnet: boards that tests share
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Boards that stay switched on between tests."""

from .errors import QemuError, TransportError
from .testboard import TestBoard

_IDLE = 4  # boards of different kinds; each may take its memory


class Pool:
    """Boards of a function, module or session; `make_folder` makes one for a board's files."""

    def __init__(self, kit, make_folder):
        self._kit = kit
        self._make_folder = make_folder
        self._idle = {}  # Machine: TestBoard, the oldest first

    def take(self, machine, captures):
        """A board with its network, as after a reset."""
        board = self._idle.pop(machine, None)
        if board is not None:
            board.captures = captures
            try:
                board.renew()
                return board
            except (TransportError, QemuError, AssertionError, OSError):
                board.close()  # whatever the test before did to it
            except BaseException:
                board.close()
                raise
        board = TestBoard(self._kit, machine, self._make_folder(), captures)
        try:
            board.wait()
        except BaseException:
            board.close()
            raise
        return board

    def give_back(self, board):
        """It is for the next test, unless it is not fit for that."""
        if not board.settle():
            board.close()
            return
        self._idle[board.machine] = board
        if len(self._idle) > _IDLE:
            self._idle.pop(next(iter(self._idle))).close()

    def clear(self):
        for board in self._idle.values():
            board.close()
        self._idle.clear()
