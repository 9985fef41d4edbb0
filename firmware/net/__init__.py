# Frostnet: network commands for the prompt
# MIT license; Copyright (c) 2026 The Frostnet authors

# Every command prints what its Unix namesake prints, returns what a program can use, stops at
# Ctrl-C, and raises NetError, whose text is a sentence, when it cannot do its work.

import socket

from net._error import NetError


class _Late:
    """A function whose module is loaded by its first call, and which prints as its help."""

    def __init__(self, module, name, usage):
        self._module = module
        self._name = name
        self._usage = usage
        self._fn = None

    def __repr__(self):
        return self._usage

    def __call__(self, *args, **kwargs):
        fn = self._fn
        if fn is None:
            module = __import__("net." + self._module, None, None, (self._name,))
            self._fn = fn = getattr(module, self._name)
        return fn(*args, **kwargs)


class Command(_Late):
    """A command of this module. It has no methods of its own, since help() would list them."""


ping = Command(
    "_ping",
    "ping",
    """ping(
        host, count=4, interval=1, size=56, timeout=2, ttl=64, quiet=False, deadline=None,
        flood=False
    )
    Send `count` echo requests (0: until Ctrl-C), one every `interval` seconds (0: as soon as the
    reply is here), with `size` bytes of data; for `deadline` seconds at most. `flood`: at once
    after the reply, or after 10 ms, with a dot for each that is not answered. Returns an object
    with transmitted, received, loss (percent), rtts, and min, avg, max, mdev in ms; it is true if
    anything was received.""",
)

traceroute = Command(
    "_traceroute",
    "traceroute",
    """traceroute(host, max_hops=30, probes=3, wait=2, size=60, icmp=False, quiet=False)
    Show the routers on the way to `host`: `probes` UDP datagrams of `size` bytes, or with `icmp`
    echo requests, for every hop; `wait` seconds for their answers. "*": no answer; "!H", "!N",
    "!P", "!X": host, network or protocol cannot be reached, or must not. Returns a list of tuples
    (ttl, [(address, rtt in ms, mark), …]) with `reached` and `address`.""",
)

wget = Command(
    "_wget",
    "wget",
    """wget(
        url, dest=None, callback=None, headers=None, timeout=10, quiet=False, verify=True,
        data=None, method=None, auth=None, resume=False
    )
    Load `url`, http or https. `dest` is a file ("/big.bin"), a directory ("/"), "-" for the
    console, or a stream. Without `dest` the contents are returned as bytes, or each piece is
    given to `callback(memoryview)`. Otherwise returns an object with status, headers, size,
    resumed, seconds, rate and path. A file appears under its name when it is complete; with
    `resume` what is there stays on an error, and the next call goes on with it. `data` (bytes, a
    text or dictionary as a form, or an open file) is sent, by POST or `method`; `auth` is ("user",
    "password"). `verify`: with https, the server must prove its name by the authorities in
    /lib/ca-bundle.pem, or in the file that is named here; False believes anybody.""",
)

ifconfig = Command(
    "_ifconfig",
    "ifconfig",
    """ifconfig(
        name=None, address=None, gateway=None, dns=None, up=None, metric=None, promisc=None
    )
    Show the interfaces, or the one called `name`; or set it: address "10.0.2.50/24" or "dhcp",
    gateway, dns (one or several), up True or False, metric (of two ways to the same network the
    lower is taken), promisc True or False (receive what is for others, and count it). Returns a
    list of objects with name, ether, address, netmask, broadcast, gateway, dns, mtu, metric, up,
    link, lease and counters.""",
)

iface = Command(
    "_iface",
    "iface",
    """iface(name)
    Return the interface called `name`, which is net.eth0, net.eth1 …, or net.lo, too: an object
    like network.LAN(), with name, impair(…), hook(…) and send(frame).""",
)

hook = Command(
    "_iface",
    "hook",
    """hook(fn, direction="in", *, iface=None, first=False)
    Show each packet that the cards, or the interface called `iface`, receive ("in"), send ("out")
    or "both" to the function `fn`, after or before (`first`) the hooks that are there;
    net.eth0.hook(fn) names one card. `fn(p)` returns None: it goes on, False: it is dropped, or
    the bytes of a frame to go on instead. p has proto ("tcp", "udp", "icmp", "arp" …), src, dst,
    sport, dport, flags, icmp_type, ttl, payload, frame, out, iface, time; p.dst = "10.0.0.9" and
    the like change it, p.reply() and p.send(frame) answer. `fn` must be quick: nothing else runs
    meanwhile. Returns an object with remove(), seen, dropped, changed and errors.""",
)

impair = Command(
    "_iface",
    "impair",
    """impair(
        off=…, *, loss=0, burst=None, delay_ms=0, jitter_ms=0, duplicate=0, corrupt=0, reorder=0,
        late_ms=10, rate_kbps=0, queue=1000, direction="both", seed=None
    )
    Let the first card be on a bad network; net.eth0.impair(…) and net.lo.impair(…) name another.
    impair() shows what it suffers from, impair(None) ends that. `loss`, `duplicate`, `corrupt`,
    `reorder`: probabilities, 0 to 1. Losses come `burst` frames at a time. Frames take `delay_ms`,
    plus or minus `jitter_ms`; reordered ones come `late_ms` after their turn. A line carries
    `rate_kbps` kbit/s; at most `queue` frames are on their way. `direction`: "in", "out" or
    "both"; with the same `seed` chance is the same. Returns an object with faults and counters,
    which is true if there are any.""",
)

nslookup = Command(
    "_nslookup",
    "nslookup",
    """nslookup(name, kind=None, server=None)
    Look up the addresses of a name, or the name of an address. `kind`: "A", "AAAA", "CNAME",
    "MX", "NS", "PTR", "SOA", "SRV" or "TXT". `server` is the one to ask, instead of those that
    are set. Returns a list of texts.""",
)

nc = Command(
    "_nc",
    "nc",
    """nc(
        host=None, port=None, data=None, dest=None, listen=False, udp=False, scan=False,
        timeout=None, crlf=False, quiet=False
    )
    Talk to a port: what is typed goes there line by line (`crlf`: they end as Telnet's), what
    comes is printed. Ctrl-D ends what you say, Ctrl-C all. With `data` (bytes, a text, or an open
    file) that is sent instead, and the answer returned as bytes, or put into the file `dest`: up
    to its end, or to `timeout` seconds of silence. `listen` waits for one who connects; `udp`
    sends datagrams. `scan` only tries `port`, or each of several, such as range(1, 1024), and
    returns those that are open. Otherwise returns a tuple (sent, received) of bytes.""",
)

ntp = Command(
    "_ntp",
    "ntp",
    """ntp(server=None, set=True, timeout=5, quiet=False, every=None)
    Ask `server` for the time, and set the clock by it if `set`. Without a server, those that DHCP
    named are asked, or else pool.ntp.org. Returns an object with offset (how far the clock was
    behind), delay, distance and time in seconds, server, address, stratum and leap. With `every`
    the clock is set every so many seconds, beside the prompt, once there is an address; what is
    returned then is that service: stop() ends it, `counters` and `problem` tell how it goes.""",
)

netstat = Command(
    "_netstat",
    "netstat",
    """netstat(option="")
    List the sockets, with "-o" what their timers wait for; with "-s" what was counted, with "-i"
    the interfaces. Returns a list, or for "-s" a dictionary.""",
)

ss = Command(
    "_ss",
    "ss",
    """ss(sock=None)
    Show what TCP does on each connection, or on that of the socket `sock`. Returns a list of
    dictionaries, or that one: state, local, remote, recv_queue, send_queue, algorithm, cwnd,
    ssthresh, mss, rtt, rttvar, min_rtt and rto in ms, backoff, retransmits, in_flight, unacked,
    lost, sacked, send_window, recv_window, wscale, timestamps, sack and timer.""",
)

watch = Command(
    "_watch",
    "watch",
    """watch(sock=None, callback=None, interval=0.5, background=True)
    Print a line for all that happens to the connection of the socket `sock`, beside the prompt:
    states, losses and what is done about them, SACK, time-outs, shut windows, keep-alives; and
    every `interval` seconds at most what has changed of round trip, rto, cwnd, ssthresh and
    windows. Instead of a socket: one that listens, "10.0.2.2:80", "10.0.2.2", ":80", or nothing
    for all, with the connections that are yet to come. With a `callback` each event is given to
    that. Returns an object with stop(), `log` (the last 100 events) and `dropped`; or, unless in
    the `background`, nothing: when the connection ends, or at Ctrl-C.""",
)

iperf = Command(
    "_iperf",
    "iperf",
    """iperf(
        host=None, port=5201, seconds=10, bytes=None, reverse=False, udp=False, rate=None,
        parallel=1, length=None, interval=1, omit=0, server=False, count=None, quiet=False
    )
    Measure how much TCP, or with `udp` UDP, carries to the iperf3 server at `host`, or with
    `reverse` from it; or with `server` be the one that others measure with, for `count` tests or
    until Ctrl-C. A test takes `seconds`, or lasts until `bytes` are there; `omit` seconds before
    it do not count. `rate` in bits per second of each of the `parallel` streams (UDP: 1048576, 0:
    as fast as it goes), blocks of `length` bytes, a line every `interval` seconds (0: none).
    Returns an object with sent and received bytes, seconds, rate in bits per second, retransmits,
    packets, lost, loss (percent), jitter (ms), out_of_order, intervals and error; a server a list
    of them.""",
)

tcpdump = Command(
    "_tcpdump",
    "tcpdump",
    """tcpdump(
        filter=None, *, iface=None, file=None, count=None, seconds=None, snaplen=262144,
        background=False
    )
    Print a line for each frame that the first card, the interface called `iface`, or "any"
    receives and sends; or write them to `file`, a pcapng that Wireshark opens: a path, a stream,
    or "tcp:10.0.2.2:5555", where tools/capture.py may listen. Ends at Ctrl-C, after `count`
    frames, after `seconds`, or when who reads the stream closes it. `filter`: "host 10.0.2.2 and
    tcp port 80", "not arp", [src|dst] host|port|net, ip, ip6, arp, icmp, igmp, tcp, udp,
    broadcast, multicast, and, or, not, parentheses. `snaplen`: most bytes of a frame to keep.
    Returns the number of frames; or, in the `background`, beside the prompt, an object with
    stop(), captured, seen, dropped and running.""",
)

route = Command(
    "_route",
    "route",
    """route(
        network=None, gateway=None, name=None, metric=0, remove=False, forward=None
    )
    Show the routes; or add one, or remove it: network "10.9.0.0/16" or "default", gateway
    "10.0.2.2", or the `name` of the interface whose link has the network. `metric` counts on top
    of the interface's. `forward` True: be a router between the interfaces. Returns a list of
    tuples (network, gateway, interface, metric), with `forward`.""",
)

arp = Command(
    "_arp",
    "arp",
    """arp(address=None, mac="", name=None, remove=False)
    Show the neighbours on the links, or the one at `address`, or those of the interface called
    `name`; with `mac` ("52:54:00:12:34:56") say for good where `address` is, with `remove`, or
    None for `mac`, forget it. Returns a list of tuples (address, ether, interface, state, age):
    `age` in seconds since the neighbour was last heard of, None if it never was.""",
)

httpd = Command(
    "_httpd",
    "httpd",
    """httpd(
        root="/www", port=80, routes=None, dashboard=True, listing=True, max_body=65536
    )
    Serve the files below the directory `root` (None: no files), the functions in `routes`
    ({"/led/<name>": function}) and the dashboard by HTTP, beside the prompt. `listing`: show
    directories without an index.html; `max_body`: most bytes of a request's body. Returns the
    service: stop() ends it, `counters` tells what it did.""",
)

tftp = Command(
    "_tftp",
    "tftp",
    """tftp(
        host, remote, local=None, put=False, mode="octet", block=1428, window=8, port=69,
        quiet=False
    )
    Load the file `remote` from a TFTP server, or with `put` send `local` there. `local` is a
    file ("/a.bin"), a directory ("/"), "-" for the console, or a stream; without it the contents
    are returned as bytes. `mode` "netascii" translates the ends of lines; `block` bytes, and
    `window` blocks at a time: 512 and 1 for servers that know no options. Otherwise returns an
    object with size, seconds, rate and path. A file appears under its name when it is
    complete.""",
)

tftpd = Command(
    "_tftp",
    "tftpd",
    """tftpd(root="/", port=69, write=False)
    Serve the files below the directory `root` by TFTP, beside the prompt; with `write` also take
    files, and replace those that are there. Everybody may read them: TFTP has no passwords.
    Returns the service: stop() ends it, `counters` tells what it did.""",
)

dhcpd = Command(
    "_dhcpd",
    "dhcpd",
    """dhcpd(
        name="eth1", first=None, last=None, lease=3600, router=None, dns=None, domain="lan",
        hosts=None, options=None, check=True
    )
    Give addresses by DHCP on the wire of the interface `name`, which has a fixed one, beside the
    prompt: those from `first` to `last` ("10.1.0.100"), for `lease` seconds. Clients are told of
    `router` and `dns` servers, by default of this board if it forwards and if net.dnsd() runs,
    and of their `domain`. `hosts` are stations with addresses of their own, {"52:54:00:00:00:02":
    "10.1.0.2"}; `options` {code: bytes}; `check`: ask by ARP if an address is in use. Returns the
    service: stop() ends it, `leases` lists who has what, `counters` tells what it did.""",
)

dnsd = Command(
    "_dnsd",
    "dnsd",
    """dnsd(name=None, servers=None, port=53)
    Answer DNS by UDP and TCP for the networks that the board is in, or for that of the interface
    `name`, beside the prompt: from the hosts table, from the names of net.dhcpd()'s clients, and
    from a cache; others are passed on to `servers`, by default the board's own. Returns the
    service: stop() ends it, `counters` tells what it did.""",
)

inetd = Command(
    "_inetd",
    "inetd",
    """inetd(*names)
    Answer tests by TCP and UDP, beside the prompt: "echo", "discard", "daytime" and "chargen", or
    those of them that are named. Returns an object with stop() and `services`.""",
)

telnetd = Command(
    "_telnetd",
    "telnetd",
    """telnetd(password=None, port=23, idle=600)
    Let one client at a time have this prompt over the network, by telnet, once it has said the
    password; who types nothing for `idle` seconds is sent away. `password` is kept, hashed, in
    /telnetd.password, and without one being set nothing starts. Telnet hides nothing from who
    listens on the way. Returns the service: stop() ends it, `counters` tells what it did.""",
)

syslog = Command(
    "_syslog",
    "syslog",
    """syslog(host, port=514, tcp=False, app="frostnet", facility=1, console=False)
    Return a logger whose messages go to a syslog server: debug(text, *args), info, notice,
    warning, error, critical; stop() ends it. With `console` all that the console prints goes
    there, too, line by line. Nothing ever waits: `counters` tells what was dropped.""",
)

lspci = Command(
    "_lspci",
    "lspci",
    """lspci(option="")
    List what is on the PCI bus; "-n" and "-nn" with numbers, "-v" with addresses, interrupts and
    drivers. Returns a list of objects with slot, vendor_id, device_id, class_id, kind, name,
    revision, subsystem, bars, irq, buses, capabilities, driver and faults.""",
)

up = Command(
    "_up",
    "up",
    """up(timeout=10, name=None)
    Wait until the board, or the interface called `name`, has an address. Returns it.""",
)


def __getattr__(name):
    # The interfaces, by their names.
    try:
        return iface(name)
    except NetError as e:
        raise AttributeError(str(e))
