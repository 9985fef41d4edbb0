// Frostnet: what MicroPython's core asks of the port
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "ports/qemu_virt/board.h"
#include "py/ringbuf.h"
#include "shared/runtime/interrupt_char.h"

#define MICROPY_BEGIN_ATOMIC_SECTION()      irq_save()
#define MICROPY_END_ATOMIC_SECTION(state)   irq_restore(state)

// Soft timers run in the timer's interrupt.
#define MICROPY_PY_PENDSV_ENTER             uintptr_t pendsv_state = irq_save()
#define MICROPY_PY_PENDSV_EXIT              irq_restore(pendsv_state)

void board_wait_ms(mp_int_t timeout_ms);
#define MICROPY_INTERNAL_WFE(TIMEOUT_MS)    board_wait_ms(TIMEOUT_MS)

// What os.dupterm_notify() has read from a terminal of Python's while a program runs.
extern ringbuf_t stdin_ringbuf;

void mp_hal_get_random(size_t n, uint8_t *buf);

static inline mp_uint_t mp_hal_ticks_us(void) {
    return timer_us();
}

static inline mp_uint_t mp_hal_ticks_ms(void) {
    return timer_us() / 1000;
}

static inline mp_uint_t mp_hal_ticks_cpu(void) {
    return timer_us();
}
