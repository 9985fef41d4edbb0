# Frostnet: settings from QEMU's command line
# MIT license; Copyright (c) 2026 The Frostnet authors

# A setting is a file of fw_cfg or a word of the kernel's command line, which counts less:
#
#     -fw_cfg name=opt/frostnet/ip,string=10.0.2.50/24
#     -append "ip=10.0.2.50/24"
#
# docs/settings.md has them all. The program `main` is a file alone.

import fdt
import netplan
from fwcfg import FwCfg
from micropython import const
from virtio import features

NAMES = ("ip", "gw", "metric", "mtu", "dns", "search", "hostname", "mdns", "forward")
NAMES += ("log", "without", "main")
SERVICES = ("httpd", "telnetd", "tftpd", "inetd", "syslog", "dhcpd", "dnsd", "ntp")
NAMES += SERVICES

_FOLDER = "opt/frostnet/"
_VALUE_MAX = const(1024)  # bytes
_PROGRAM_MAX = const(1 << 20)

_fw_cfg = None
_values = None


def get(name):
    """The text of a setting, None if it is not set."""
    if _values is None:
        _load()
    return _values.get(name)


def all():
    """(name, text) of every setting that is set."""
    if _values is None:
        _load()
    return _values.items()


def switch_off():
    """Switch off the virtio features that the setting `without` names; says what is wrong."""
    names = get("without")
    if names:
        try:
            features.switch_off([name.strip() for name in names.split(",")])
        except ValueError as e:
            print("settings: without:", e)


def program():
    """The source of the setting `main`, a str; None if it is not set. ValueError."""
    if _values is None:
        _load()
    path = _FOLDER + "main"
    if not _fw_cfg or path not in _fw_cfg.files:
        return None
    size = _fw_cfg.files[path][1]
    if size > _PROGRAM_MAX:
        raise ValueError(
            "has %d bytes, and a program %d at most: put parts of it on a disk"
            % (size, _PROGRAM_MAX)
        )
    source = _text(path)
    return source[1:] if source.startswith("\ufeff") else source  # as Windows begins its files


# Reads all settings, and says which are wrong: they count as not set.
def _load():
    global _fw_cfg, _values
    _values = {}
    base, words = _from_tree()
    for word in words.split():
        name, equals, value = word.partition("=")
        # The other words are not for us: Linux's command lines have many.
        if equals and _is_known(name) and name != "main":
            _values[name] = value
    if base is None:
        return
    try:
        _fw_cfg = FwCfg(base)
    except OSError:
        return
    for path in sorted(_fw_cfg.files):
        if path.startswith(_FOLDER) and path != _FOLDER + "main":
            try:
                _values[_known(path[len(_FOLDER) :])] = _value(path)
            except ValueError as e:
                print("settings: %s %s" % (path, e))


def _known(name):
    if not _is_known(name):
        raise ValueError("is no setting: there are " + ", ".join(NAMES))
    return name


# Those of a card may have its name before them: eth1.ip
def _is_known(name):
    card, _, key = name.rpartition(".")
    if card[:3] == "eth" and card[3:].isdigit():
        return key in netplan.KEYS
    return name in NAMES


def _value(path):
    size = _fw_cfg.files[path][1]
    if size > _VALUE_MAX:
        raise ValueError("has %d bytes: a setting has %d at most" % (size, _VALUE_MAX))
    return _text(path).strip()


def _text(path):
    try:
        return str(_fw_cfg.read(path), "utf-8")
    except UnicodeError:
        raise ValueError("is no text in UTF-8")


# (address of fw_cfg's registers or None, the kernel's command line).
def _from_tree():
    base, words = None, ""
    try:
        for node in fdt.tree():
            if node.compatible("qemu,fw-cfg-mmio"):
                base = node.reg()[0][0]
            elif node.name == "chosen":
                words = " ".join(node.strings("bootargs"))
    except (ValueError, IndexError):
        pass  # damaged or absent: no settings
    return base, words
