// Frostnet: interrupts by message: a GICv2m frame's SPIs, or LPIs by way of an ITS
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "gic.h"

#define V2M_TYPER           (0x008)
#define V2M_SETSPI          (0x040)

#define LPI_END             (IRQ_LPI_FIRST + IRQ_LPI_COUNT)

// What has not been given out since the last soft reset.
static unsigned int next, end;
static bool its;

bool msi_available(void) {
    static bool looked;
    if (!looked) {
        looked = true;
        its = its_init();
        msi_release_all();
    }
    return end != 0;
}

bool msi_allocate(uint32_t device_id, uint32_t vector, unsigned int count, msi_t *msi) {
    if (!msi_available() || count > end - next) {
        return false;
    }
    msi->intid = next;
    if (its) {
        if (!its_map(device_id, vector, count, next)) {
            return false;
        }
        msi->address = its_address();
        msi->data = vector;
    } else {
        for (unsigned int n = 0; n < count; ++n) {
            gic_take_messages(next + n);
        }
        msi->address = fdt_facts.gic.v2m + V2M_SETSPI;
        msi->data = next;
    }
    next += count;
    return true;
}

void msi_release_all(void) {
    if (its) {
        its_unmap_all();
        next = IRQ_LPI_FIRST;
        end = LPI_END;
    } else if (fdt_facts.gic.v2m != 0 && memory_map_device(fdt_facts.gic.v2m, 4096)) {
        uint32_t typer = REG32(fdt_facts.gic.v2m + V2M_TYPER);
        next = typer >> 16 & 0x3ff;
        end = next + (typer & 0x3ff);
        end = end > IRQ_COUNT ? IRQ_COUNT : end;
    }
}
