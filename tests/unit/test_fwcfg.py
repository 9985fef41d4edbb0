# Frostnet: tests of fw_cfg and of the settings that it brings
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct
import sys

BASE = 0x09020000


class Registers:
    """A `_virtio` with the registers of QEMU's docs/specs/fw_cfg."""

    def __init__(self, files=(), count=None, signature=b"QEMU", bootargs=""):
        self.items = {0: signature}
        entries = b""
        for n, (name, data) in enumerate(files):
            name = name if isinstance(name, bytes) else name.encode()
            entries += struct.pack(">IHH56s", len(data), 0x20 + n, 0, name)
            self.items[0x20 + n] = data
        count = len(files) if count is None else count
        self.items[0x19] = struct.pack(">I", count) + entries
        self.item = b""
        self.at = self.reads = 0
        self.bootargs = bootargs

    def install(self):
        sys.modules["_virtio"] = self
        for name in ("fdt", "fwcfg", "settings"):
            sys.modules.pop(name, None)
        return self

    def w16(self, addr, value):
        assert addr == BASE + 8
        self.item = self.items.get((value & 255) << 8 | value >> 8, b"")
        self.at = 0

    def r32(self, addr):
        # Bytes in the item's order; zeros after its end.
        assert addr == BASE
        self.reads += 1
        word = (self.item[self.at : self.at + 4] + bytes(4))[:4]
        self.at += 4
        return struct.unpack("<I", word)[0]

    def fdt(self):
        names = b"compatible\0reg\0#address-cells\0#size-cells\0bootargs\0"

        def prop(name, value):
            head = struct.pack(">III", 3, len(value), names.find(name + b"\0"))
            return head + value + bytes(-len(value) & 3)

        body = struct.pack(">II", 1, 0)
        body += prop(b"#address-cells", struct.pack(">I", 2))
        body += prop(b"#size-cells", struct.pack(">I", 2))
        body += struct.pack(">I", 1) + b"fw-cfg@9020000\0\0"
        body += prop(b"compatible", b"qemu,fw-cfg-mmio\0")
        body += prop(b"reg", struct.pack(">QQ", BASE, 0x18)) + struct.pack(">I", 2)
        body += struct.pack(">I", 1) + b"chosen\0\0"
        body += prop(b"bootargs", self.bootargs.encode() + b"\0")
        body += struct.pack(">III", 2, 2, 9)
        total = 40 + len(body) + len(names)
        at = 40 + len(body)
        head = (0xD00DFEED, total, 40, at, 40, 17, 16, 0, len(names), len(body))
        return memoryview(struct.pack(">10I", *head) + body + names)


def fw_cfg(*args, **kwargs):
    Registers(*args, **kwargs).install()
    import fwcfg

    return fwcfg.FwCfg(BASE)


def settings(*args, **kwargs):
    Registers(*args, **kwargs).install()
    import settings

    return settings


def test_files():
    cfg = fw_cfg([("etc/one", b"1"), ("opt/a/b", b"x" * 1001), ("etc/none", b"")])
    assert cfg.files == {"etc/one": (0x20, 1), "opt/a/b": (0x21, 1001), "etc/none": (0x22, 0)}
    # Each reading starts at the beginning, however far the last one came.
    for _ in range(2):
        assert cfg.read("opt/a/b") == b"x" * 1001
        assert cfg.read("etc/one") == b"1"
    assert cfg.read("etc/none") == b""
    try:
        cfg.read("etc/two")
    except KeyError:
        pass
    else:
        raise AssertionError("read a file that is not there")


def test_no_device():
    for signature in (b"", b"QEMX", b"\0\0\0\0"):
        try:
            fw_cfg(signature=signature)
        except OSError:
            pass
        else:
            raise AssertionError("took it for fw_cfg")
    assert settings([("opt/frostnet/ip", b"1")], signature=b"").get("ip") is None


def test_a_directory_that_lies():
    # Names without an end, or no text; more entries than there can be.
    files = [("n" * 56, b"1"), (b"\xff\xfe", b"2"), ("opt/x", b"3")]
    cfg = fw_cfg(files, count=0xFFFFFFFF)
    assert cfg.read("n" * 56) == b"1" and cfg.read("opt/x") == b"3"
    assert len(cfg.files) == 3  # and the nameless one, of which there are only zeros
    assert sys.modules["_virtio"].reads < 1024 * 16 + 10


def test_settings_of_both_kinds():
    s = settings(
        [("opt/frostnet/ip", b"10.0.0.1/24\n"), ("opt/frostnet/hostname", "pümp".encode())],
        bootargs="quiet ip=10.0.0.2/24 gw=10.0.0.3 root=/dev/vda main=x mdns=",
    )
    assert s.get("ip") == "10.0.0.1/24"  # fw_cfg counts more
    assert s.get("gw") == "10.0.0.3"
    assert s.get("hostname") == "pümp"
    assert s.get("mdns") == ""
    assert s.get("dns") is None and s.get("main") is None and s.get("root") is None
    assert s.program() is None


def test_what_is_no_setting_counts_as_not_set():
    s = settings(
        [
            ("opt/frostnet/ipp", b"10.0.0.1"),
            ("opt/frostnet/gw", b"\xff"),
            ("opt/frostnet/dns", b"1" * 1025),
            ("opt/frostnet/search", b"1" * 1024),
            ("opt/frostnet/", b"1"),
        ]
    )
    assert [s.get(name) for name in ("ipp", "gw", "dns")] == [None] * 3
    assert len(s.get("search")) == 1024


def test_program():
    path = "opt/frostnet/main"
    assert settings([(path, b"")]).program() == ""
    assert settings([(path, b"print('\xc3\xa4')\r\n")]).program() == "print('ä')\r\n"
    assert settings([(path, b"\xef\xbb\xbfpass")]).program() == "pass"
    assert len(settings([(path, b"#" * (1 << 20))]).program()) == 1 << 20
    for bad, why in ((b"#" * ((1 << 20) + 1), "1048577 bytes"), (b"\xff", "UTF-8")):
        try:
            settings([(path, bad)]).program()
        except ValueError as e:
            assert why in str(e), e
        else:
            raise AssertionError("taken for a program")
