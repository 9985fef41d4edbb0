# Frostnet: an example, what the thermometer's tests share
# MIT license; Copyright (c) 2026 The Frostnet authors

import http.server
import json
import threading

import pytest


@pytest.fixture
def collector():
    """A collector on this machine, which the board knows as 10.0.2.2. `received` is what came,
    `status` what it answers."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.received.append((self.path, json.loads(body)))
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.received = []
        server.status = 204
        server.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
