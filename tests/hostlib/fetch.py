# Frostnet: pages of the board, fetched by a browser's means
# MIT license; Copyright (c) 2026 The Frostnet authors

import time
import urllib.error
import urllib.request


def fetch(url, patience=60):
    """The contents of a URL, as bytes. The web server may be about to start: until it does, QEMU
    takes connections and breaks them off."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return urllib.request.urlopen(url, timeout=30).read()
        except (OSError, urllib.error.URLError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
