# Frostnet: TCP between two whole stacks on good and bad wires
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc

from simtools import MINUTE, SECOND, Transfer, address, pattern, two_hosts


def transfer(size, seed=1, back=0, **options):
    """Run a transfer; (simulation, a, b, the Transfer)."""
    keys = ("read", "pause")
    own = {k: options.pop(k) for k in keys if k in options}
    sim, a, b = two_hosts(seed, **options)
    t = Transfer(sim, a, b, pattern(size, seed), back=pattern(back, seed + 1), **own)
    t.run()
    return sim, a, b, t


def test_sizes_around_every_limit():
    for size in (0, 1, 2, 535, 536, 537, 1459, 1460, 1461, 2920, 65534, 65535, 65536, 65537):
        transfer(size)


def test_a_good_wire_sends_nothing_twice():
    sim, a, b, t = transfer(500000)
    assert sim.watch.bytes == 500000


def test_both_ways_at_once():
    transfer(200000, back=150000)
    transfer(200000, back=150000, seed=3, loss=0.02, reorder=0.05)


def test_impairments_one_by_one():
    for options in (
        {"loss": 0.01},
        {"loss": 0.1},
        {"dup": 0.2},
        {"reorder": 0.2},
        {"reorder": 0.1, "late": 40000},
        {"corrupt": 0.05},
        {"jitter": 20000},
    ):
        transfer(100000, seed=11, **options)


def test_everything_at_once_with_many_seeds():
    for seed in range(1, 31):
        transfer(
            40000, seed=seed, back=10000,
            loss=0.05, dup=0.05, reorder=0.1, corrupt=0.02, jitter=3000,
        )  # fmt: skip


def test_a_very_bad_wire():
    transfer(20000, seed=5, loss=0.3)


def test_a_slow_reader_closes_the_window_and_opens_it_again():
    # RFC 9293 §3.8.6: flow control; the Watch sees that no byte is sent beyond the window
    sim, a, b, t = transfer(200000, read=1000, pause=20000)
    assert sim.now > 3 * SECOND


def test_a_lost_window_update_is_found_by_probing():
    # RFC 9293 §3.8.6.1
    sim, a, b = two_hosts()
    t = Transfer(sim, a, b, pattern(150000), pause=20 * SECOND, read=60000)
    lost = [0]

    def lose_updates(frame, src):
        # b reads after 20 s. Nobody hears that, and it has no reason to say it again.
        if src is b.port and 20 * SECOND < sim.now < 22 * SECOND:
            lost[0] += 1
            return None
        return frame

    sim.watch.inner = lose_updates
    sim.run(19 * SECOND)
    assert t.client.snd_wnd == 0
    t.run()
    assert lost[0] == 1


def test_unplugged_in_the_middle():
    sim, a, b = two_hosts()
    t = Transfer(sim, a, b, pattern(300000))
    sim.run(60000)
    assert 0 < len(t.got) < 300000
    b.port.carrier = False
    sim.run(5 * SECOND)
    b.port.carrier = True
    t.run()


def test_a_card_without_room_in_the_middle():
    sim, a, b = two_hosts()
    a.port.tx_room = 3
    b.port.tx_room = 1
    Transfer(sim, a, b, pattern(100000), back=pattern(50000)).run()
    assert a.port.counters.tx_full


def test_a_small_mtu_on_one_side():
    from simnet import Sim
    from simwatch import Watch

    sim = Sim(delay=1000)
    a = sim.host(1, "10.0.0.1/24", mtu=1500)
    b = sim.host(2, "10.0.0.2/24", mtu=576)
    sim.watch = Watch(sim.default)
    Transfer(sim, a, b, pattern(30000), back=pattern(30000)).run()
    assert b.port.counters.rx_drop_long == 0


def fingerprint(seed):
    sim, a, b = two_hosts(seed, loss=0.05, reorder=0.1, dup=0.05, jitter=2000)
    frames = []
    sim.watch.inner = lambda f, src: frames.append((sim.now, hash(f))) or f
    Transfer(sim, a, b, pattern(50000)).run()
    return frames


def test_the_same_seed_gives_the_same_frames_at_the_same_times():
    one = fingerprint(9)
    assert one == fingerprint(9)
    assert one != fingerprint(10)


def test_both_ends_are_gone_afterwards():
    sim, a, b, t = transfer(5000)
    sim.run(5 * MINUTE)
    for host in (a, b):
        assert not list(host.stack.tcp.connections())
        assert host.stack.timers.next() is None


def test_many_connections_leave_no_memory_behind():
    sim, a, b = two_hosts(delay=100)

    def one():
        t = Transfer(sim, a, b, b"hello")
        t.run()

    for _ in range(20):
        one()
    sim.run(5 * MINUTE)
    sim.watch.flows.clear()
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(100):
        one()
    sim.run(5 * MINUTE)
    sim.watch.flows.clear()
    gc.collect()
    assert gc.mem_alloc() - before < 2048, gc.mem_alloc() - before


def test_nobody_listens():
    sim, a, b = two_hosts()
    c = a.stack.tcp.connect(address(b), 81)
    sim.run_until(lambda: c.error, 5 * SECOND, "a refusal")
    assert c.error == 111  # ECONNREFUSED
    assert not list(a.stack.tcp.connections())


def test_nobody_is_there():
    sim, a, b = two_hosts()
    c = a.stack.tcp.connect(0x0A000063, 80)
    sim.run_until(lambda: c.error, 5 * MINUTE, "an error")
    assert c.error in (110, 113)  # ETIMEDOUT, EHOSTUNREACH


def test_the_peer_vanishes_in_the_middle():
    # RFC 9293 §3.8.3: after R2 the connection is given up
    sim, a, b = two_hosts()
    t = Transfer(sim, a, b, pattern(300000))
    sim.run(60000)
    b.port.carrier = False
    sim.run_until(lambda: t.errors, 30 * MINUTE, "an error")
    assert t.errors[0] in (110, 113)
