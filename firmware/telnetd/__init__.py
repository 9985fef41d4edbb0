# Frostnet: telnetd: the prompt over the network
# MIT license; Copyright (c) 2026 The Frostnet authors

# docs/services/telnetd.md says what it does. `server.py` is the service, `session.py` one client,
# `terminal.py` what os.dupterm() gets, `password.py` the file, `guard.py` who has to wait.

import os


def set_password(text):
    """Set the password, a str of 1 to 128 bytes; ValueError, OSError. It takes effect at once."""
    import services
    from telnetd import password

    record = password.save(text)
    service = services.running.get("telnetd")
    if service is not None:
        service.record = record


def start(password=None, port=23, idle=600):
    """Start the service, and return it; ValueError, OSError, see net.telnetd."""
    from telnetd import password as passwords
    from telnetd.server import Telnetd

    if not hasattr(os, "dupterm_notify"):
        raise ValueError("this port cannot share its prompt: use telnetd on the board")
    if password is not None:
        set_password(password)
    return Telnetd(port, passwords.load(), int(idle * 1000000)).start()
