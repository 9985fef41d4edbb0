// Frostnet: reset and power-off by PSCI, exit status by semihosting
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "board.h"

#define PSCI_SYSTEM_OFF         (0x84000008)
#define PSCI_SYSTEM_RESET       (0x84000009)
#define SYS_ISERROR             (0x08)
#define SYS_EXIT                (0x18)
#define ADP_STOPPED_APP_EXIT    (0x20026)

long semihosting_call(long op, void *arg);

static void psci(uint32_t function) {
    register uint64_t x0 __asm("x0") = function;
    if (fdt_facts.psci_smc) {
        __asm volatile ("smc #0" : "+r" (x0) :: "x1", "x2", "x3", "memory");
    } else {
        __asm volatile ("hvc #0" : "+r" (x0) :: "x1", "x2", "x3", "memory");
    }
}

__attribute__((noreturn)) static void stop(void) {
    irq_save();
    for (;;) {
        __asm volatile ("wfi");
    }
}

void power_reset(void) {
    psci(PSCI_SYSTEM_RESET);
    stop();
}

// Is 0 an error? With -semihosting QEMU says 0, no; without it every call answers -1.
bool power_semihosting(void) {
    uint64_t arg[1] = { 0 };
    return semihosting_call(SYS_ISERROR, arg) == 0;
}

// PSCI cannot carry a status, so QEMU would exit with 0: ask by semihosting first. That works if
// QEMU runs with -semihosting; without it the call is refused and the machine just powers off.
void power_exit(int status) {
    uart_flush();
    uint64_t arg[2] = { ADP_STOPPED_APP_EXIT, (uint64_t)status };
    semihosting_call(SYS_EXIT, arg);
    psci(PSCI_SYSTEM_OFF);
    stop();
}
