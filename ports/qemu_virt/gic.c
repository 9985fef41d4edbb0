// Frostnet: interrupt controllers GICv2 and GICv3: distributor and the dispatch of interrupts
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "gic.h"

// Distributor. Registers for INTIDs below 32 are this core's own; a GICv3 has them elsewhere.
#define GICD_CTLR           (0x0000)
#define GICD_TYPER          (0x0004)
#define GICD_IGROUPR        (0x0080)
#define GICD_ISENABLER      (0x0100)
#define GICD_ICENABLER      (0x0180)
#define GICD_ICPENDR        (0x0280)
#define GICD_IPRIORITYR     (0x0400)
#define GICD_ITARGETSR      (0x0800) // GICv2
#define GICD_ICFGR          (0x0c00)
#define GICD_IROUTER        (0x6000) // GICv3

#define CTLR_ENABLE         (1) // GICv2
#define CTLR_ENABLE_GROUP1  (1 << 1)
#define CTLR_AFFINITY       (1 << 4)

// CPU interface of a GICv2.
#define GICC_CTLR           (0x00)
#define GICC_PMR            (0x04)
#define GICC_IAR            (0x0c)
#define GICC_EOIR           (0x10)

#define PRIORITY            (0x80)
#define FIRST_SPURIOUS      (1020)
#define LAST_SPURIOUS       (1023)

volatile bool irq_event;

static uintptr_t distributor;
static uintptr_t own; // where the registers for INTIDs below 32 are
static uintptr_t cpu; // 0: a GICv3's system registers

static uintptr_t base_of(unsigned int intid) {
    return intid < IRQ_FIRST_SHARED ? own : distributor;
}

// Lines stay level-sensitive, as they are after reset: a device whose line is still up when its
// interrupt is enabled again fires again, so no event can fall between two looks.
bool gic_init(void) {
    const fdt_gic_t *gic = &fdt_facts.gic;
    bool v3 = gic->version == 3;
    if ((!v3 && gic->version != 2) || !memory_map_device(gic->distributor, 0x10000)
        || !memory_map_device(gic->cpu, 0x10000)) {
        return false;
    }
    distributor = own = gic->distributor;
    if (v3) {
        REG32(distributor + GICD_CTLR) = CTLR_AFFINITY;
        own = gicv3_init(gic->cpu);
        if (own == 0) {
            return false;
        }
    } else {
        cpu = gic->cpu;
    }

    // Lines come in groups of 32, with four bytes of these registers to a word.
    unsigned int lines = 32 * ((REG32(distributor + GICD_TYPER) & 0x1f) + 1);
    if (lines > IRQ_COUNT) {
        lines = IRQ_COUNT;
    }
    for (unsigned int intid = 0; intid < lines; intid += 4) {
        uintptr_t base = base_of(intid);
        REG32(base + GICD_IPRIORITYR + intid) = 0x01010101u * PRIORITY;
        if (v3 && intid % 32 == 0) {
            REG32(base + GICD_IGROUPR + intid / 8) = 0xffffffff;
        }
        if (intid >= IRQ_FIRST_SHARED) {
            if (!v3) {
                REG32(base + GICD_ITARGETSR + intid) = 0x01010101u; // this core
            } else {
                for (unsigned int n = intid; n < intid + 4; ++n) {
                    REG64(base + GICD_IROUTER + n * 8) = gicv3_affinity();
                }
            }
        }
    }
    if (v3) {
        REG32(distributor + GICD_CTLR) = CTLR_AFFINITY | CTLR_ENABLE_GROUP1;
    } else {
        REG32(distributor + GICD_CTLR) = CTLR_ENABLE;
        REG32(cpu + GICC_PMR) = 0xff;
        REG32(cpu + GICC_CTLR) = 1;
    }
    return true;
}

void gic_enable(unsigned int intid) {
    if (intid >= IRQ_LPI_FIRST) {
        its_set_enabled(intid, true);
    } else {
        REG32(base_of(intid) + GICD_ISENABLER + intid / 32 * 4) = 1u << (intid % 32);
    }
}

void gic_disable(unsigned int intid) {
    if (intid >= IRQ_LPI_FIRST) {
        its_set_enabled(intid, false);
    } else {
        REG32(base_of(intid) + GICD_ICENABLER + intid / 32 * 4) = 1u << (intid % 32);
    }
}

void gic_take_messages(unsigned int intid) {
    REG32(distributor + GICD_ICFGR + intid / 16 * 4) |= 2u << (intid % 16 * 2);
    REG32(distributor + GICD_ICPENDR + intid / 32 * 4) = 1u << (intid % 32);
}

// Called from start.S with interrupts masked. One interrupt at a time: if there is another, the
// core takes it at once, and each access to the controller costs as much as a function of Python.
void irq_handler(void) {
    uint32_t iar = cpu != 0 ? REG32(cpu + GICC_IAR) : gicv3_acknowledge();
    unsigned int intid = cpu != 0 ? iar & 0x3ff : iar;
    if (intid >= FIRST_SPURIOUS && intid <= LAST_SPURIOUS) {
        return;
    }
    bool event = true;
    if (intid == IRQ_TIMER) {
        event = timer_handler();
    } else if (intid == IRQ_UART) {
        uart_handler();
    } else {
        virtio_irq_handler(intid);
    }
    if (cpu != 0) {
        REG32(cpu + GICC_EOIR) = iar;
    } else {
        gicv3_end(iar);
    }
    if (event) {
        irq_event = true;
    }
}
