# Frostnet: HTTP redirections (RFC 9110 section 15.4)
# MIT license; Copyright (c) 2026 The Frostnet authors

from http.error import HTTPError

MAX_REDIRECTS = 10


def redirect(url, method, status, headers, count):
    """Return the (URL, method) to ask next, or `None` if the answer is no redirection.

    `count` is how many were followed before. HTTPError if that are too many, or if the
    location is no URL.
    """
    location = headers.get("location")
    if status not in (301, 302, 303, 307, 308) or location is None:
        return None
    if count >= MAX_REDIRECTS:
        raise HTTPError("the server redirects in a circle: gave up after %d times" % count)
    target = url.join(location)
    if (status == 303 and method != "HEAD") or (status < 303 and method == "POST"):
        method = "GET"
    return target, method
