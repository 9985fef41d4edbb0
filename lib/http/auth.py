# Frostnet: the Basic scheme of HTTP authentication (RFC 7617)
# MIT license; Copyright (c) 2026 The Frostnet authors

from binascii import b2a_base64

from http.error import HTTPError


def credentials(user, password):
    """Return what `basic` wants for a user name and a password, texts or bytes.

    HTTPError for what the scheme cannot say (section 2): a colon in the name, control characters.
    """
    user = _bytes(user)
    if b":" in user:
        raise HTTPError("a user name with a colon cannot log in by Basic authentication")
    both = user + b":" + _bytes(password)
    for c in both:
        if c < 0x20 or c == 0x7F:
            raise HTTPError("a user name or password with a control character cannot log in")
    return both


def basic(credentials):
    """Return the value of the field Authorization."""
    return "Basic " + b2a_base64(credentials).decode().strip()


def _bytes(text):
    return text.encode() if isinstance(text, str) else bytes(text)
