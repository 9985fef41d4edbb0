# Frostnet: simulator trials: what a seed means: links, hosts, connections and what they do
# MIT license; Copyright (c) 2026 The Frostnet authors

# Only data come from here: nothing is drawn while a trial runs, so that a trial stays the same
# when the stack behaves differently.

from simwire import Rng

MS = 1000
SECOND = 1000000

# Fates of a connection's end, see apps.py.
FINISH = "finish"
ANSWER = "answer"
CLOSE = "close"
ABORT = "abort"


class Draw(Rng):
    def pick(self, *items):
        return items[self.below(len(items))]

    def between(self, least, most):
        return least + self.below(most - least + 1)

    def part(self, least, most):
        """A float, in steps of a hundredth of the range."""
        return least + (most - least) * self.below(101) / 100


def link(draw):
    """Options of a `Wire`."""
    options = {"delay": draw.pick(20, 500, 2 * MS, 10 * MS, 40 * MS, 150 * MS)}
    faults = {
        "loss": lambda: draw.pick(draw.part(0.001, 0.03), draw.part(0.03, 0.2)),
        "burst": lambda: (draw.part(0.002, 0.03), draw.part(0.2, 0.6), draw.part(0.5, 1)),
        "reorder": lambda: draw.part(0.01, 0.4),
        "dup": lambda: draw.part(0.01, 0.3),
        "corrupt": lambda: draw.part(0.005, 0.08),
        "jitter": lambda: draw.between(1, 2 * options["delay"]),
        "rate": lambda: draw.pick(20000, 100000, 1000000),
    }
    names = sorted(faults)
    # None, one, two or all of them.
    kind = draw.below(8)
    if kind == 7:
        chosen = names
    else:
        chosen = [draw.pick(*names) for _ in range((0, 1, 1, 1, 1, 2, 2)[kind])]
    for name in chosen:
        options[name] = faults[name]()
    if "reorder" in options:
        options["late"] = draw.between(100, 2 * options["delay"] + 1000)
    if "rate" in options:
        options["queue"] = draw.between(4000, 40000)
    return options


def hosts(draw, count):
    """Options of `count` hosts."""
    out = []
    for _ in range(count):
        buffers = draw.pick(65535, 65535, 65535, 262144, 16384, 4096, 1000, 128)
        out.append(
            {
                "mtu": draw.pick(1500, 1500, 1500, 9000, 576, 296, 128),
                "rcvbuf": buffers,
                "sndbuf": draw.pick(buffers, 65535),
                "tx_room": draw.pick(256, 256, 256, 4, 1),
                # ISS so near the wrap that the numbers pass it in mid-transfer.
                "iss": draw.pick(None, None, None, 0xFFFFFFFF - draw.below(3000)),
                "backlog": draw.pick(1, 2, 8),
            }
        )
    return out


def amount(draw, buffers):
    """Bytes to send: mostly few, so that there is time for many trials."""
    most = min(40 * buffers, 200000)
    return min(
        most,
        draw.pick(
            0, 1, 2, 535, 536, 537, 1459, 1460, 1461, 2921,
            draw.between(1, 5000), draw.between(1, 5000), draw.between(1, 30000),
            draw.between(1, 30000), draw.between(1, 30000), draw.between(1, 200000),
        ),
    )  # fmt: skip


def end(draw, size, answers):
    """What one end of a connection does."""
    fate = draw.pick(FINISH, FINISH, FINISH, FINISH, FINISH, ANSWER, CLOSE, ABORT)
    if fate == ANSWER and not answers:
        fate = FINISH
    slow = draw.below(6) == 0
    stalls = draw.below(8) == 0
    return {
        "size": size,
        "fate": fate,
        "abort_at": draw.below(2 * size + 1000),  # bytes sent and received
        "nodelay": draw.below(3) == 0,
        "write": draw.pick(65536, 65536, 1, 100, 1460, draw.between(1, 5000)),
        "write_pause": draw.pick(0, 0, 0, draw.between(1, 50) * MS),
        "read": draw.between(1, 3000) if slow else 65536,
        "read_pause": draw.between(1, 100) * MS if slow else 0,
        "stall_at": draw.below(size + 1000) if stalls else -1,  # bytes received
        "stall": draw.between(1, 60) * SECOND,
    }


def connection(draw, options):
    """One connection between two of the hosts."""
    client = draw.below(len(options))
    server = (client + 1 + draw.below(len(options) - 1)) % len(options)
    buffers = min(options[i][name] for i in (client, server) for name in ("rcvbuf", "sndbuf"))
    a = end(draw, amount(draw, buffers), draw.below(2))
    b = end(draw, amount(draw, buffers), a["fate"] != ANSWER)
    for plan in (a, b):
        # Writing or reading byte by byte what is large would be a matter of hours.
        size = max(a["size"], b["size"])
        if (
            plan["write"] < size // 100
            or plan["write_pause"] * (size // plan["write"]) > 20 * SECOND
        ):
            plan["write"] = 1 + size // 100
        if plan["read"] < size // 100:
            plan["read"] = 1 + size // 100
    return {
        "client": client,
        "server": server,
        "start": draw.pick(0, 0, draw.below(2 * SECOND)),
        "cross": draw.below(25) == 0,  # simultaneous open
        "early": draw.below(2) == 0,  # the client writes before the connection is there
        "ends": (a, b),
    }


def scenario(seed):
    """All that happens in the trial `seed`, as data."""
    draw = Draw(seed * 7919 + 1)
    options = hosts(draw, draw.pick(2, 2, 2, 2, 3, 5))
    count = draw.pick(1, 1, 1, 2, 3, 8, 20)
    connections = [connection(draw, options) for _ in range(count)]
    if count > 3:
        for connected in connections:
            for plan in connected["ends"]:
                plan["size"] = min(plan["size"], 40000 // count)
    unplug = None
    if draw.below(12) == 0:
        unplug = (draw.below(len(options)), draw.below(3 * SECOND), draw.between(1, 20) * SECOND)
    lines = link(draw)
    accept_pause = draw.pick(0, 0, draw.below(SECOND))
    router = None
    if draw.below(6) == 0:
        router = {"mtu": draw.pick(1400, 1280, 1006, 576), "silent": draw.below(4) == 0}
    return {
        "seed": seed,
        "link": lines,
        "hosts": options,
        "connections": connections,
        "unplug": unplug,
        "accept_pause": accept_pause,
        "router": router,  # between the hosts with even and with odd numbers
    }
