# Frostnet: what is frozen into the firmware and, by way of ports/unix/manifest.py, the unix port
# MIT license; Copyright (c) 2026 The Frostnet authors

import glob
import os

# opt=3 drops asserts and line numbers; the unix port keeps them.
options.defaults(board=True, opt=3)


def freeze_folder(folder):
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py"):
            if name not in ("_boot.py", "_main.py") or options.board:
                module(name, base_path=folder, opt=options.opt)
        elif glob.glob(os.path.join(folder, name, "**", "*.py"), recursive=True):
            package(name, base_path=folder, opt=options.opt)


freeze_folder("lib")
freeze_folder("firmware")
module("httpd_pages.py", base_path="build/pages", opt=options.opt)  # tools/pack_pages.py
if not options.board:
    freeze_folder("ports/unix/modules")
# A user's own: tools/build.py has made the path absolute.
if os.environ.get("FREEZE"):
    freeze_folder(os.environ["FREEZE"])

include("$(MPY_DIR)/extmod/asyncio")
for name in ("requests", "mip"):
    try:
        require(name)
    except Exception:
        pass  # not every tree comes with micropython-lib
