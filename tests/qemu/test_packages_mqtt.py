# Frostnet: MQTT clients from PyPI, as they are, with Debian's mosquitto
# MIT license; Copyright (c) 2026 The Frostnet authors

import pytest

from hostlib import mqtt, packages, peers

CA = (peers.CERTIFICATES / "ca.pem").read_bytes()
# Both families of clients: MicroPython's own, which blocks, and another whose socket does not.
CLASSES = {
    "simple": "umqtt.simple",
    "robust": "umqtt.robust",
    "simple2": "umqtt.simple2",
    "robust2": "umqtt.robust2",
}
BEGIN = """
import time
got = []
def connect(kind, port, name, clean=True, **options):
    c = kind(name, "10.0.2.2", port, **options)
    c.set_callback(lambda topic, message, *flags: got.append((topic, message)))
    c.connect(clean)
    return c
def take(c, count):
    end = time.ticks_add(time.ticks_ms(), 30000)
    while len(got) < count and time.ticks_diff(end, time.ticks_ms()) > 0:
        c.check_msg()
        time.sleep_ms(5)
    out, got[:] = got[:], []
    return out
"""


@pytest.fixture
def broker(tmp_path, program):
    with mqtt.Broker(tmp_path) as it:
        yield it


@pytest.fixture
def client(request, board, index):
    """The board with a client's package; `C` is its class."""
    packages.install(board, index, CLASSES[request.param])
    board.exec(BEGIN + f"from {CLASSES[request.param]} import MQTTClient as C")
    return board


# simple2 gives up when a message does not fit into the socket's buffer at once.
@pytest.mark.parametrize(
    ("client", "size"), (("simple", 100_000), ("simple2", 4000)), indirect=["client"]
)
def test_publish_and_subscribe(client, size, broker):
    """QoS 0 and 1 (MQTT 3.1.1 §4.3), both ways, from one byte to more than a window."""
    host = broker.subscriber("board/#", 3)
    client.exec(
        f"c = connect(C, {broker.port}, 'board')\n"
        "c.subscribe(b'host/#', 1)\n"
        "c.publish(b'board/zero', b'a')\n"
        "c.publish(b'board/one', b'b', qos=1)\n"
        f"c.publish(b'board/large', b'c' * {size}, retain=True, qos=1)"
    )
    out, _ = host.communicate(timeout=40)
    assert sorted(out.split()) == sorted(
        ["board/zero", "a", "board/one", "b", "board/large", "c" * size]
    )
    broker.publish("host/zero", "d")
    broker.publish("host/one", "e" * 100_000, "-q", "1")
    out = client.eval("[(t, m[:3], len(m)) for t, m in take(c, 2)]")
    assert sorted(out) == [(b"host/one", b"eee", 100_000), (b"host/zero", b"d", 1)]
    # What was retained comes to whoever subscribes later.
    client.exec("c.ping()\nc.subscribe(b'board/large')")
    assert client.eval("[(t, len(m)) for t, m in take(c, 1)]") == [(b"board/large", size)]
    client.exec("c.disconnect()")
    broker.wait_log("Received DISCONNECT from board")


@pytest.mark.parametrize("client", ("simple",), indirect=True)
def test_last_will(client, broker):
    """MQTT 3.1.1 §3.1.2.5: what the broker says when the connection breaks."""
    host = broker.subscriber("will", 1)
    client.exec(
        "c = C('board', '10.0.2.2', %d)\nc.set_last_will(b'will', b'gone')\nc.connect()\n"
        "c.sock.close()" % broker.port
    )
    assert host.communicate(timeout=40)[0].split() == ["will", "gone"]


@pytest.mark.lossy  # the broker resets what it no longer knows
@pytest.mark.parametrize("client", ("robust",), indirect=True)
def test_reconnects_when_the_broker_comes_back(client, broker):
    """The session goes on (MQTT 3.1.1 §3.1.2.4): no new subscription, and a message of the time
    between is delivered."""
    client.exec(
        f"C.DELAY = 0.2\nc = connect(C, {broker.port}, 'board', False)\nc.subscribe(b'host', 1)"
    )
    broker.publish("host", "before", "-q", "1")
    assert client.eval("take(c, 1)") == [(b"host", b"before")]
    broker.stop()
    # It sees that the connection ended, and tries until there is another.
    client.start("c.wait_msg()\nc.publish(b'board', b'after', qos=1)")
    broker.start()
    host = broker.subscriber("board", 1)
    broker.publish("host", "between", "-q", "1")
    client.finish(30)
    assert host.communicate(timeout=40)[0].split() == ["board", "after"]
    broker.publish("host", "then", "-q", "1")
    assert client.eval("take(c, 2)") == [(b"host", b"between"), (b"host", b"then")]
    client.exec("c.disconnect()")


@pytest.mark.lossy
@pytest.mark.parametrize("client", ("robust2",), indirect=True)
def test_the_other_client_reconnects_too(client, broker):
    client.exec(f"c = connect(C, {broker.port}, 'board', False)\nc.subscribe(b'host', 1)")
    broker.publish("host", "before", "-q", "1")
    assert client.eval("take(c, 1)") == [(b"host", b"before")]
    broker.stop()
    client.exec(
        "end = time.ticks_add(time.ticks_ms(), 20000)\n"
        "while not c.is_conn_issue() and time.ticks_diff(end, time.ticks_ms()) > 0:\n"
        "    c.check_msg()\n"
        "    time.sleep_ms(10)\n"
        "assert c.is_conn_issue()"
    )
    broker.start()
    client.exec(
        "end = time.ticks_add(time.ticks_ms(), 20000)\n"
        "while c.is_conn_issue() and time.ticks_diff(end, time.ticks_ms()) > 0:\n"
        "    c.reconnect()\n"
        "    time.sleep_ms(50)\n"
        "c.resubscribe()"
    )
    broker.publish("host", "then", "-q", "1")
    assert client.eval("take(c, 1)") == [(b"host", b"then")]
    client.exec("c.disconnect()")


@pytest.mark.timeout(90)
@pytest.mark.parametrize("client", ("simple", "simple2"), indirect=True)
def test_tls(client, broker):
    """The broker's certificate is checked against the authority, and for the name."""
    client.exec(f"import ssl\nCA = {CA!r}")
    options = (
        "ssl=True, ssl_params=dict(cert_reqs=ssl.CERT_REQUIRED, cadata=CA, server_hostname=%r)"
    )
    host = broker.subscriber("board", 1)
    client.exec(
        f"c = connect(C, {broker.tls_port}, 'board', {options % 'frostnet.test'})\n"
        "c.subscribe(b'host', 1)\nc.publish(b'board', b'x' * 4000, qos=1)",
        60,
    )
    assert host.communicate(timeout=40)[0].split() == ["board", "x" * 4000]
    broker.publish("host", "y" * 50_000, "-q", "1")
    assert client.eval("[(t, len(m)) for t, m in take(c, 1)]", 60) == [(b"host", 50_000)]
    client.exec("c.disconnect()")
    out = client.exec(
        f"try: connect(C, {broker.tls_port}, 'board', {options % 'other.test'})\n"
        "except ValueError as e: print(e)",
        60,
    )
    assert "does not match with the expected CN" in out
