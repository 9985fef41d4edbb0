// Frostnet: configuration of the unix port
// MIT license; Copyright (c) 2026 The Frostnet authors

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#include "ports/unix/variants/mpconfigvariant_common.h"

// Ctrl-C waits for the scheduler's lock, as on the board.
#undef MICROPY_ASYNC_KBD_INTR
#define MICROPY_ASYNC_KBD_INTR (0)

// With the optimisation each poll of a Python object costs at least 1 ms.
#undef MICROPY_PY_SELECT_POSIX_OPTIMISATIONS
#define MICROPY_PY_SELECT_POSIX_OPTIMISATIONS (0)
#undef MICROPY_PY_SELECT_SELECT
#define MICROPY_PY_SELECT_SELECT (1)

// time.sleep() waits for events (see frostnet_hal.h) instead of sleeping through them.
#undef MICROPY_PY_TIME_CUSTOM_SLEEP

// What is noted in an interrupt, or by the collector, finds a place to run.
#define MICROPY_SCHEDULER_STATIC_NODES (1)

// Memory behaves as on the board.
#define MICROPY_BYTES_PER_GC_BLOCK (128)
#define MICROPY_ENABLE_PYSTACK (1)
#define MICROPY_TRACKED_ALLOC (MICROPY_SSL_MBEDTLS)

// hashlib's MD5 and SHA-1, and cryptolib, are Mbed TLS's.
#if !MICROPY_SSL_MBEDTLS
#undef MICROPY_PY_HASHLIB_MD5
#undef MICROPY_PY_HASHLIB_SHA1
#undef MICROPY_PY_CRYPTOLIB
#endif
#define MICROPY_PY_CRYPTOLIB_CTR (MICROPY_SSL_MBEDTLS)
#define MICROPY_PY_CRYPTOLIB_CONSTS (MICROPY_SSL_MBEDTLS)

#define MICROPY_PY_BUILTINS_MEMORYVIEW_ITEMSIZE (1)
void frostnet_init(void);
#define MICROPY_PORT_INIT_FUNC frostnet_init()

#define MICROPY_MPHALPORT_H "frostnet_hal.h"

// Everything that a socket can raise.
#define MP_EDESTADDRREQ  EDESTADDRREQ
#define MP_EMSGSIZE      EMSGSIZE
#define MP_EPROTOTYPE    EPROTOTYPE
#define MP_ENOPROTOOPT   ENOPROTOOPT
#define MP_EPROTONOSUPPORT EPROTONOSUPPORT
#define MP_EADDRNOTAVAIL EADDRNOTAVAIL
#define MP_ENETDOWN      ENETDOWN
#define MP_ENETUNREACH   ENETUNREACH
#define MP_ENETRESET     ENETRESET
#define MP_EHOSTDOWN     EHOSTDOWN
#include "../errno_list.h"
