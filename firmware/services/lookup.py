# Frostnet: the addresses of a name, for who cannot wait for them
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import addr


def look_up(rt, name, done):
    """Have `done(addresses)`, a list of texts, called outside of the stack when they are known;
    it is empty if the name has none. Returns a Query, which can be cancelled.
    """
    rt.lock()
    try:
        query = rt.resolver.query(name)

        def tell(_):
            done([addr.text(address) for address in query.result])

        query.notify = lambda: rt.defer(tell)
        if query.done:
            rt.defer(tell)
    finally:
        rt.unlock()
    return query
