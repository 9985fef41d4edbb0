// Frostnet: console, delays and sleeping until something happens
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "py/runtime.h"
#include "py/mphal.h"
#include "py/persistentcode.h"
#include "py/stream.h"
#include "extmod/misc.h"

// select polls objects written in Python whose state may change without an interrupt: look again
// after this time at the latest.
#define WFE_MAX_US (100000)

// Shorter delays than this are spun: sleeping and waking costs about as much.
#define SPIN_US (200)

// As much as a window of raw paste, and then some: what does not fit is lost.
static uint8_t stdin_ring[16384];
ringbuf_t stdin_ringbuf = { stdin_ring, sizeof(stdin_ring), 0, 0 };

int mp_interrupt_char = -1; // -1: none

// Interrupts are masked between the last look and WFI, which wakes up for a masked interrupt too:
// no event can slip in between. Whoever looked at something before calling is covered by
// irq_event, which remembers interrupts since the last sleep.
void board_wait(int64_t until, bool unhandled_too) {
    uintptr_t state = irq_save();
    if (!irq_event && MP_STATE_VM(sched_state) != MP_SCHED_PENDING
        && MP_STATE_THREAD(mp_pending_exception) == MP_OBJ_NULL
        && !(unhandled_too && virtio_irq_unhandled())) {
        timer_set(TIMER_WAIT, until);
        do {
            __asm volatile ("dsb sy\n\twfi" ::: "memory");
            irq_restore(state); // the handlers run here
            irq_save();
        } while (!irq_event && profile_running());
        timer_set(TIMER_WAIT, TIMER_NEVER);
    }
    irq_event = false;
    irq_restore(state);
}

// Called with every piece of native code, from the compiler or from an .mpy file.
void *board_commit_exec(void *code, mp_uint_t len, void *reloc) {
    if (reloc != NULL) {
        mp_native_relocate(reloc, code, (uintptr_t)code);
    }
    memory_sync_code(code, len);
    return code;
}

void board_wait_ms(mp_int_t timeout_ms) {
    if (timeout_ms != 0) {
        int64_t us = timeout_ms < 0 || timeout_ms > WFE_MAX_US / 1000 ? WFE_MAX_US : timeout_ms * 1000;
        board_wait(timer_us() + us, false);
        // What the interrupt has scheduled runs before the caller looks again, not after.
        mp_handle_pending(true);
    }
}

static void delay_until(int64_t until) {
    for (;;) {
        mp_event_handle_nowait();
        if (timer_us() >= until) {
            break;
        }
        board_wait(until, false);
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    delay_until(timer_us() + ms * 1000);
}

void mp_hal_delay_us(mp_uint_t us) {
    int64_t until = timer_us() + us;
    if (us > SPIN_US) {
        delay_until(until);
    }
    while (timer_us() < until) {
    }
}

static bool ringbuf_discard_through(ringbuf_t *r, uint8_t c) {
    for (size_t n = ringbuf_avail(r); n > 0; --n) {
        if (r->buf[(r->iget + n - 1) % r->size] == c) {
            r->iget = (r->iget + n) % r->size;
            return true;
        }
    }
    return false;
}

// Between the prompt's reading of a line and the program's begin nobody looks for an interrupt
// character: one that came then counts from here on. As always, what was typed before it goes with it.
void mp_hal_set_interrupt_char(int c) {
    mp_interrupt_char = c; // first: what comes from now on is seen when it comes
    if (c >= 0) {
        bool typed = uart_discard_through(c);
        typed |= ringbuf_discard_through(&stdin_ringbuf, c);
        if (typed) {
            mp_sched_keyboard_interrupt();
        }
    }
}

uintptr_t mp_hal_stdio_poll(uintptr_t poll_flags) {
    uintptr_t ret = poll_flags & MP_STREAM_POLL_WR;
    if ((poll_flags & MP_STREAM_POLL_RD) && (uart_any() || ringbuf_avail(&stdin_ringbuf))) {
        ret |= MP_STREAM_POLL_RD;
    }
    return ret | mp_os_dupterm_poll(poll_flags);
}

int mp_hal_stdin_rx_chr(void) {
    for (;;) {
        int c = uart_get();
        if (c >= 0) {
            return c;
        }
        // The ring first: what is in it was typed before.
        c = ringbuf_get(&stdin_ringbuf);
        if (c < 0) {
            c = mp_os_dupterm_rx_chr();
        }
        if (c >= 0) {
            return c;
        }
        mp_event_wait_indefinite();
    }
}

mp_uint_t mp_hal_stdout_tx_strn(const char *str, size_t len) {
    uart_put(str, len);
    // A terminal in Python may write in several steps, as a websocket does: no callback, which may
    // write to it too, comes between them.
    mp_sched_lock();
    mp_os_dupterm_tx_strn(str, len);
    mp_sched_unlock();
    return len;
}
