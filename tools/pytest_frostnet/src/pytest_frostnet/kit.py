# Frostnet: firmware and QEMU, found or missed
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Where firmware and emulator are."""

import shutil
from pathlib import Path

from .errors import QemuError


class Kit:
    """What boards are made with. Files are looked for when the first board is."""

    def __init__(self, firmware, qemu):
        self._name = firmware
        self._firmware = firmware and Path(firmware).absolute()  # tests may go elsewhere
        self.qemu = qemu

    @property
    def firmware(self):
        """The image; QemuError, with one sentence, if firmware or QEMU is missing."""
        if not self._firmware:
            raise QemuError(
                "no firmware was named: give --frostnet-firmware=FILE, FROSTNET_FIRMWARE in the "
                "environment, or frostnet_firmware in pytest's configuration"
            )
        if not self._firmware.is_file():
            raise QemuError(
                f"the firmware {self._name} is missing: run make firmware in a clone of "
                "Frostnet, and name its build/qemu_virt/firmware.elf"
            )
        if not shutil.which(self.qemu):
            raise QemuError(
                f"{self.qemu} is missing: install QEMU (on Debian: apt-get install "
                "qemu-system-arm), or name it with --frostnet-qemu"
            )
        return self._firmware
