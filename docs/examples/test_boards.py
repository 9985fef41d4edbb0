# Frostnet: the examples of docs/protocol.md between two boards, with the plugin of docs/ci.md
# MIT license; Copyright (c) 2026 The Frostnet authors

from pathlib import Path

HERE = Path(__file__).parent

START = """
from frostnet import runtime
from frostnet.wire import addr
from post import Post

rt = runtime.current()
came = []
rt.lock()
post = Post(rt.stack, lambda src, data: came.append((addr.text(src), data)))
rt.unlock()
"""

SEND = """
import time

rt.lock()
for i in range(5):
    post.send(addr.parse(%r), b"message %%d" %% i)
rt.unlock()
time.sleep(3)
"""


def test_messages_between_two_boards(board_pair):
    a, b = board_pair
    for board in board_pair:
        board.put(HERE / "post.py")
        board.exec(START)
    a.exec(SEND % b.address)
    assert b.eval("came") == [(a.address, b"message %d" % i) for i in range(5)]
    assert a.eval("rt.stack.counters.post_failed") == 0


def test_two_boards_know_each_other(board_pair):
    a, b = board_pair
    for board, name in zip(board_pair, ("pump", "valve")):
        board.put(HERE / "hello.py")
        board.start("import hello; h = hello.Hello('%s'); hello.run(h, seconds=15)" % name)
    for board in board_pair:
        board.finish()
    # The first to end has said goodbye, so one of them may be alone already.
    heard = [board.eval("[name for name, _ in h.others.values()]") for board in board_pair]
    assert ["valve"] in heard or ["pump"] in heard
    assert a.eval("h.dropped") == b.eval("h.dropped") == 0
