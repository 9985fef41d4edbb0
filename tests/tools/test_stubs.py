# Frostnet: the stubs for editors know what the modules have: no less and no more
# MIT license; Copyright (c) 2026 The Frostnet authors

import ast
import subprocess
import sys

import pytest

from common import BUILD, ROOT

STUBS = ROOT / "tools" / "stubs"
MICROPYTHON = BUILD / "unix" / "micropython"

# Where a module's functions and classes are written: the first file that has a name counts.
SOURCES = {
    "net": ["firmware/net/_*.py"],
    "network": ["lib/network/_*.py"],
    "socket": [
        "lib/socket.py",
        "lib/frostnet/sockets/stream.py",
        "lib/frostnet/sockets/tcp.py",
        "lib/frostnet/sockets/datagram.py",
        "lib/frostnet/sockets/base.py",
        "lib/frostnet/sockets/*.py",
    ],
    "ssl": ["lib/ssl.py"],
}
# What is there by the way: it is not for programs.
PRIVATE = {
    "net": {"Command"},
    "network": set(),
    "socket": {"const", "datagram", "stream", "kinds", "load", "protocol"},
    "ssl": {"tls"},
}
# What a module finds only when it is asked for: interfaces by their names.
FOUND = {"net": {"eth0", "eth1", "lo"}}
# Classes that a module only returns.
RETURNED = {
    "net": {"PingResult", "WgetResult", "TftpResult", "Interface", "Time", "Route", "Routes"}
    | {"Neighbour", "Probe", "Hop", "Hops", "IperfInterval", "IperfResult"}
    | {"Service", "Services", "Logger"}
    | {"Watch", "Event"}
}

FUNCTION = ast.FunctionDef, ast.AsyncFunctionDef

ASK = """
import {module} as m
for name in dir(m):
    print(name)
    thing = getattr(m, name)
    if isinstance(thing, type):
        for member in dir(thing):
            print(name + "." + member)
"""
# Sockets of both kinds have what the stub's class has.
KINDS = """
import frostnet.sockets.stream, frostnet.sockets.datagram
for kind in (frostnet.sockets.stream, frostnet.sockets.datagram):
    for member in dir(kind.socket):
        print("socket." + member)
"""


def stub(module):
    return ast.parse((STUBS / f"{module}-stubs" / "__init__.pyi").read_text())


def public(name):
    return not any(part.startswith("_") for part in name.split("."))


def real_names(module):
    """Public names that MicroPython finds in a module, and in its classes."""
    code = ASK.format(module=module) + (KINDS if module == "socket" else "")
    out = subprocess.run(
        [MICROPYTHON, "-c", code], capture_output=True, text=True, check=True, cwd="/"
    )
    names = {name for name in out.stdout.split() if public(name)}
    return {name for name in names if not set(name.split(".")) & PRIVATE[module]}


def members(tree, prefix="", classes=None):
    """Public names of a stub: those of classes after the class and a dot, inherited ones too."""
    classes = {} if classes is None else classes
    for node in tree.body:
        names = []
        if isinstance(node, ast.ClassDef):
            names = [node.name]
            classes[node.name] = inner = set(members(node))
            for base in node.bases:
                inner |= classes.get(getattr(base, "id", ""), set())
            yield from (f"{node.name}.{name}" for name in inner if public(node.name))
        elif isinstance(node, FUNCTION):
            names = [node.name]
        elif isinstance(node, ast.AnnAssign):
            names = [node.target.id]
        elif isinstance(node, ast.Import):
            names = [alias.asname for alias in node.names if alias.asname]
        yield from (prefix + name for name in names if public(name))


def functions(tree):
    """{name or class.name: [definitions]}."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for name, definitions in functions(node).items():
                found.setdefault(f"{node.name}.{name}", []).extend(definitions)
        elif isinstance(node, FUNCTION):
            found.setdefault(node.name, []).append(node)
    return found


def parameters(definition):
    """Names of parameters, and which of them have a default; None if it takes whatever comes."""
    a = definition.args
    if a.vararg or a.kwarg:
        return None
    names = [p.arg for p in a.posonlyargs + a.args + a.kwonlyargs if p.arg not in ("self", "cls")]
    optional = names[len(names) - len(a.defaults) :] if a.defaults else []
    return names, optional


def sources(module):
    found = {}
    for path in (path for pattern in SOURCES[module] for path in sorted(ROOT.glob(pattern))):
        for name, definitions in functions(ast.parse(path.read_text())).items():
            name = name.replace("TCPSocket.", "socket.").replace("__new__", "__init__")
            found.setdefault(name, definitions[0])
    return found


@pytest.mark.parametrize("module", SOURCES)
def test_every_public_name_and_no_more(module):
    if not MICROPYTHON.exists():
        pytest.skip("the unix port is not built: make unix")
    real, known = real_names(module), set(members(stub(module)))
    for name in RETURNED.get(module, ()):
        known = {k for k in known if k.partition(".")[0] != name}
    # Of exceptions and streams that is Python's own.
    real = {name for name in real if name.partition(".")[0] != "NetError"} | {
        name for name in known if name.partition(".")[0] == "NetError"
    }
    assert not real - known, f"tools/stubs/{module}-stubs does not know them: add them"
    known -= FOUND.get(module, set())
    assert not known - real, f"tools/stubs/{module}-stubs knows what {module} does not have"


@pytest.mark.parametrize("module", SOURCES)
def test_parameters_have_the_same_names(module):
    written = sources(module)
    compared = 0
    for name, definitions in functions(stub(module)).items():
        if name not in written or name.endswith("__") and not name.endswith("__init__"):
            continue
        real = parameters(written[name])
        if real is None:
            continue
        for definition in definitions:
            said = parameters(definition)
            assert said is not None and set(said[0]) <= set(real[0]), f"{module}.{name}"
            if len(definitions) == 1:
                assert said == real, f"{module}.{name} has {real}, the stub {said}"
        compared += 1
    assert compared >= {"net": 11, "network": 11, "socket": 30, "ssl": 8}[module]


GOOD = """
import network
import net

nic = network.LAN()
nic.active(True)
if not nic.isconnected():
    nic.ifconfig("dhcp")
address, mask = nic.ipconfig("addr4")
nic.ipconfig(addr4="10.0.2.50/24", gw4="10.0.2.2")
wlan = network.WLAN(network.WLAN.IF_STA)
wlan.connect("ssid", key="key")
print(address.upper(), wlan.status() == network.STAT_GOT_IP, nic.config("mac").hex())
network.route("10.9.0.0/16", "10.0.2.9", nic=nic)
for nic in network.route():
    print(nic.config("mtu") + 1)
result = net.ping("10.0.2.2", count=3, quiet=True)
print(result.loss + 1, sum(result.rtts), net.ntp(set=False).offset + 0.5)
net.wget("http://10.0.2.2/", "/file")
try:
    net.nslookup("name", "MX")
except net.NetError as e:
    print(e.errno, e.status + 1)
"""
BAD = """
import network
import net

net.ping("10.0.2.2", number=3)
net.ping(17)
network.LAN().ifconfig(5)
network.LAN().ipconfig("addr5")
network.PPP()
x: int = network.hostname()
net.ntp().offst
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The stubs as pip installs them."""
    folder = tmp_path_factory.mktemp("typings")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
         "--no-build-isolation", "--disable-pip-version-check", "--target", folder, STUBS],
        check=True,
    )  # fmt: skip
    return folder


def test_pip_installs_every_stub(installed):
    for module in SOURCES:
        there = installed / f"{module}-stubs" / "__init__.pyi"
        assert there.read_text() == (STUBS / f"{module}-stubs" / "__init__.pyi").read_text()


@pytest.mark.parametrize("program, faults", [(GOOD, 0), (BAD, 7)], ids=["good", "bad"])
def test_mypy_understands_programs(installed, tmp_path, program, faults):
    """As in an environment with the package: mypy looks for it where packages are."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    version = "python%d.%d" % sys.version_info[:2]
    site = venv / "lib" / version / "site-packages"
    for module in ("net", "network"):
        (site / f"{module}-stubs").symlink_to(installed / f"{module}-stubs")
    path = tmp_path / "program.py"
    path.write_text(program)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--python-executable", venv / "bin" / "python",
         "--cache-dir", BUILD / "mypy", "--no-error-summary", "--check-untyped-defs", path],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if ": error:" in line]
    wrong = {line.split(":")[1] for line in lines}
    assert len(wrong) == faults, done.stdout + done.stderr
