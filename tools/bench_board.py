# Frostnet: what the board runs while `make bench` measures it
# MIT license; Copyright (c) 2026 The Frostnet authors
import gc
import hashlib
import socket

HOST = "10.0.2.2"
BLOCK = b"".join(hashlib.sha256(i.to_bytes(4, "little")).digest() for i in range(512))[:16381]
GREETING = b"Hello from the bench peer\n"
buf = bytearray(16384)


def _connect(port):
    s = socket.socket()
    s.connect((HOST, port))
    return s


def _listen(port):
    s = socket.socket()
    s.bind(("0.0.0.0", port))
    s.listen(16)
    return s


def recv(port, hashing=False):
    s = _connect(port)
    view = memoryview(buf)
    digest = hashlib.sha256() if hashing else None
    count = 0
    while True:
        n = s.readinto(buf)
        if not n:
            break
        count += n
        if hashing:
            digest.update(view[:n])
    s.write(count.to_bytes(8, "big"))
    s.close()
    if hashing:
        print(digest.digest().hex())


def send(port, size):
    s = _connect(port)
    while size >= len(BLOCK):
        s.write(BLOCK)
        size -= len(BLOCK)
    s.write(BLOCK[:size])
    s.close()


def udp_echo(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("0.0.0.0", port))
    while True:
        data, peer = s.recvfrom(2048)
        s.sendto(data, peer)


def tcp_echo(port):
    listener = _listen(port)
    while True:
        s, _ = listener.accept()
        while True:
            data = s.recv(2048)
            if not data:
                break
            s.send(data)
        s.close()


def greet(port):
    listener = _listen(port)
    while True:
        s, _ = listener.accept()
        s.send(GREETING)
        s.close()


gc.collect()
