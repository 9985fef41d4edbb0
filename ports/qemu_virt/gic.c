// Frostnet: GICv2 interrupt controller and the dispatch of interrupts
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "board.h"

#define GICD_CTLR           (BOARD_GICD_BASE + 0x000)
#define GICD_TYPER          (BOARD_GICD_BASE + 0x004)
#define GICD_ISENABLER      (BOARD_GICD_BASE + 0x100)
#define GICD_ICENABLER      (BOARD_GICD_BASE + 0x180)
#define GICD_IPRIORITYR     (BOARD_GICD_BASE + 0x400)
#define GICD_ITARGETSR      (BOARD_GICD_BASE + 0x800)
#define GICC_CTLR           (BOARD_GICC_BASE + 0x00)
#define GICC_PMR            (BOARD_GICC_BASE + 0x04)
#define GICC_IAR            (BOARD_GICC_BASE + 0x0c)
#define GICC_EOIR           (BOARD_GICC_BASE + 0x10)

#define PRIORITY            (0x80)
#define FIRST_SPURIOUS      (1020)

volatile bool irq_event;

// Lines stay level-sensitive, as they are after reset: a device whose line is still up when its
// interrupt is enabled again fires again, so no event can fall between two looks.
void gic_init(void) {
    // Lines come in groups of 32, with four bytes of these registers to a word.
    unsigned int lines = 32 * ((REG32(GICD_TYPER) & 0x1f) + 1);
    for (unsigned int intid = 0; intid < lines; intid += 4) {
        REG32(GICD_IPRIORITYR + intid) = 0x01010101u * PRIORITY;
        if (intid >= 32) {
            REG32(GICD_ITARGETSR + intid) = 0x01010101u; // this core
        }
    }
    REG32(GICD_CTLR) = 1;
    REG32(GICC_PMR) = 0xff;
    REG32(GICC_CTLR) = 1;
}

void gic_enable(unsigned int intid) {
    REG32(GICD_ISENABLER + intid / 32 * 4) = 1u << (intid % 32);
}

void gic_disable(unsigned int intid) {
    REG32(GICD_ICENABLER + intid / 32 * 4) = 1u << (intid % 32);
}

// Called from start.S with interrupts masked. One interrupt at a time: if there is another, the
// core takes it at once, and each access to the controller costs as much as a function of Python.
void irq_handler(void) {
    uint32_t iar = REG32(GICC_IAR);
    unsigned int intid = iar & 0x3ff;
    if (intid >= FIRST_SPURIOUS) {
        return;
    }
    bool event = true;
    if (intid == IRQ_TIMER) {
        event = timer_handler();
    } else if (intid == IRQ_UART) {
        uart_handler();
    } else {
        virtio_shim_handler(intid);
    }
    REG32(GICC_EOIR) = iar;
    if (event) {
        irq_event = true;
    }
}
