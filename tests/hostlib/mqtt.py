# Frostnet: mosquitto, Debian's MQTT broker, and its clients
# MIT license; Copyright (c) 2026 The Frostnet authors

import signal
import socket
import subprocess
import time

from hostlib import packages, peers

_CONFIG = """\
allow_anonymous true
persistence true
persistence_location {folder}/
log_dest file {folder}/log
log_type all
user root
listener {port} 127.0.0.1
listener {tls_port} 127.0.0.1
cafile {certificates}/ca.pem
certfile {certificates}/server.pem
keyfile {certificates}/server-key.pem
"""


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Broker:
    """mosquitto on `port` and, with TLS, on `tls_port` of 127.0.0.1. It keeps sessions and what is
    retained over a restart. A context manager."""

    def __init__(self, folder):
        self._program = packages.program("mosquitto")
        self.folder = folder
        self.port, self.tls_port = _free_port(), _free_port()
        (folder / "mosquitto.conf").write_text(
            _CONFIG.format(certificates=peers.CERTIFICATES, **vars(self))
        )
        self._process = None
        self.start()

    def start(self):
        command = [self._program, "-c", self.folder / "mosquitto.conf"]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self._process.poll() is not None:
                    raise AssertionError(self._process.stderr.read().decode()) from None
                if time.monotonic() > deadline:
                    raise AssertionError("mosquitto does not listen\n" + self.log()) from None
                time.sleep(0.05)

    def stop(self):
        """Have it end, and write down what it keeps."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)
        self._process.stderr.close()

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def publish(self, topic, message, *options):
        """Publish from the host."""
        command = [packages.program("mosquitto_pub"), "-p", str(self.port), "-t", topic]
        subprocess.run([*command, "-m", message, *options], check=True, timeout=20)

    def subscriber(self, topic, count):
        """A client on the host that takes `count` messages; when this returns, it is subscribed.
        Its output has a line "TOPIC MESSAGE" of each."""
        name = f"host-{time.monotonic_ns()}"
        command = [packages.program("mosquitto_sub"), "-p", str(self.port), "-t", topic, "-v"]
        command += ["-q", "1", "-C", str(count), "-W", "40", "-i", name]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.wait_log(f"Sending SUBACK to {name}")
        return process

    def wait_log(self, text, timeout=20):
        deadline = time.monotonic() + timeout
        while text not in self.log():
            if time.monotonic() > deadline:
                raise AssertionError(f"mosquitto does not log {text!r}\n{self.log()}")
            time.sleep(0.05)

    def close(self):
        if self._process.poll() is None:
            self.stop()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
