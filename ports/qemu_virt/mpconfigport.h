// Frostnet: MicroPython's options for the board
// MIT license; Copyright (c) 2026 The Frostnet authors

#include <stdint.h>

#define MICROPY_CONFIG_ROM_LEVEL                (MICROPY_CONFIG_ROM_LEVEL_FULL_FEATURES)

#define MICROPY_HW_BOARD_NAME                   "QEMU virt"
#define MICROPY_HW_MCU_NAME                     "AArch64"
#define MICROPY_PY_SYS_PLATFORM                 "qemu"

// Memory. Blocks of 128 bytes make allocation of more than one block 13 times as fast, because
// the allocator walks over blocks; GC_STACK is deep so that marking rarely has to start over.
#define MICROPY_ENABLE_GC                       (1)
#define MICROPY_BYTES_PER_GC_BLOCK              (128)
#define MICROPY_ALLOC_GC_STACK_SIZE             (4096)
#define MICROPY_ENABLE_PYSTACK                  (1)
#define MICROPY_STACK_CHECK_MARGIN              (32768)
#define MICROPY_ALLOC_PATH_MAX                  (256)
#define MICROPY_QSTR_BYTES_IN_HASH              (2)
#define MICROPY_MEM_STATS                       (0)
#define MICROPY_TRACKED_ALLOC                   (MICROPY_SSL_MBEDTLS)

// Numbers
#define MICROPY_LONGINT_IMPL                    (MICROPY_LONGINT_IMPL_MPZ)
#define MPZ_DIG_SIZE                            (32)
#define MICROPY_FLOAT_IMPL                      (MICROPY_FLOAT_IMPL_DOUBLE)
#define MP_NEED_LOG2                            (1)

// Compiler and runtime
#define MICROPY_OPT_COMPUTED_GOTO               (1)
// For QEMU, which looks up where each indirect jump leads: see vm_fast.h, and the patch of py/vm.c in
// ports/aarch64.
#define MICROPY_OPT_FREQUENT_CODES_FIRST        (1)
// map.c has a faster mp_map_lookup(), which calls MicroPython's when it must.
#define MICROPY_WRAP_MP_MAP_LOOKUP(f)           map_lookup_any
#define MICROPY_OPT_MAP_LOOKUP_CACHE            (0)
// A patch of py/objtype.c asks how large an object's dictionary is to begin.
#define MICROPY_OBJ_INSTANCE_SIZE(type)         map_size_for(type)
#define MICROPY_OBJ_INSTANCE_MADE(type, members) map_made(type, members)
#define MICROPY_PERSISTENT_CODE_LOAD            (1)
// MICROPY_EMIT_AARCH64 comes from the Makefile.
#define MP_PLAT_COMMIT_EXEC(buf, len, reloc)    board_commit_exec(buf, len, reloc)
#define MICROPY_READER_VFS                      (1)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF  (1)
#define MICROPY_WARNINGS                        (1)
#define MICROPY_ENABLE_SCHEDULER                (1)
#define MICROPY_SCHEDULER_STATIC_NODES          (1)
#define MICROPY_SCHEDULER_DEPTH                 (16)
// A callback may change what somebody who is about to sleep has looked at.
#define MICROPY_SCHED_HOOK_SCHEDULED            (irq_event = true)
#define MICROPY_USE_INTERNAL_ERRNO              (1)

// The console's ring holds far more than one window of raw paste.
#define MICROPY_REPL_STDIN_BUFFER_MAX           (4096)

// Python features beyond the level
#define MICROPY_PY_BUILTINS_MEMORYVIEW_ITEMSIZE (1)
#define MICROPY_PY_COLLECTIONS_NAMEDTUPLE__ASDICT (1)
#define MICROPY_PY_RE_MATCH_GROUPS              (1)
#define MICROPY_PY_RE_MATCH_SPAN_START_END      (1)
#define MICROPY_PY_SYS_TRACEBACKLIMIT           (1)
#define MICROPY_PY_SYS_GETSIZEOF                (1)
#define MICROPY_PY_IO_BUFFEREDWRITER            (1)
#define MICROPY_PY_FRAMEBUF                     (0)
#define MICROPY_PY_WEBSOCKET                    (1)
#define MICROPY_PY_WEBREPL                      (1)
#define MICROPY_PY_RANDOM_SEED_INIT_FUNC        (mp_random_seed())

// hashlib's MD5 and SHA-1, and cryptolib, are Mbed TLS's.
#define MICROPY_PY_HASHLIB_MD5                  (MICROPY_SSL_MBEDTLS)
#define MICROPY_PY_HASHLIB_SHA1                 (MICROPY_SSL_MBEDTLS)
#define MICROPY_PY_CRYPTOLIB                    (MICROPY_SSL_MBEDTLS)
#define MICROPY_PY_CRYPTOLIB_CTR                (MICROPY_SSL_MBEDTLS)
#define MICROPY_PY_CRYPTOLIB_CONSTS             (MICROPY_SSL_MBEDTLS)

#define MICROPY_PY_OS_INCLUDEFILE               "ports/qemu_virt/modos.c"
#define MICROPY_PY_OS_URANDOM                   (1)
#define MICROPY_PY_OS_UNAME                     (1)
#define MICROPY_PY_OS_SYNC                      (1)
#define MICROPY_PY_OS_DUPTERM                   (2) // a program's, and the copy for logs
#define MICROPY_PY_OS_DUPTERM_NOTIFY            (1)

#define MICROPY_EPOCH_IS_1970                   (1)
#define MICROPY_PY_TIME_INCLUDEFILE             "ports/qemu_virt/modtime.c"
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS            (1)

#define MICROPY_PY_MACHINE                      (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE          "ports/qemu_virt/modmachine.c"
#define MICROPY_PY_MACHINE_RESET                (1)
#define MICROPY_PY_MACHINE_BOOTLOADER           (1)
#define MICROPY_PY_MACHINE_BARE_METAL_FUNCS     (1)
#define MICROPY_PY_MACHINE_DISABLE_IRQ_ENABLE_IRQ (1)
#define MICROPY_PY_MACHINE_PIN_BASE             (1)
#define MICROPY_PY_MACHINE_TIMER                (1)

#define MICROPY_VFS                             (1)
#define MICROPY_VFS_ROM                         (1)
#define MICROPY_VFS_ROM_IOCTL                   (0)
#define MICROPY_FATFS_ENABLE_LFN                (1)
#define MICROPY_FATFS_LFN_CODE_PAGE             437 /* 1=SFN/ANSI 437=LFN/U.S.(OEM) */
#define MICROPY_FATFS_RPATH                     (2)
#define MICROPY_FATFS_MAX_SS                    (4096)

// Errors that a network stack needs beyond MicroPython's own list, with Linux's numbers.
#define MP_EDESTADDRREQ (89)
#define MP_EMSGSIZE (90)
#define MP_EPROTOTYPE (91)
#define MP_ENOPROTOOPT (92)
#define MP_EPROTONOSUPPORT (93)
#define MP_EADDRNOTAVAIL (99)
#define MP_ENETDOWN (100)
#define MP_ENETUNREACH (101)
#define MP_ENETRESET (102)
#define MP_EHOSTDOWN (112)
#include "../errno_list.h"

// Types. Newer trees derive the first two themselves, to the same.
typedef intptr_t mp_int_t;
typedef uintptr_t mp_uint_t;

// 32 bits, not 64: `mpremote mount` reads the arguments of a seek at offsets 0 and 4.
typedef int32_t mp_off_t;

#include <alloca.h>

unsigned long mp_random_seed(void);
void *board_commit_exec(void *code, mp_uint_t len, void *reloc);

#ifndef MP_NORETURN
#define MP_NORETURN __attribute__((noreturn))
#endif

#define MP_SSIZE_MAX INTPTR_MAX
#define MP_STATE_PORT MP_STATE_VM
