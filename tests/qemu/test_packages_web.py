# Frostnet: a web framework under load, and WebREPL by its websocket
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import http.client
import json
import random
import re
import subprocess
import time

import pytest

from hostlib import packages
from hostlib.webrepl import WebRepl

REQUESTS = 1000
PORT = 5000
APP = f"""
import asyncio
from microdot import Microdot
app = Microdot()
count = 0
@app.get("/")
async def index(request):
    global count
    count += 1
    return "hello"
@app.get("/count")
async def counted(request):
    return str(count)
@app.post("/echo/<name>")
async def echo(request, name):
    return {{"name": name, "got": request.json, "agent": request.headers["User-Agent"]}}
@app.get("/large")
async def large(request):
    async def pieces():
        for i in range(100):
            yield bytes([i]) * 1000
    return pieces()
async def rest():
    await asyncio.sleep_ms(50)
def run():
    app.run(port={PORT})
"""


@pytest.fixture
def site(board, index):
    """A port of 127.0.0.1 with a Microdot application, which counts what it served."""
    packages.install(board, index, "microdot")
    board.exec(APP, 60)
    port = board.forward("tcp", PORT)
    with board.running("run()"):
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                ask(port, "GET", "/")
                break
            assert time.monotonic() < deadline, "no answer in 20 s"
            time.sleep(0.1)
        yield port
    # Ctrl-C left the loop where it stood: the server closes when it runs once more.
    board.exec("app.shutdown()\nasyncio.run(rest())")


def ask(port, method, path, body=None, headers={}):
    """Status, headers and body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_a_web_framework_serves(site):
    assert ask(site, "GET", "/")[2] == b"hello"
    headers = {"Content-Type": "application/json", "User-Agent": "a test"}
    body = json.dumps({"n": list(range(2000))})
    status, headers, said = ask(site, "POST", "/echo/me", body, headers)
    assert status == 200 and headers["Content-Type"].startswith("application/json")
    assert json.loads(said) == {"name": "me", "got": {"n": list(range(2000))}, "agent": "a test"}
    assert ask(site, "GET", "/large")[2] == b"".join(bytes([i]) * 1000 for i in range(100))
    assert ask(site, "GET", "/nothing")[0] == 404
    assert ask(site, "DELETE", "/")[0] == 405


# QEMU's user networking repeats its FIN when both ends close at once, and does not take ours then.
@pytest.mark.lossy
@pytest.mark.timeout(180)
def test_a_web_framework_under_wrk(site, program):
    """1,000 requests over ten connections at a time (asyncio lets five wait), and none
    goes wrong."""
    command = [program("wrk"), "-t1", "-c10", "-d2s", "--timeout", "30s"]
    served = 0
    while served < REQUESTS:
        done = subprocess.run(
            [*command, f"http://127.0.0.1:{site}/"], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        # wrk names errors only if there are any.
        assert "Socket errors" not in done.stdout and "Non-2xx" not in done.stdout, done.stdout
        (count,) = re.findall(r"(\d+) requests in", done.stdout)
        assert int(count), done.stdout
        served += int(count)
    assert int(ask(site, "GET", "/count")[2]) >= served


@pytest.fixture
def webrepl(board, index):
    """The port of the board's WebREPL; the password is `frost`."""
    packages.install(board, index, "webrepl")
    out = board.exec("import webrepl\nwebrepl.start(password='frost')")
    assert "10.0.2.15" in out and "8266" in out, out
    board.console.friendly()
    yield board.forward("tcp", 8266)
    board.console.recover()
    board.exec("webrepl.stop()")


def test_webrepl_runs_what_is_typed(webrepl):
    with WebRepl(webrepl) as repl:
        repl.login("frost")
        repl.expect("WebREPL connected\r\n>>> ")
        repl.write("print('sum', 40 + 2)\r")
        repl.expect("sum 42\r\n>>> ")
        # Output that is larger than any buffer in between.
        repl.write("for i in range(300): print('line', i)\r\r")
        out = repl.expect("line 299\r\n>>> ")
        assert re.findall(r"\nline (\d+)\r", out) == [str(i) for i in range(300)]
        # A program that runs is interrupted, and it gets what is typed.
        repl.write("x = input('say: ')\r")
        repl.expect("say: ")
        repl.write("a word\r")
        repl.expect(">>> ")
        repl.write("exec('print(6 * 7)\\nwhile True: pass')\r")
        repl.expect("42\r\n")
        repl.write("\x03")
        repl.expect("KeyboardInterrupt")
        repl.expect(">>> ")
        repl.write("x\r")
        repl.expect("'a word'")


def test_webrepl_carries_files(webrepl, board):
    data = random.Random(8).randbytes(60_001)
    with WebRepl(webrepl) as repl:
        repl.login("frost")
        repl.expect(">>> ")
        assert len(repl.version()) == 3
        repl.put("/there.bin", data)
        assert repl.get("/there.bin") == data
        repl.put("/empty", b"")
        assert repl.get("/empty") == b""
        # While a program runs, too.
        repl.write("import time; print(6 * 7); time.sleep(1000)\r")
        repl.expect("42\r\n")
        assert repl.get("/there.bin") == data
        repl.write("\x03")
        repl.expect("KeyboardInterrupt")
    board.console.recover()
    assert board.exec("file_hash('/there.bin')").split()[0] == "60001"
    board.exec("import os\nfor name in ('/there.bin', '/empty'): os.remove(name)")


def test_webrepl_wants_the_password(webrepl):
    with WebRepl(webrepl) as repl:
        repl.login("guess")
        repl.expect("Access denied")
        assert repl.ended()
    # One at a time; who comes later is turned away, and the first goes on.
    with WebRepl(webrepl) as first:
        first.login("frost")
        first.expect(">>> ")
        with pytest.raises(Exception, match="closed|Handshake|reset|lost"):
            WebRepl(webrepl)
        first.write("1 + 1\r")
        first.expect("2\r\n>>> ")
    with WebRepl(webrepl) as again:
        again.login("frost")
        again.expect(">>> ")
