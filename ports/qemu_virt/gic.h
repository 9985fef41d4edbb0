// Frostnet: what the parts of the interrupt controller's driver know of each other
// MIT license; Copyright (c) 2026 The Frostnet authors

#ifndef FROSTNET_QEMU_VIRT_GIC_H
#define FROSTNET_QEMU_VIRT_GIC_H

#include "board.h"

// gic.c
void gic_take_messages(unsigned int intid); // edges instead of a level; none came yet

// gicv3.c: the CPU interface in system registers, and this core's redistributor.

// Returns where the registers for SGIs and PPIs are, which are as in a distributor; 0 if none of
// the redistributors is this core's.
uintptr_t gicv3_init(uintptr_t redistributors);
uint64_t gicv3_affinity(void);
void gicv3_use_lpis(uintptr_t properties, uintptr_t pending, unsigned int id_bits);
// How an ITS names this core: by its redistributor's address or by its number.
uint64_t gicv3_target(bool by_address);
bool gicv3_has_lpis(void);

static inline unsigned int gicv3_acknowledge(void) {
    uint64_t intid;
    __asm volatile ("mrs %0, s3_0_c12_c12_0" : "=r" (intid) :: "memory"); // ICC_IAR1_EL1
    return intid;
}

static inline void gicv3_end(unsigned int intid) {
    __asm volatile ("msr s3_0_c12_c12_1, %0" :: "r" ((uint64_t)intid) : "memory"); // ICC_EOIR1_EL1
}

// gic_its.c: messages become LPIs. False if that cannot be.
bool its_init(void);
uint64_t its_address(void);
bool its_map(uint32_t device_id, uint32_t event, unsigned int count, unsigned int lpi);
void its_unmap_all(void);
void its_set_enabled(unsigned int lpi, bool enabled);

#endif
