// Frostnet: a sampling profiler: where the program is, at regular times
// MIT license; Copyright (c) 2026 The Frostnet authors

// profile(buffer, us) makes the timer interrupt note every `us` microseconds which machine
// instruction and which bytecode it interrupted; tools/profile_board.py turns that into names.

#include "board.h"
#include "py/bc.h"
#include "py/objfun.h"
#include "py/runtime.h"

#define PERIOD_MIN (20)
#define FRAME_WORDS (512) // how far below the top of the Python stack a frame may begin
#define BYTECODE_MAX (32768)

// Words of the buffer: the number of samples (which may not all have fitted), then pairs.
MP_REGISTER_ROOT_POINTER(mp_obj_t port_profile_buffer);

static uint64_t *words;
static size_t capacity;
static int64_t period;
static uint32_t random_state;

bool profile_running(void) {
    return words != NULL;
}

// A frame begins with its function and the place in the function's bytecode. Nothing marks where
// the topmost frame is, but hardly anything else looks like that.
static uint64_t bytecode_position(void) {
    uintptr_t *top = (uintptr_t *)MP_STATE_THREAD(pystack_cur);
    uintptr_t *bottom = (uintptr_t *)MP_STATE_THREAD(pystack_start);
    uintptr_t ram_end = BOARD_RAM_BASE + memory_ram_size;
    for (size_t n = 0; n < FRAME_WORDS && --top >= bottom; ++n) {
        uintptr_t fun = top[0];
        if (fun >= BOARD_RAM_BASE && fun < ram_end && fun % sizeof(void *) == 0
            && *(uintptr_t *)fun == (uintptr_t)&mp_type_fun_bc) {
            uintptr_t start = (uintptr_t)((mp_obj_fun_bc_t *)fun)->bytecode;
            if (top[1] - start < BYTECODE_MAX) {
                return top[1];
            }
        }
    }
    return 0;
}

// In the timer's interrupt. Returns when the next sample is due: after half a period to one and a
// half, so that samples do not keep step with a program that does the same over and over.
int64_t profile_sample(int64_t now) {
    uint64_t n = words[0]++;
    if (n < capacity) {
        uint64_t elr;
        __asm volatile ("mrs %0, elr_el1" : "=r" (elr));
        words[1 + 2 * n] = elr;
        words[2 + 2 * n] = bytecode_position();
    }
    random_state = random_state * 1664525 + 1013904223;
    return now + period / 2 + (int64_t)(((random_state >> 8) * (uint64_t)period) >> 24);
}

void profile_stop(void) {
    uintptr_t state = irq_save();
    timer_set(TIMER_PROFILE, TIMER_NEVER);
    words = NULL;
    MP_STATE_PORT(port_profile_buffer) = MP_OBJ_NULL;
    irq_restore(state);
}

// profile(buffer, us), profile(None)
static mp_obj_t port_profile(size_t n_args, const mp_obj_t *args) {
    profile_stop();
    if (args[0] == mp_const_none) {
        return mp_const_none;
    }
    mp_buffer_info_t info;
    mp_get_buffer_raise(args[0], &info, MP_BUFFER_WRITE);
    mp_int_t us = n_args > 1 ? mp_obj_get_int(args[1]) : 0;
    if (us < PERIOD_MIN || info.len < 3 * sizeof(uint64_t) || (uintptr_t)info.buf % sizeof(uint64_t)) {
        mp_raise_ValueError(MP_ERROR_TEXT("give a buffer of 64-bit words and 20 microseconds or more"));
    }
    uintptr_t state = irq_save();
    MP_STATE_PORT(port_profile_buffer) = args[0];
    words = info.buf;
    words[0] = 0;
    capacity = (info.len / sizeof(uint64_t) - 1) / 2;
    period = us;
    timer_set(TIMER_PROFILE, timer_us() + us);
    irq_restore(state);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_profile_obj, 1, 2, port_profile);
