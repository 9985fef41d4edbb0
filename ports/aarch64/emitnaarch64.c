/*
 * This file is part of Frostnet.
 *
 * MIT license; Copyright (c) 2026 The Frostnet authors
 */

// The native and viper emitters for AArch64.

#include "py/mpconfig.h"

#if MICROPY_EMIT_AARCH64

// This is defined so that the assembler exports generic assembler API macros
#define GENERIC_ASM_API (1)
#include "py/asmaarch64.h"

// Word index of REG_LOCAL_1 in nlr_buf_t: prev, ret_val, then lr, sp, x19, ...
// (py/nlraarch64.c)
#define NLR_BUF_IDX_LOCAL_1 (4)

#define N_AARCH64 (1)
#define EXPORT_FUN(name) emit_native_aarch64_##name
#include "py/emitnative.c"

#endif
