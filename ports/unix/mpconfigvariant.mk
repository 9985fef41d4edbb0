# Frostnet: the unix port, a variant of MicroPython's ports/unix (VARIANT_DIR).
# Run by tools/build.py; see README.md.

PROG = micropython
# Integers up to 62 bits are small in frozen code, as on the board.
MPY_CROSS_FLAGS += -march=host -msmall-int-bits=63
FROZEN_MANIFEST ?= $(VARIANT_DIR)/manifest.py

# The network is the stack's own work: no host sockets, and no host libraries.
MICROPY_PY_SOCKET = 0
MICROPY_PY_SSL = 0
MICROPY_PY_FFI = 0
MICROPY_PY_BTREE = 0
MICROPY_PY_TERMIOS = 0
# One thread: the scheduler's lock is what keeps the stack whole, and only without
# threads does it hold Ctrl-C back as well.
MICROPY_PY_THREAD = 0
# Files are the host's.
MICROPY_VFS_FAT = 0
MICROPY_VFS_LFS1 = 0
MICROPY_VFS_LFS2 = 0

COPT ?= -O2
# time.sleep() below is the one that runs events; ports/unix's own is then unused.
CFLAGS += -Wno-unused-function

# Mbed TLS, as ports/mbedtls/Makefile has built it; without it there is no tls module.
ifneq ($(MBEDTLS_LIB),)
CFLAGS += -DMICROPY_PY_SSL=1 -DMICROPY_SSL_MBEDTLS=1
CFLAGS += -I$(MBEDTLS_DIR)/include -I$(VARIANT_DIR)/../mbedtls
CFLAGS += -DMBEDTLS_CONFIG_FILE='"mbedtls_config_port.h"'
LDFLAGS += $(MBEDTLS_LIB)
$(BUILD)/$(PROG): $(MBEDTLS_LIB)
endif
