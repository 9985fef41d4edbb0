// Frostnet: this core's side of a GICv3: its redistributor, and the CPU interface
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "gic.h"

// A redistributor is two pages of 64 KiB, or four (GICv4).
#define GICR_CTLR           (0x0000)
#define GICR_TYPER          (0x0008)
#define GICR_WAKER          (0x0014)
#define GICR_PROPBASER      (0x0070)
#define GICR_PENDBASER      (0x0078)
#define GICR_SGI_PAGE       (0x10000)

#define CTLR_ENABLE_LPIS    (1 << 0)
#define TYPER_PHYSICAL_LPIS (1 << 0)
#define TYPER_VIRTUAL_LPIS  (1 << 1)
#define TYPER_LAST          (1 << 4)
#define WAKER_SLEEP         (1 << 1)
#define WAKER_ASLEEP        (1 << 2)
#define PENDBASER_ZERO      ((uint64_t)1 << 62) // the table is all zero
#define TABLE_CACHED        (7 << 7 | 1 << 10) // write-back, inner shareable

static uintptr_t redistributor;

uint64_t gicv3_affinity(void) {
    uint64_t mpidr;
    __asm volatile ("mrs %0, mpidr_el1" : "=r" (mpidr));
    return mpidr & 0xff00ffffff;
}

uintptr_t gicv3_init(uintptr_t frame) {
    uint64_t affinity = gicv3_affinity();
    affinity = (affinity >> 8 & 0xff000000) | (affinity & 0xffffff); // as GICR_TYPER has it
    uint64_t typer;
    while ((typer = REG64(frame + GICR_TYPER)) >> 32 != affinity) {
        if (typer & TYPER_LAST) {
            return 0;
        }
        frame += typer & TYPER_VIRTUAL_LPIS ? 0x40000 : 0x20000;
    }
    redistributor = frame;
    REG32(frame + GICR_WAKER) &= ~WAKER_SLEEP;
    while (REG32(frame + GICR_WAKER) & WAKER_ASLEEP) {
    }

    __asm volatile (
        "msr s3_0_c12_c12_5, %0\n\t" // ICC_SRE_EL1: system registers instead of memory
        "isb\n\t"
        "msr s3_0_c4_c6_0, %1\n\t" // ICC_PMR_EL1
        "msr s3_0_c12_c12_3, xzr\n\t" // ICC_BPR1_EL1
        "msr s3_0_c12_c12_4, xzr\n\t" // ICC_CTLR_EL1: the end of an interrupt deactivates it
        "msr s3_0_c12_c12_7, %0\n\t" // ICC_IGRPEN1_EL1
        "isb"
        :: "r" ((uint64_t)1), "r" ((uint64_t)0xff) : "memory");
    return frame + GICR_SGI_PAGE;
}

bool gicv3_has_lpis(void) {
    return redistributor != 0 && (REG32(redistributor + GICR_TYPER) & TYPER_PHYSICAL_LPIS);
}

void gicv3_use_lpis(uintptr_t properties, uintptr_t pending, unsigned int id_bits) {
    REG64(redistributor + GICR_PROPBASER) = properties | TABLE_CACHED | (id_bits - 1);
    REG64(redistributor + GICR_PENDBASER) = pending | TABLE_CACHED | PENDBASER_ZERO;
    REG32(redistributor + GICR_CTLR) |= CTLR_ENABLE_LPIS;
}

uint64_t gicv3_target(bool by_address) {
    uint64_t number = REG64(redistributor + GICR_TYPER) >> 8 & 0xffff;
    return by_address ? redistributor : number << 16;
}
