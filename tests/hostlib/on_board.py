# Frostnet: what the board runs for the QEMU tests and the benchmark
# MIT license; Copyright (c) 2026 The Frostnet authors
import gc
import hashlib
import socket

HOST = "10.0.2.2"
# As in pattern.py.
BLOCK = b"".join(hashlib.sha256(i.to_bytes(4, "little")).digest() for i in range(512))[:16381]
GREETING = b"Hello from the bench peer\n"
buf = bytearray(16384)


def _connect(host, port):
    s = socket.socket()
    s.connect((host, port))
    return s


def _listen(port):
    s = socket.socket()
    s.bind(("0.0.0.0", port))
    s.listen(16)
    print("ready")
    return s


def recv(port, hashing=False, host=HOST):
    """Read to the end, answer the count, print the SHA-256."""
    s = _connect(host, port)
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


def send(port, size, host=HOST):
    """Send `size` bytes of the pattern."""
    s = _connect(host, port)
    while size >= len(BLOCK):
        s.write(BLOCK)
        size -= len(BLOCK)
    s.write(BLOCK[:size])
    s.close()


def udp_echo(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.bind(("0.0.0.0", port))
        print("ready")
        while True:
            data, peer = s.recvfrom(2048)
            s.sendto(data, peer)
    finally:
        s.close()


def tcp_echo(port):
    listener = _listen(port)
    try:
        while True:
            s, _ = listener.accept()
            while True:
                data = s.recv(4096)
                if not data:
                    break
                s.sendall(data)
            s.close()
    finally:
        listener.close()


def greet(port, count=-1):
    listener = _listen(port)
    try:
        while count:
            s, _ = listener.accept()
            s.send(GREETING)
            s.close()
            count -= 1
    finally:
        listener.close()


def file_hash(path):
    """Print the size and the SHA-256 of a file."""
    digest = hashlib.sha256()
    view = memoryview(buf)
    count = 0
    with open(path, "rb") as f:
        while True:
            n = f.readinto(buf)
            if not n:
                break
            count += n
            digest.update(view[:n])
    print(count, digest.digest().hex())


gc.collect()
