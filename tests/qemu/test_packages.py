# Frostnet: packages are installed by mip, and HTTP clients work as they are
# MIT license; Copyright (c) 2026 The Frostnet authors

import ssl

import pytest

from hostlib import packages, pattern, peers

# What the HTTP clients have in common: `requests` is in the firmware (from MicroPython's own
# tree), urequests is the older one from PyPI.
CLIENTS = ("requests", "urequests")
FORGET = """
import os, sys
def forget(path):
    try:
        if os.stat(path)[0] & 0x4000:
            for name in os.listdir(path):
                forget(path + "/" + name)
            os.rmdir(path)
        else:
            os.remove(path)
    except OSError:
        pass
forget("/lib")
for name in list(sys.modules):
    if name.partition(".")[0] in ("umqtt", "urequests", "hello"):
        del sys.modules[name]
"""


@pytest.fixture
def bare(board):
    """The board without any package."""
    board.exec(FORGET)
    return board


def test_mip_installs_what_was_compiled(bare, index):
    out = packages.install(bare, index, "umqtt.robust")
    assert "Copying: /lib/umqtt/robust.mpy" in out
    assert "Copying: /lib/umqtt/simple.mpy" in out, "what it depends on"
    assert "Copying" not in packages.install(bare, index, "umqtt.robust"), "it is there already"
    out = bare.exec("import umqtt.robust as r\nprint(r.MQTTClient('a', 'b').port, r.__file__)")
    assert out.split() == ["1883", "/lib/umqtt/robust.mpy"]


def test_mip_installs_source_of_one_version(bare, index):
    out = packages.install(bare, index, "umqtt.simple", mpy=False, version="1.3.4")
    assert "Copying: /lib/umqtt/simple.py" in out
    assert bare.exec("import umqtt.simple as s\nprint(s.__file__)").strip().endswith("simple.py")
    assert any("/package/py/umqtt.simple/1.3.4.json" in path for path in index.requests)


def test_mip_says_what_is_not_there(bare, index):
    where = f"index='http://10.0.2.2:{index.port}'"
    out = bare.exec(f"import mip\nmip.install('no-such-thing', {where})", 60)
    assert "Package not found" in out and "Done" not in out
    out = bare.exec(
        "try: mip.install('x', index='http://10.0.2.2:1')\nexcept OSError as e: print(e.errno)", 60
    )
    assert out.splitlines()[-1] == "111"  # ECONNREFUSED


@pytest.fixture
def client(request, bare, index):
    if request.param == "urequests":
        packages.install(bare, index, "urequests")
    bare.exec(f"import {request.param} as r")
    return bare


@pytest.mark.parametrize("client", CLIENTS, indirect=True)
def test_http_client(client, http):
    """Bodies by length and up to the end, redirections, JSON both ways, headers, status codes."""
    for form in ("size", "eof"):
        url = http.url(f"/{form}/100003")
        out = client.exec(
            f"a = r.get({url!r})\nimport hashlib\nd = hashlib.sha256(a.content).digest()\n"
            "print(a.status_code, d.hex())"
        )
        assert out.split() == ["200", pattern.sha256(100_003)]
    assert client.eval(f"len(r.get({http.url('/moved')!r}).content)") == 1000
    assert client.eval(f"r.get({http.url('/missing')!r}).status_code") == 404
    url = http.url("/any/path?q=1")
    out = client.eval(
        f"r.post({url!r}, json={{'a': [1, 2.5, None]}}, headers={{'X-Own': 'yes'}}).json()"
    )
    assert (out["method"], out["path"]) == ("POST", "/any/path?q=1")
    assert out["body"].replace(" ", "") == '{"a":[1,2.5,null]}'
    assert out["headers"]["X-Own"] == "yes"
    assert out["headers"]["Content-Type"] == "application/json"
    assert client.eval(f"r.put({url!r}, data='text').json()")["body"] == "text"
    assert client.eval(f"r.delete({url!r}).json()")["method"] == "DELETE"
    # A body that is read piece by piece.
    out = client.exec(
        f"a = r.get({http.url('/size/100003')!r})\nd = hashlib.sha256()\nb = bytearray(1000)\n"
        "while n := a.raw.readinto(b): d.update(memoryview(b)[:n])\n"
        "a.close()\nprint(d.digest().hex())"
    )
    assert out.strip() == pattern.sha256(100_003)


@pytest.mark.parametrize("client", CLIENTS, indirect=True)
def test_http_client_that_is_refused(client):
    out = client.exec("try: r.get('http://10.0.2.2:1/')\nexcept OSError as e: print(e.errno)")
    assert out.strip() == "111"  # ECONNREFUSED


@pytest.mark.parametrize("client", CLIENTS, indirect=True)
def test_https(client):
    """Neither client checks certificates, on any board: net.wget() does (test_tls.py)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(
        peers.CERTIFICATES / "server.pem", peers.CERTIFICATES / "server-key.pem"
    )
    with peers.Http(context=context) as web:
        out = client.exec(
            f"import hashlib\na = r.get({web.url('/size/100003')!r})\n"
            "print(a.status_code, hashlib.sha256(a.content).digest().hex())"
        )
        assert out.split() == ["200", pattern.sha256(100_003)]
        url = web.url("/post")
        assert (
            client.eval(f"r.post({url!r}, json={{'b': 1}}).json()")["body"].strip() == '{"b": 1}'
        )
