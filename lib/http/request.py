# Frostnet: HTTP requests
# MIT license; Copyright (c) 2026 The Frostnet authors

from http.error import HTTPError

_AGENT = "Frostnet"


def request(url, method="GET", headers=None, body=None):
    """Return the bytes of a request for `url`, which ends the connection after the answer.

    `headers`: {name: value} in addition to, or instead of, those that every request has.
    HTTPError if one of them has a line end in it.
    """
    fields = {
        "Host": url.authority,
        "User-Agent": _AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if url.authorization:
        fields["Authorization"] = url.authorization
    if body is not None:
        fields["Content-Length"] = str(len(body))
    for name, value in (headers or {}).items():
        for known in fields:
            if known.lower() == name.lower():
                name = known
                break
        fields[name] = str(value)
    # Host comes first (RFC 9110 section 7.2)
    lines = ["%s %s HTTP/1.1" % (method, url.target), "Host: " + fields.pop("Host")]
    for name, value in fields.items():
        lines.append("%s: %s" % (name, value))
    for line in lines:
        if "\r" in line or "\n" in line:
            raise HTTPError("line end in a header")
    data = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return data + body if body else data
