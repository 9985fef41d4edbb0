# Frostnet: very many connections at once
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Connections from the host to the board through a forward of QEMU's user networking, all open at
the same time. Each takes a file descriptor here and one in QEMU. The board's side is
on_board_crowd.py."""

import pathlib
import socket
import time

from . import peers, qemu

CODE = (pathlib.Path(__file__).parent / "on_board_crowd.py").read_text()
_MORE = 100  # open files that are not the crowd's
_WAIT = 20.0
_LINGER = 1.0  # seconds in which the last ACKs and timers of an idle connection are over


class Crowd:
    """`n` connections to `port` of the board; each has answered one echo when the object is made.
    The board has to have CODE."""

    def __init__(self, board, n, port=9):
        qemu.allow_descriptors(n + _MORE)
        qemu.allow_descriptors(n + _MORE, board.qemu.pid)
        self._board = board
        self._sockets = []
        self._others = board.eval("count()")
        where = peers.LOCALHOST, board.forward("tcp", port)
        board.serve(f"welcome({port}, {n})")
        try:
            for i in range(n):
                s = socket.create_connection(where, timeout=_WAIT)
                self._sockets.append(s)
                question = b"welcome %d" % i
                _same(peers.ask(s, question), question)
            board.finish()
        except BaseException:
            self._hang_up()
            raise
        time.sleep(_LINGER)

    def ask_all(self):
        """One more echo on each; all are asked before the board answers the first."""
        for i, s in enumerate(self._sockets):
            s.sendall(b"again %d" % i)
        self._board.start("answer()")
        for i, s in enumerate(self._sockets):
            answer = b"again %d" % i
            _same(peers.read(s, len(answer)), answer)
        self._board.finish()

    def open(self):
        """How many of them the board has open."""
        return self._board.eval("count()") - self._others

    def close(self):
        """Close them from both ends, and wait until the board has none of them."""
        self._board.exec("part()")
        self._hang_up()
        give_up = time.monotonic() + _WAIT
        while (n := self.open()) > 0:
            if time.monotonic() > give_up:
                raise AssertionError(f"{n} connections are still there")
            time.sleep(0.1)

    def _hang_up(self):
        for s in self._sockets:
            s.close()


def _same(got, wanted):
    if got != wanted:
        raise AssertionError(f"the board answered {got} instead of {wanted}")
