# Frostnet: virtio over PCI (Virtio 1.2 §4.1), modern devices
# MIT license; Copyright (c) 2026 The Frostnet authors

import _virtio
import pci
from micropython import const
from pci import msix
from pci.function import CAP_VENDOR, MASTER, NO_INTX

from virtio import VirtioError
from virtio.transport import CONFIG, RING, Transport

_VENDOR = const(0x1AF4)
_FIRST, _MODERN, _LAST = const(0x1000), const(0x1040), const(0x107F)

# What transitional devices are (§4.1.2.1).
_TRANSITIONAL = {0x1000: 1, 0x1001: 2, 0x1002: 5, 0x1003: 3, 0x1004: 8, 0x1005: 4, 0x1009: 9}

# A capability that says where registers are (§4.1.4).
_CAP_LEN = const(2)
_CAP_TYPE = const(3)
_CAP_BAR = const(4)
_CAP_OFFSET = const(8)
_CAP_LENGTH = const(12)
_CAP_MULTIPLIER = const(16)
_CAP_SIZE = const(16)

# What it is about. The least length of each, and its alignment.
_COMMON, _NOTIFY, _ISR, _DEVICE = const(1), const(2), const(3), const(4)
_NEEDS = {_COMMON: (0x38, 4), _NOTIFY: (2, 2), _ISR: (1, 1), _DEVICE: (1, 4)}

# Common configuration (§4.1.4.3).
_DEVICE_FEATURE_SELECT = const(0x00)
_DEVICE_FEATURE = const(0x04)
_DRIVER_FEATURE_SELECT = const(0x08)
_DRIVER_FEATURE = const(0x0C)
_CONFIG_MSIX_VECTOR = const(0x10)
_NUM_QUEUES = const(0x12)
_DEVICE_STATUS = const(0x14)
_CONFIG_GENERATION = const(0x15)
_QUEUE_SELECT = const(0x16)
_QUEUE_SIZE = const(0x18)
_QUEUE_MSIX_VECTOR = const(0x1A)
_QUEUE_ENABLE = const(0x1C)
_QUEUE_NOTIFY_OFF = const(0x1E)
_QUEUE_DESC = const(0x20)
_QUEUE_DRIVER = const(0x28)
_QUEUE_DEVICE = const(0x30)

# Messages: bit n of take() stands for vector n, which makes these RING and CONFIG.
_RING_VECTOR = const(0)
_CONFIG_VECTOR = const(1)
_VECTORS = const(2)

r8 = _virtio.r8
r16 = _virtio.r16
r32 = _virtio.r32
w8 = _virtio.w8
w16 = _virtio.w16
w32 = _virtio.w32


class PCITransport(Transport):
    """What modern and legacy devices have in common: interrupts. `function` is the PCI function.

    Messages if device and interrupt controller can, or else the INTx line. A subclass has
    `_isr`, the address of the ISR status, and `_set_vector(vector)` for the chosen queue and
    `_set_config_vector(vector)`, which return what the device made of it.
    """

    def __init__(self, function, device_id, modern):
        super().__init__("virtio-pci " + function.name(), device_id, modern)
        if function.unsettled:
            raise VirtioError(self.where, "has no addresses (%s)" % function.faults[-1])
        self.function = function
        host = pci.host()
        self.intid = host.line(function)
        self.message_id = host.message_id(function)
        self._sending = False  # attached by messages
        self._messages = None if self.message_id is None else msix.find(function)
        if self._messages and self._messages.count < _VECTORS:
            self._messages = None
        if self._messages is None and self.intid is None:
            raise VirtioError(self.where, "has no interrupt")

    def irq(self, callback):
        """Attach the interrupt to `callback(irq)`; it is off until `enable()`."""
        table = self._messages
        if table:
            try:
                irq = _virtio.MSI(self.message_id, callback, 0, _VECTORS)
            except OSError:
                self._use_line()  # the interrupt controller has none, or no more
            else:
                for i in range(_VECTORS):
                    table.set(i, irq.address, irq.data + i)
                self._sending = True
                return irq
        self.function.command(0, NO_INTX)
        return _virtio.IRQ(self.intid, callback, self._isr)

    def ack(self):
        """Acknowledge the interrupt; the bits (RING, CONFIG) that it stood for."""
        return r8(self._isr) & (RING | CONFIG)

    def _agree(self, want, need, offered):
        super()._agree(want, need, offered)
        function = self.function
        try:
            function.at_reset()
        except RuntimeError:
            raise VirtioError(self.where, "is one more device than can be used")
        function.command(MASTER)
        if self._messages and self._set_config_vector(_CONFIG_VECTOR) != _CONFIG_VECTOR:
            self._use_line()

    # Called with each queue that is made known to the device.
    def _route(self):
        if self._messages and self._set_vector(_RING_VECTOR) != _RING_VECTOR:
            self._use_line()

    def _use_line(self):
        self._messages.disable()
        self._messages = None
        if self.intid is None or self._sending:
            self.fail()
            raise VirtioError(self.where, "can send no messages and has no interrupt line")


class Modern(PCITransport):
    """A virtio 1.0 device, or a transitional one that is used as such. VirtioError if none can be.

    Its registers are where its capabilities say; one that points outside of a BAR counts not.
    """

    def __init__(self, function, device_id):
        super().__init__(function, device_id, True)
        found = _structures(function)
        for kind, name in ((_COMMON, "common"), (_NOTIFY, "notification"), (_ISR, "ISR")):
            if kind not in found:
                raise VirtioError(self.where, "says nowhere where its %s registers are" % name)
        self.common = found[_COMMON][0]
        self._notify, self._notify_length, self._multiplier = found[_NOTIFY]
        self._isr = found[_ISR][0]
        self._config, self._config_length, _ = found.get(_DEVICE, (0, 0, 0))
        if self._messages:
            self._messages.enable()

    def config8(self, offset):
        return r8(self._field(offset, 1))

    def config16(self, offset):
        return r16(self._field(offset, 2))

    def config32(self, offset):
        return r32(self._field(offset, 4))

    def _field(self, offset, size):
        if offset + size > self._config_length:
            raise VirtioError(self.where, "has no configuration at offset %d" % offset)
        return self._config + offset

    def _read_status(self):
        return r8(self.common + _DEVICE_STATUS)

    def _write_status(self, value):
        w8(self.common + _DEVICE_STATUS, value)

    def _read_features(self, word):
        w32(self.common + _DEVICE_FEATURE_SELECT, word)
        return r32(self.common + _DEVICE_FEATURE)

    def _write_features(self, word, bits):
        w32(self.common + _DRIVER_FEATURE_SELECT, word)
        w32(self.common + _DRIVER_FEATURE, bits)

    def _select(self, index):
        common = self.common
        if index >= r16(common + _NUM_QUEUES):
            return 0
        w16(common + _QUEUE_SELECT, index)
        return None if r16(common + _QUEUE_ENABLE) else r16(common + _QUEUE_SIZE)

    def _place(self, queue):
        common = self.common
        w16(common + _QUEUE_SIZE, queue.size)
        self._route()
        self._write_address(_QUEUE_DESC, queue.phys)
        self._write_address(_QUEUE_DRIVER, queue.driver_phys)
        self._write_address(_QUEUE_DEVICE, queue.device_phys)
        w16(common + _QUEUE_ENABLE, 1)

    def _wire(self, queue):
        at = r16(self.common + _QUEUE_NOTIFY_OFF) * self._multiplier
        if at + 2 > self._notify_length:
            self.fail()
            raise VirtioError(queue.name, "cannot be notified: its register is outside")
        queue.notify_write = w16
        queue.notify_addr = self._notify + at

    def _generation(self):
        return r8(self.common + _CONFIG_GENERATION)

    def _set_vector(self, vector):
        w16(self.common + _QUEUE_MSIX_VECTOR, vector)
        return r16(self.common + _QUEUE_MSIX_VECTOR)

    def _set_config_vector(self, vector):
        w16(self.common + _CONFIG_MSIX_VECTOR, vector)
        return r16(self.common + _CONFIG_MSIX_VECTOR)

    def _write_address(self, register, address):
        w32(self.common + register, address & 0xFFFFFFFF)
        w32(self.common + register + 4, address >> 32)


# {kind: (CPU address, length, multiplier)}: the first usable one of each kind, as §4.1.4 has it.
def _structures(function):
    found = {}
    base = function.base
    for cap, at in function.capabilities:
        if cap != CAP_VENDOR or at + _CAP_SIZE > 0x100:
            continue
        kind = r8(base + at + _CAP_TYPE)
        size = r8(base + at + _CAP_LEN)
        if kind in found or kind not in _NEEDS or size < _CAP_SIZE:
            continue
        offset = r32(base + at + _CAP_OFFSET)
        length = r32(base + at + _CAP_LENGTH)
        address = function.window(r8(base + at + _CAP_BAR), offset, length)
        least, align = _NEEDS[kind]
        multiplier = 0
        if kind == _NOTIFY:
            if size < _CAP_SIZE + 4 or at + _CAP_SIZE + 4 > 0x100:
                continue
            multiplier = r32(base + at + _CAP_MULTIPLIER)
        if address is None or length < least or address % align or multiplier & 1:
            continue
        found[kind] = address, length, multiplier
    return found


def probe():
    """A transport for every virtio device behind PCI, in the order of their places on the buses,
    and the VirtioErrors of others."""
    found = []
    errors = []
    try:
        host = pci.host()
    except pci.PCIError as e:
        return found, [VirtioError("PCI", e.args[1])]
    for function in host.functions if host else ():
        if function.vendor_id != _VENDOR or not _FIRST <= function.device_id <= _LAST:
            continue
        device_id = function.device_id - _MODERN
        if device_id <= 0:
            # Those that came before virtio 1.0; the others say it in their subsystem (§4.1.2.3).
            device_id = _TRANSITIONAL.get(function.device_id, function.subsystem_id)
        try:
            found.append(_transport(function, device_id))
        except VirtioError as e:
            e.device_id = device_id
            errors.append(e)
        else:
            function.driver = "virtio-pci"
    return found, errors


def _transport(function, device_id):
    if function.device_id > _MODERN or _COMMON in _structures(function):
        return Modern(function, device_id)
    from virtio.pci_legacy import Legacy

    return Legacy(function, device_id)
