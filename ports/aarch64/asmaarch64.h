/*
 * This file is part of Frostnet.
 *
 * MIT license; Copyright (c) 2026 The Frostnet authors
 */
#ifndef FROSTNET_ASMAARCH64_H
#define FROSTNET_ASMAARCH64_H

// An assembler for AArch64 (A64, little endian), as MicroPython's native and
// viper emitters need it.  Encodings are those of the Arm Architecture
// Reference Manual (DDI 0487), chapter C4 and C6.

#include "py/misc.h"
#include "py/asmbase.h"

// AAPCS64:
//  - arguments in x0-x7, result in x0
//  - x9-x15 are scratch, x16 and x17 may also be changed by a linker's veneer
//  - x19-x28 are callee-saved, x29 is the frame pointer, x30 the link register
//  - sp is 16-byte aligned whenever memory is accessed through it
#define ASM_AARCH64_REG_X0  (0)
#define ASM_AARCH64_REG_X1  (1)
#define ASM_AARCH64_REG_X2  (2)
#define ASM_AARCH64_REG_X3  (3)
#define ASM_AARCH64_REG_X4  (4)
#define ASM_AARCH64_REG_X16 (16) // private to the assembler
#define ASM_AARCH64_REG_X19 (19)
#define ASM_AARCH64_REG_X20 (20)
#define ASM_AARCH64_REG_X21 (21)
#define ASM_AARCH64_REG_X22 (22)
#define ASM_AARCH64_REG_X23 (23)
#define ASM_AARCH64_REG_X24 (24)
#define ASM_AARCH64_REG_X25 (25)
#define ASM_AARCH64_REG_X26 (26)
#define ASM_AARCH64_REG_X27 (27)
#define ASM_AARCH64_REG_X28 (28)
#define ASM_AARCH64_REG_X29 (29)
#define ASM_AARCH64_REG_LR  (30)
#define ASM_AARCH64_REG_SP  (31) // as a base register and in add/sub immediate
#define ASM_AARCH64_REG_ZR  (31) // elsewhere

#define ASM_AARCH64_CC_EQ (0x0)
#define ASM_AARCH64_CC_NE (0x1)
#define ASM_AARCH64_CC_CS (0x2) // unsigned >=
#define ASM_AARCH64_CC_CC (0x3) // unsigned <
#define ASM_AARCH64_CC_HI (0x8) // unsigned >
#define ASM_AARCH64_CC_LS (0x9) // unsigned <=
#define ASM_AARCH64_CC_GE (0xa)
#define ASM_AARCH64_CC_LT (0xb)
#define ASM_AARCH64_CC_GT (0xc)
#define ASM_AARCH64_CC_LE (0xd)

// Data processing, shifted register form without a shift: rd = rn op rm.
#define ASM_AARCH64_OP_ADD (0x8b000000)
#define ASM_AARCH64_OP_SUB (0xcb000000)
#define ASM_AARCH64_OP_AND (0x8a000000)
#define ASM_AARCH64_OP_ORR (0xaa000000)
#define ASM_AARCH64_OP_ORN (0xaa200000)
#define ASM_AARCH64_OP_EOR (0xca000000)
#define ASM_AARCH64_OP_MUL (0x9b007c00) // madd with xzr
#define ASM_AARCH64_OP_LSL (0x9ac02000)
#define ASM_AARCH64_OP_LSR (0x9ac02400)
#define ASM_AARCH64_OP_ASR (0x9ac02800)

// Loads and stores; the low two bits are the log2 of the width in bytes, which
// scales the immediate.  Narrow loads zero-extend to 64 bits.
#define ASM_AARCH64_MEM_LDRB (0x39400000 | 0)
#define ASM_AARCH64_MEM_LDRH (0x79400000 | 1)
#define ASM_AARCH64_MEM_LDRW (0xb9400000 | 2)
#define ASM_AARCH64_MEM_LDRX (0xf9400000 | 3)
#define ASM_AARCH64_MEM_STRB (0x39000000 | 0)
#define ASM_AARCH64_MEM_STRH (0x79000000 | 1)
#define ASM_AARCH64_MEM_STRW (0xb9000000 | 2)
#define ASM_AARCH64_MEM_STRX (0xf9000000 | 3)

typedef struct _asm_aarch64_t {
    mp_asm_base_t base;
    uint32_t frame_size; // bytes below the saved registers: locals, and the code's owner
    uint8_t num_local_regs; // Python locals that live in registers, set before entry
    size_t last_size; // of the function in the previous pass, 0 in the first
    bool far_branches; // it is too long for a 19-bit branch offset
} asm_aarch64_t;

void asm_aarch64_end_pass(asm_aarch64_t *as);

void asm_aarch64_entry(asm_aarch64_t *as, int num_locals);
void asm_aarch64_exit(asm_aarch64_t *as);

void asm_aarch64_op32(asm_aarch64_t *as, uint32_t op);
void asm_aarch64_mov_reg_imm(asm_aarch64_t *as, uint rd, uint64_t imm);
void asm_aarch64_mov_reg_local_addr(asm_aarch64_t *as, uint rd, int local_num);
void asm_aarch64_mov_reg_pcrel(asm_aarch64_t *as, uint rd, uint label);
void asm_aarch64_cmp_reg_reg(asm_aarch64_t *as, uint rn, uint rm);
void asm_aarch64_setcc_reg(asm_aarch64_t *as, uint rd, uint cond);

// Load or store rt at rn + offset (bytes, a non-negative multiple of the width
// in every use that is to be fast; any other value is correct too).
void asm_aarch64_mem_imm(asm_aarch64_t *as, uint32_t mem, uint rt, uint rn, int64_t offset);
// Load or store rt at rn + (rm << log2(width)).
void asm_aarch64_mem_reg(asm_aarch64_t *as, uint32_t mem, uint rt, uint rn, uint rm);

void asm_aarch64_b_label(asm_aarch64_t *as, uint label);
void asm_aarch64_bcc_label(asm_aarch64_t *as, uint cond, uint label);
void asm_aarch64_jump_if_reg(asm_aarch64_t *as, bool nonzero, uint reg, uint label, bool bool_test);
void asm_aarch64_call_ind(asm_aarch64_t *as, uint fun_id);

static inline void asm_aarch64_op_reg_reg_reg(asm_aarch64_t *as, uint32_t op, uint rd, uint rn, uint rm) {
    asm_aarch64_op32(as, op | rm << 16 | rn << 5 | rd);
}

static inline void asm_aarch64_mov_reg_reg(asm_aarch64_t *as, uint rd, uint rm) {
    asm_aarch64_op_reg_reg_reg(as, ASM_AARCH64_OP_ORR, rd, ASM_AARCH64_REG_ZR, rm);
}

static inline void asm_aarch64_br_reg(asm_aarch64_t *as, uint rn) {
    asm_aarch64_op32(as, 0xd61f0000 | rn << 5);
}

// Holds a pointer to mp_fun_table
#define ASM_AARCH64_REG_FUN_TABLE ASM_AARCH64_REG_X22

#if GENERIC_ASM_API

// The following macros provide a (mostly) arch-independent API to
// generate native code, and are used by the native emitter.

#define ASM_WORD_SIZE (8)

#define REG_RET ASM_AARCH64_REG_X0
#define REG_ARG_1 ASM_AARCH64_REG_X0
#define REG_ARG_2 ASM_AARCH64_REG_X1
#define REG_ARG_3 ASM_AARCH64_REG_X2
#define REG_ARG_4 ASM_AARCH64_REG_X3
#define REG_ARG_5 ASM_AARCH64_REG_X4

#define REG_TEMP0 ASM_AARCH64_REG_X0
#define REG_TEMP1 ASM_AARCH64_REG_X1
#define REG_TEMP2 ASM_AARCH64_REG_X2

#define REG_LOCAL_1 ASM_AARCH64_REG_X19
#define REG_LOCAL_2 ASM_AARCH64_REG_X20
#define REG_LOCAL_3 ASM_AARCH64_REG_X21
#define REG_LOCAL_NUM (3)

// More callee-saved registers for locals.  The last one is written in every
// function (it points to the arguments at first), the others only when used.
#define REG_LOCAL_NUM_MORE (6)
#define REG_LOCAL_MORE , ASM_AARCH64_REG_X23, ASM_AARCH64_REG_X24, ASM_AARCH64_REG_X25, \
    ASM_AARCH64_REG_X26, ASM_AARCH64_REG_X27, ASM_AARCH64_REG_X28

#define REG_FUN_TABLE ASM_AARCH64_REG_FUN_TABLE

#define ASM_T               asm_aarch64_t
#define ASM_END_PASS        asm_aarch64_end_pass
// Later emitters pass the name of the function too, for their debugging.
#define ASM_ENTRY(as, num_locals, ...) asm_aarch64_entry((as), (num_locals))
#define ASM_EXIT            asm_aarch64_exit

#define ASM_JUMP            asm_aarch64_b_label
#define ASM_JUMP_IF_REG_ZERO(as, reg, label, bool_test) \
    asm_aarch64_jump_if_reg((as), false, (reg), (label), (bool_test))
#define ASM_JUMP_IF_REG_NONZERO(as, reg, label, bool_test) \
    asm_aarch64_jump_if_reg((as), true, (reg), (label), (bool_test))
#define ASM_JUMP_IF_REG_EQ(as, reg1, reg2, label) \
    do { \
        asm_aarch64_cmp_reg_reg((as), (reg1), (reg2)); \
        asm_aarch64_bcc_label((as), ASM_AARCH64_CC_EQ, (label)); \
    } while (0)
#define ASM_JUMP_REG(as, reg) asm_aarch64_br_reg((as), (reg))
#define ASM_CALL_IND(as, idx) asm_aarch64_call_ind((as), (idx))

#define ASM_MOV_LOCAL_REG(as, local_num, reg_src) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_STRX, (reg_src), ASM_AARCH64_REG_SP, 8 * (local_num))
#define ASM_MOV_REG_IMM(as, reg_dest, imm) asm_aarch64_mov_reg_imm((as), (reg_dest), (imm))
#define ASM_MOV_REG_LOCAL(as, reg_dest, local_num) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_LDRX, (reg_dest), ASM_AARCH64_REG_SP, 8 * (local_num))
#define ASM_MOV_REG_REG(as, reg_dest, reg_src) asm_aarch64_mov_reg_reg((as), (reg_dest), (reg_src))
#define ASM_MOV_REG_LOCAL_ADDR(as, reg_dest, local_num) asm_aarch64_mov_reg_local_addr((as), (reg_dest), (local_num))
#define ASM_MOV_REG_PCREL(as, reg_dest, label) asm_aarch64_mov_reg_pcrel((as), (reg_dest), (label))

#define ASM_AARCH64_OP3(as, op, reg_dest, reg_src) \
    asm_aarch64_op_reg_reg_reg((as), (op), (reg_dest), (reg_dest), (reg_src))

#define ASM_NOT_REG(as, reg) \
    asm_aarch64_op_reg_reg_reg((as), ASM_AARCH64_OP_ORN, (reg), ASM_AARCH64_REG_ZR, (reg))
#define ASM_NEG_REG(as, reg) \
    asm_aarch64_op_reg_reg_reg((as), ASM_AARCH64_OP_SUB, (reg), ASM_AARCH64_REG_ZR, (reg))
#define ASM_LSL_REG_REG(as, reg_dest, reg_shift) ASM_AARCH64_OP3(as, ASM_AARCH64_OP_LSL, reg_dest, reg_shift)
#define ASM_LSR_REG_REG(as, reg_dest, reg_shift) ASM_AARCH64_OP3(as, ASM_AARCH64_OP_LSR, reg_dest, reg_shift)
#define ASM_ASR_REG_REG(as, reg_dest, reg_shift) ASM_AARCH64_OP3(as, ASM_AARCH64_OP_ASR, reg_dest, reg_shift)
#define ASM_OR_REG_REG(as, reg_dest, reg_src) ASM_AARCH64_OP3(as, ASM_AARCH64_OP_ORR, reg_dest, reg_src)
#define ASM_XOR_REG_REG(as, reg_dest, reg_src) ASM_AARCH64_OP3(as, ASM_AARCH64_OP_EOR, reg_dest, reg_src)
#define ASM_AND_REG_REG(as, reg_dest, reg_src) ASM_AARCH64_OP3(as, ASM_AARCH64_OP_AND, reg_dest, reg_src)
#define ASM_ADD_REG_REG(as, reg_dest, reg_src) ASM_AARCH64_OP3(as, ASM_AARCH64_OP_ADD, reg_dest, reg_src)
#define ASM_SUB_REG_REG(as, reg_dest, reg_src) ASM_AARCH64_OP3(as, ASM_AARCH64_OP_SUB, reg_dest, reg_src)
#define ASM_MUL_REG_REG(as, reg_dest, reg_src) ASM_AARCH64_OP3(as, ASM_AARCH64_OP_MUL, reg_dest, reg_src)

#define ASM_LOAD_REG_REG(as, reg_dest, reg_base) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_LDRX, (reg_dest), (reg_base), 0)
#define ASM_LOAD_REG_REG_OFFSET(as, reg_dest, reg_base, word_offset) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_LDRX, (reg_dest), (reg_base), 8 * (int64_t)(word_offset))
#define ASM_LOAD8_REG_REG(as, reg_dest, reg_base) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_LDRB, (reg_dest), (reg_base), 0)
#define ASM_LOAD16_REG_REG(as, reg_dest, reg_base) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_LDRH, (reg_dest), (reg_base), 0)
#define ASM_LOAD16_REG_REG_OFFSET(as, reg_dest, reg_base, uint16_offset) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_LDRH, (reg_dest), (reg_base), 2 * (int64_t)(uint16_offset))
#define ASM_LOAD32_REG_REG(as, reg_dest, reg_base) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_LDRW, (reg_dest), (reg_base), 0)

#define ASM_STORE_REG_REG(as, reg_src, reg_base) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_STRX, (reg_src), (reg_base), 0)
#define ASM_STORE_REG_REG_OFFSET(as, reg_src, reg_base, word_offset) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_STRX, (reg_src), (reg_base), 8 * (int64_t)(word_offset))
#define ASM_STORE8_REG_REG(as, reg_src, reg_base) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_STRB, (reg_src), (reg_base), 0)
#define ASM_STORE16_REG_REG(as, reg_src, reg_base) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_STRH, (reg_src), (reg_base), 0)
#define ASM_STORE32_REG_REG(as, reg_src, reg_base) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_STRW, (reg_src), (reg_base), 0)

// Viper's loads and stores; emitters before 1.26 do not ask for these.  Offsets
// count items, the index register is shifted by the width.
#define ASM_LOAD8_REG_REG_OFFSET(as, reg_dest, reg_base, offset) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_LDRB, (reg_dest), (reg_base), (int64_t)(offset))
#define ASM_LOAD32_REG_REG_OFFSET(as, reg_dest, reg_base, offset) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_LDRW, (reg_dest), (reg_base), 4 * (int64_t)(offset))
#define ASM_STORE8_REG_REG_OFFSET(as, reg_src, reg_base, offset) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_STRB, (reg_src), (reg_base), (int64_t)(offset))
#define ASM_STORE16_REG_REG_OFFSET(as, reg_src, reg_base, offset) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_STRH, (reg_src), (reg_base), 2 * (int64_t)(offset))
#define ASM_STORE32_REG_REG_OFFSET(as, reg_src, reg_base, offset) \
    asm_aarch64_mem_imm((as), ASM_AARCH64_MEM_STRW, (reg_src), (reg_base), 4 * (int64_t)(offset))
#define ASM_LOAD8_REG_REG_REG(as, reg_dest, reg_base, reg_index) \
    asm_aarch64_mem_reg((as), ASM_AARCH64_MEM_LDRB, (reg_dest), (reg_base), (reg_index))
#define ASM_LOAD16_REG_REG_REG(as, reg_dest, reg_base, reg_index) \
    asm_aarch64_mem_reg((as), ASM_AARCH64_MEM_LDRH, (reg_dest), (reg_base), (reg_index))
#define ASM_LOAD32_REG_REG_REG(as, reg_dest, reg_base, reg_index) \
    asm_aarch64_mem_reg((as), ASM_AARCH64_MEM_LDRW, (reg_dest), (reg_base), (reg_index))
#define ASM_STORE8_REG_REG_REG(as, reg_src, reg_base, reg_index) \
    asm_aarch64_mem_reg((as), ASM_AARCH64_MEM_STRB, (reg_src), (reg_base), (reg_index))
#define ASM_STORE16_REG_REG_REG(as, reg_src, reg_base, reg_index) \
    asm_aarch64_mem_reg((as), ASM_AARCH64_MEM_STRH, (reg_src), (reg_base), (reg_index))
#define ASM_STORE32_REG_REG_REG(as, reg_src, reg_base, reg_index) \
    asm_aarch64_mem_reg((as), ASM_AARCH64_MEM_STRW, (reg_src), (reg_base), (reg_index))

#endif // GENERIC_ASM_API

#endif // FROSTNET_ASMAARCH64_H
