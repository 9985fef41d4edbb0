/*
 * This file is part of Frostnet.
 *
 * MIT license; Copyright (c) 2026 The Frostnet authors
 */

#include <assert.h>

#include "py/mpconfig.h"

#if MICROPY_EMIT_AARCH64

#include "py/asmaarch64.h"
#include "py/runtime.h"

// A label that is not known yet (a forward branch in the first pass) reads as
// -1; its instruction has the same size as any other, so a pass that only
// computes sizes may encode anything.

// Longest function, in bytes, that gets conditional branches and adr of one
// instruction: both have a range of 1 MiB.  The pass that knows the length is the
// one before stack depth and exception handlers are known, which may add loads
// and stores of locals, hence the margin.  What exceeds it is refused.
#define NEAR_LIMIT (0x80000)

#define FITS_SIGNED(value, bits) ((value) >= -((int64_t)1 << ((bits) - 1)) && (value) < ((int64_t)1 << ((bits) - 1)))

void asm_aarch64_op32(asm_aarch64_t *as, uint32_t op) {
    uint8_t *c = mp_asm_base_get_cur_to_write_bytes(&as->base, 4);
    if (c != NULL) {
        c[0] = op;
        c[1] = op >> 8;
        c[2] = op >> 16;
        c[3] = op >> 24;
    }
}

void asm_aarch64_end_pass(asm_aarch64_t *as) {
    as->last_size = as->base.pass < MP_ASM_PASS_EMIT ? as->base.code_offset : 0;
}

// rd = rn +- imm for any imm; rd and rn may be sp.
static void add_sub_imm(asm_aarch64_t *as, bool sub, uint rd, uint rn, uint32_t imm) {
    if (imm < 4096) {
        asm_aarch64_op32(as, (sub ? 0xd1000000 : 0x91000000) | imm << 10 | rn << 5 | rd);
    } else {
        asm_aarch64_mov_reg_imm(as, ASM_AARCH64_REG_X16, imm);
        // extended register form (uxtx): the one that takes sp
        asm_aarch64_op32(as, (sub ? 0xcb206000 : 0x8b206000) | ASM_AARCH64_REG_X16 << 16 | rn << 5 | rd);
    }
}

// stp/ldp of 64-bit registers at sp + 8 * imm7, form is the opcode
static void pair_sp(asm_aarch64_t *as, uint32_t form, int imm7, uint rt, uint rt2) {
    asm_aarch64_op32(as, form | (imm7 & 0x7f) << 15 | rt2 << 10 | ASM_AARCH64_REG_SP << 5 | rt);
}

// Registers to save, in pairs.  The last two pairs only if locals live there:
// every pair costs two loads and two stores in each call.
static const uint8_t saved_pairs[] = {
    ASM_AARCH64_REG_X29, ASM_AARCH64_REG_LR,
    ASM_AARCH64_REG_X19, ASM_AARCH64_REG_X20,
    ASM_AARCH64_REG_X21, ASM_AARCH64_REG_X22,
    ASM_AARCH64_REG_X27, ASM_AARCH64_REG_X28,
    ASM_AARCH64_REG_X23, ASM_AARCH64_REG_X24,
    ASM_AARCH64_REG_X25, ASM_AARCH64_REG_X26,
};

static int num_saved_pairs(asm_aarch64_t *as) {
    // Locals go to x19, x20 (x21), then x23 and up; see reg_local_table.
    return as->num_local_regs <= 2 ? 4 : as->num_local_regs <= 4 ? 5 : 6;
}

void asm_aarch64_entry(asm_aarch64_t *as, int num_locals) {
    assert(num_locals >= 0);
    if (as->base.pass < MP_ASM_PASS_EMIT) {
        // The pass that emits keeps the choice of the one that computed sizes.
        as->far_branches = as->last_size > NEAR_LIMIT;
    }
    // One word more than asked for, and sp must stay 16-byte aligned.
    as->frame_size = (num_locals * 8 + 8 + 15) & ~15;
    int n = num_saved_pairs(as);
    pair_sp(as, 0xa9800000, -2 * n, saved_pairs[0], saved_pairs[1]); // stp, pre-index
    for (int i = 1; i < n; ++i) {
        pair_sp(as, 0xa9000000, 2 * i, saved_pairs[2 * i], saved_pairs[2 * i + 1]); // stp
    }
    add_sub_imm(as, false, ASM_AARCH64_REG_X29, ASM_AARCH64_REG_SP, 0); // frame record for debuggers
    add_sub_imm(as, true, ASM_AARCH64_REG_SP, ASM_AARCH64_REG_SP, as->frame_size);
    // The first argument is what owns the code: the function, or the generator's
    // state.  Here the garbage collector sees it, so that the code stays while it
    // runs, even if nothing else refers to it any more.
    asm_aarch64_mem_imm(as, ASM_AARCH64_MEM_STRX, ASM_AARCH64_REG_X0, ASM_AARCH64_REG_X29, -8);
}

void asm_aarch64_exit(asm_aarch64_t *as) {
    add_sub_imm(as, false, ASM_AARCH64_REG_SP, ASM_AARCH64_REG_SP, as->frame_size);
    int n = num_saved_pairs(as);
    for (int i = n - 1; i > 0; --i) {
        pair_sp(as, 0xa9400000, 2 * i, saved_pairs[2 * i], saved_pairs[2 * i + 1]); // ldp
    }
    pair_sp(as, 0xa8c00000, 2 * n, saved_pairs[0], saved_pairs[1]); // ldp, post-index
    asm_aarch64_op32(as, 0xd65f03c0); // ret
}

void asm_aarch64_mov_reg_imm(asm_aarch64_t *as, uint rd, uint64_t imm) {
    // movz or movn for the first half-word that differs from the background,
    // movk for the others; take the background that leaves fewer of them.
    int zeros = 0, ones = 0;
    for (int shift = 0; shift < 64; shift += 16) {
        uint16_t part = imm >> shift;
        zeros += part == 0;
        ones += part == 0xffff;
    }
    uint16_t background = ones > zeros ? 0xffff : 0;
    bool first = true;
    for (uint hw = 0; hw < 4; ++hw) {
        uint16_t part = imm >> (16 * hw);
        if (part == background && (hw != 0 || MAX(zeros, ones) != 4)) {
            continue;
        }
        uint32_t op = 0xf2800000; // movk
        if (first) {
            op = background ? 0x92800000 : 0xd2800000; // movn : movz
            part ^= background;
            first = false;
        }
        asm_aarch64_op32(as, op | hw << 21 | (uint32_t)part << 5 | rd);
    }
}

void asm_aarch64_mov_reg_local_addr(asm_aarch64_t *as, uint rd, int local_num) {
    add_sub_imm(as, false, rd, ASM_AARCH64_REG_SP, 8 * local_num);
}

void asm_aarch64_cmp_reg_reg(asm_aarch64_t *as, uint rn, uint rm) {
    asm_aarch64_op32(as, 0xeb00001f | rm << 16 | rn << 5); // subs xzr, rn, rm
}

void asm_aarch64_setcc_reg(asm_aarch64_t *as, uint rd, uint cond) {
    asm_aarch64_op32(as, 0x9a9f07e0 | (cond ^ 1) << 12 | rd); // csinc rd, xzr, xzr, !cond
}

void asm_aarch64_mem_reg(asm_aarch64_t *as, uint32_t mem, uint rt, uint rn, uint rm) {
    // Same size and direction bits as the immediate form; lsl by log2(width).
    uint32_t op = (mem & 0xfec00000) | 0x00207800;
    asm_aarch64_op32(as, op | rm << 16 | rn << 5 | rt);
}

void asm_aarch64_mem_imm(asm_aarch64_t *as, uint32_t mem, uint rt, uint rn, int64_t offset) {
    uint log2 = mem & 3;
    int64_t scaled = offset >> log2;
    if (scaled >= 0 && scaled < 4096 && scaled << log2 == offset) {
        asm_aarch64_op32(as, (mem & ~3u) | scaled << 10 | rn << 5 | rt);
    } else if (FITS_SIGNED(offset, 9)) {
        // ldur/stur: unscaled
        asm_aarch64_op32(as, (mem & 0xfec00000) | (offset & 0x1ff) << 12 | rn << 5 | rt);
    } else {
        asm_aarch64_mov_reg_imm(as, ASM_AARCH64_REG_X16, offset);
        // [rn, x16] without a shift
        asm_aarch64_op32(as, (mem & 0xfec00000) | 0x00206800 | ASM_AARCH64_REG_X16 << 16 | rn << 5 | rt);
    }
}

// Distance in bytes to the label from the instruction that is to be written next.
static int64_t label_offset(asm_aarch64_t *as, uint label) {
    assert(label < as->base.max_num_labels);
    return (int64_t)as->base.label_offsets[label] - (int64_t)as->base.code_offset;
}

static void check_range(asm_aarch64_t *as, bool fits) {
    if (!fits && as->base.pass == MP_ASM_PASS_EMIT && !as->base.suppress) {
        mp_raise_NotImplementedError(MP_ERROR_TEXT("function too long for native code"));
    }
}

static uint32_t branch_field(asm_aarch64_t *as, uint label, int bits) {
    int64_t words = label_offset(as, label) >> 2;
    check_range(as, FITS_SIGNED(words, bits));
    return words & ((1u << bits) - 1);
}

void asm_aarch64_b_label(asm_aarch64_t *as, uint label) {
    asm_aarch64_op32(as, 0x14000000 | branch_field(as, label, 26));
}

// A conditional branch: op has its 19-bit offset in bits 5 to 23, and flipping
// the bit invert turns it into the opposite condition.
static void branch_if(asm_aarch64_t *as, uint32_t op, uint32_t invert, uint label) {
    if (as->far_branches) {
        asm_aarch64_op32(as, (op ^ invert) | 2 << 5); // over the next instruction
        asm_aarch64_b_label(as, label);
    } else {
        asm_aarch64_op32(as, op | branch_field(as, label, 19) << 5);
    }
}

void asm_aarch64_bcc_label(asm_aarch64_t *as, uint cond, uint label) {
    branch_if(as, 0x54000000 | cond, 1, label);
}

void asm_aarch64_jump_if_reg(asm_aarch64_t *as, bool nonzero, uint reg, uint label, bool bool_test) {
    if (bool_test) {
        // A C bool has eight bits; AAPCS64 leaves the others unspecified.
        asm_aarch64_op32(as, 0x72001c1f | reg << 5); // tst wreg, #0xff
        asm_aarch64_bcc_label(as, nonzero ? ASM_AARCH64_CC_NE : ASM_AARCH64_CC_EQ, label);
    } else {
        branch_if(as, (nonzero ? 0xb5000000 : 0xb4000000) | reg, 0x01000000, label); // cbnz, cbz
    }
}

void asm_aarch64_mov_reg_pcrel(asm_aarch64_t *as, uint rd, uint label) {
    if (as->far_branches) {
        // adr to here, then add the distance as a 32-bit constant.  (The size
        // must not depend on a label that is not known yet.)
        int64_t rel = label_offset(as, label);
        asm_aarch64_op32(as, 0x10000000 | rd); // adr rd, .
        asm_aarch64_op32(as, 0xd2800000 | (rel & 0xffff) << 5 | ASM_AARCH64_REG_X16); // movz
        asm_aarch64_op32(as, 0xf2a00000 | (rel >> 16 & 0xffff) << 5 | ASM_AARCH64_REG_X16); // movk, lsl 16
        // add rd, rd, w16, sxtw
        asm_aarch64_op32(as, 0x8b20c000 | ASM_AARCH64_REG_X16 << 16 | rd << 5 | rd);
    } else {
        int64_t rel = label_offset(as, label);
        check_range(as, FITS_SIGNED(rel, 21));
        asm_aarch64_op32(as, 0x10000000 | (rel & 3) << 29 | (rel >> 2 & 0x7ffff) << 5 | rd);
    }
}

void asm_aarch64_call_ind(asm_aarch64_t *as, uint fun_id) {
    asm_aarch64_mem_imm(as, ASM_AARCH64_MEM_LDRX, ASM_AARCH64_REG_X16, ASM_AARCH64_REG_FUN_TABLE, 8 * fun_id);
    asm_aarch64_op32(as, 0xd63f0000 | ASM_AARCH64_REG_X16 << 5); // blr
}

#endif // MICROPY_EMIT_AARCH64
