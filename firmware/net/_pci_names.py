# Frostnet: names of what a virtual machine may have on its PCI bus, as pci.ids has them
# MIT license; Copyright (c) 2026 The Frostnet authors

_VENDORS = {
    0x104C: "Texas Instruments",
    0x10EC: "Realtek Semiconductor Co., Ltd.",
    0x1AF4: "Red Hat, Inc.",
    0x1B36: "Red Hat, Inc.",
    0x8086: "Intel Corporation",
}

# {vendor << 16 | device: name}
_DEVICES = {
    0x104C8232: "XIO3130 PCI Express Switch (Upstream)",
    0x104C8233: "XIO3130 PCI Express Switch (Downstream)",
    0x1AF41000: "Virtio network device",
    0x1AF41001: "Virtio block device",
    0x1AF41002: "Virtio memory balloon",
    0x1AF41003: "Virtio console",
    0x1AF41004: "Virtio SCSI",
    0x1AF41005: "Virtio RNG",
    0x1AF41009: "Virtio filesystem",
    0x1AF41041: "Virtio 1.0 network device",
    0x1AF41042: "Virtio 1.0 block device",
    0x1AF41043: "Virtio 1.0 console",
    0x1AF41044: "Virtio 1.0 RNG",
    0x1AF41045: "Virtio 1.0 memory balloon",
    0x1AF41048: "Virtio 1.0 SCSI",
    0x1AF41049: "Virtio 1.0 filesystem",
    0x1AF41050: "Virtio 1.0 GPU",
    0x1AF41052: "Virtio 1.0 input",
    0x1AF41053: "Virtio 1.0 socket",
    0x1AF41110: "Inter-VM shared memory",
    0x1B360001: "QEMU PCI-PCI bridge",
    0x1B360008: "QEMU PCIe Host bridge",
    0x1B36000C: "QEMU PCIe Root port",
    0x1B36000D: "QEMU XHCI Host Controller",
    0x1B36000E: "QEMU PCIe-to-PCI bridge",
    0x1B360010: "QEMU NVM Express Controller",
    0x8086100E: "82540EM Gigabit Ethernet Controller",
    0x808610D3: "82574L Gigabit Network Connection",
}

_CLASSES = {
    0x00: "Unclassified device",
    0x01: "Mass storage controller",
    0x02: "Network controller",
    0x03: "Display controller",
    0x04: "Multimedia controller",
    0x05: "Memory controller",
    0x06: "Bridge",
    0x07: "Communication controller",
    0x08: "Generic system peripheral",
    0x09: "Input device controller",
    0x0C: "Serial bus controller",
}

_SUBCLASSES = {
    0x0100: "SCSI storage controller",
    0x0106: "SATA controller",
    0x0108: "Non-Volatile memory controller",
    0x0180: "Mass storage controller",
    0x0200: "Ethernet controller",
    0x0280: "Network controller",
    0x0300: "VGA compatible controller",
    0x0380: "Display controller",
    0x0500: "RAM memory",
    0x0600: "Host bridge",
    0x0604: "PCI bridge",
    0x0680: "Bridge",
    0x0780: "Communication controller",
    0x0980: "Input device controller",
    0x0C03: "USB controller",
}


def class_name(code):
    """The name of a class and subclass, 16 bits."""
    name = _SUBCLASSES.get(code)
    if name is None:
        name = _CLASSES.get(code >> 8)
        name = "%s [%04x]" % (name, code) if name else "Class %04x" % code
    return name


def device_name(vendor, device):
    """Vendor and device in words, or in numbers where there are none."""
    maker = _VENDORS.get(vendor)
    if maker is None:
        return "Device %04x:%04x" % (vendor, device)
    return "%s %s" % (maker, _DEVICES.get(vendor << 16 | device, "Device %04x" % device))
