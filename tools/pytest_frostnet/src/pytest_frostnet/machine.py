# Frostnet: what a board is made of, as QEMU's arguments
# MIT license; Copyright (c) 2026 The Frostnet authors
"""QEMU's arguments for a board: tools/run.py uses this too, so it imports the standard library
alone."""

import dataclasses
import re
from pathlib import Path

HOST = "127.0.0.1"
MODERN = ("-global", "virtio-mmio.force-legacy=false")  # virtio-mmio version 2
# How the network card is attached: QEMU's name of it, and what comes before it.
NICS = {
    "mmio": ("virtio-net-device", ()),
    "mmio-2": ("virtio-net-device", MODERN),
    "pci": ("virtio-net-pci", ()),
}
_SIZE = re.compile(r"(\d+)([MG])")
_DISK_SIZE = "16M"


def fw_cfg(name, kind, value):
    """The option that gives the board a setting; QEMU wants commas doubled."""
    return ["-fw_cfg", f"name=opt/frostnet/{name},{kind}={quoted(value)}"]


def quoted(value):
    """A value within a list of QEMU's."""
    return str(value).replace(",", ",,")


def user_net(forwards=(), guest="", address=HOST):
    """The backend n0 with QEMU's user networking; `forwards` are (protocol, port of this machine,
    port of the board), where port 0 of this machine is any that is free. They lead from `address`
    of this machine to the address `guest`, or the first that DHCP gives."""
    return "user,id=n0" + "".join(
        f",hostfwd={proto}:{address}:{port}-{guest}:{board_port}"
        for proto, port, board_port in forwards
    )


def card(nic, netdev, mac=None):
    """The network card of kind `nic` at the backend `netdev`, whose id is n0."""
    name, before = NICS[nic]
    address = f",mac={mac}" if mac else ""
    return [*before, "-netdev", netdev, "-device", f"{name},netdev=n0,id=net0{address}"]


def drive(path):
    """A drive in the file `path`, which is there."""
    with open(path, "rb") as file:
        kind = "qcow2" if file.read(4) == b"QFI\xfb" else "raw"
    # A full or broken disk of this machine is an error for the program, not a board that stops.
    return [
        "-drive",
        f"if=none,id=d0,file={quoted(path)},format={kind},werror=report,rerror=report",
        *("-device", "virtio-blk-device,drive=d0"),
    ]


def program(path):
    """Run a program in place of the prompt; QEMU ends with its exit status."""
    return ["-semihosting", *fw_cfg("main", "file", path)]


def capture(path, netdev="n0"):
    """Write the frames of a backend to a pcap file."""
    return ["-object", f"filter-dump,id=cap0,netdev={netdev},file={quoted(path)}"]


def parse_forward(text):
    """(protocol, port of the board) of 80, "80" or "udp:5000"."""
    match = re.fullmatch(r"(?:(tcp|udp):)?(\d+)", str(text))
    if not match or not 0 < int(match[2]) < 65536:
        raise ValueError(f'forward: {text!r} is not PORT, "tcp:PORT" or "udp:PORT"')
    return match[1] or "tcp", int(match[2])


@dataclasses.dataclass(frozen=True)
class Machine:
    """The arguments of the marker `frostnet`. Equal ones can share a board."""

    memory: str = "128M"
    cpu: str = "cortex-a72"
    nic: str | None = "mmio"
    settings: tuple = ()
    disk: str | None = None
    forward: tuple = ()
    args: tuple = ()

    @classmethod
    def of(cls, **options):
        """From what a user writes. ValueError with one sentence."""
        names = [field.name for field in dataclasses.fields(cls)]
        for name in options:
            if name not in names:
                raise ValueError(f"{name} is no option of a board: there are {', '.join(names)}")
        nic = options.get("nic", "mmio")
        if nic is not None and nic not in NICS:
            raise ValueError(f"nic: {nic!r} is no card: there are {', '.join(NICS)}, and None")
        settings = options.get("settings", {})
        options["settings"] = tuple((str(k), str(v)) for k, v in dict(settings).items())
        options["forward"] = tuple(parse_forward(text) for text in options.get("forward", ()))
        options["args"] = tuple(map(str, options.get("args", ())))
        disk = options.get("disk")
        if disk is True:
            options["disk"] = _DISK_SIZE
        elif disk:
            options["disk"] = str(disk)
            if not _SIZE.fullmatch(str(disk)) and not Path(disk).is_file():
                raise ValueError(f"disk: {disk} is no file, and no size such as {_DISK_SIZE}")
        return cls(**options)

    def with_hostname(self, name):
        """The same machine, called `name` unless its settings have a name."""
        if "hostname" in dict(self.settings):
            return self
        return dataclasses.replace(self, settings=(*self.settings, ("hostname", name)))

    @property
    def has_address(self):
        """Whether its network will have an address by itself."""
        return self.nic is not None and dict(self.settings).get("ip") != "off"

    @property
    def fixed_address(self):
        """The address that its settings give it, if any."""
        ip = dict(self.settings).get("ip", "")
        return "" if ip in ("off", "dhcp") else ip.partition("/")[0]

    def image(self, folder):
        """The file of its disk, which is made in `folder` if it is to be an empty one."""
        size = _SIZE.fullmatch(self.disk)
        if not size:
            return Path(self.disk)
        path = Path(folder) / "disk.img"
        with open(path, "wb") as file:
            file.truncate(int(size[1]) << {"M": 20, "G": 30}[size[2]])
        return path

    def arguments(self, firmware, netdev=None, mac=None, image=None, ports=()):
        """QEMU's arguments; without `netdev` it has user networking and the forwards. `ports` are
        ports of this machine for some: ((protocol, port of the board), port), …"""
        args = ["-kernel", str(firmware)]
        if self.nic is None:
            args += ["-nic", "none"]
        else:
            known = dict.fromkeys(self.forward, 0) | dict(ports)
            forwards = [(proto, port, board_port) for (proto, board_port), port in known.items()]
            args += card(self.nic, netdev or user_net(forwards, self.fixed_address), mac)
        if image:
            args += drive(image)
        for name, value in self.settings:
            args += fw_cfg(name, "string", value)
        return [*args, *self.args]
