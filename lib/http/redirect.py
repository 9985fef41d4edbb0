# Frostnet: HTTP redirections (RFC 9110 section 15.4)
# MIT license; Copyright (c) 2026 The Frostnet authors

from http.error import HTTPError

MAX_REDIRECTS = 10

# Fields that are meant for one server, and those that describe a body (section 15.4, 5. and 6.)
_PRIVATE = ("authorization", "proxy-authorization", "cookie", "host")


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


def carried(headers, url, target, body):
    """Return those of the header fields for `url` that go to `target`, where it redirects.

    What is meant for one server alone does not go to another; without a `body`, what describes
    one goes nowhere.
    """
    same = (url.scheme, url.authority) == (target.scheme, target.authority)
    kept = {}
    for name, value in headers.items():
        low = name.lower()
        if (same or low not in _PRIVATE) and (body or not low.startswith("content-")):
            kept[name] = value
    return kept
