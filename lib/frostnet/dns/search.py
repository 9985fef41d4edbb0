# Frostnet: search domains
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire.dns_name import encode_name

_MAX_DOMAINS = const(6)
_NDOTS = const(1)


def candidates(name, domains):
    """Return the wire names that `name` can mean, best first; ValueError if it is no name.

    A name with a dot in it is tried as it is and then in each of `domains`, one without a dot the
    other way round (RFC 1535 §6); with a dot at its end it is complete.
    """
    exact = encode_name(name)
    if name.endswith("."):
        return [exact]
    found = []
    for domain in domains[:_MAX_DOMAINS]:
        try:
            wire = encode_name(name + "." + domain)
        except ValueError:
            continue  # too long, or a strange domain
        if wire != exact and wire not in found:
            found.append(wire)
    if name.count(".") >= _NDOTS:
        found.insert(0, exact)
    else:
        found.append(exact)
    return found
