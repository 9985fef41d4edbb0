// Frostnet: the clock and its one comparator (the generic timer's virtual counter)
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "board.h"
#include "py/runtime.h"
#include "py/mphal.h"
#include "shared/runtime/softtimer.h"

#define CNTV_CTL_ENABLE (1)
#define TIMER_MAX ((int64_t)1 << 50) // 35 years, and no overflow on the way to ticks

static uint64_t frequency;
static uint64_t start;
static uint64_t us_per_tick; // 64-bit fraction
static int64_t deadline[TIMER_COUNT];
static int64_t armed; // what the comparator is set to

static uint64_t counter(void) {
    uint64_t value;
    __asm volatile ("mrs %0, cntvct_el0" : "=r" (value) :: "memory");
    return value;
}

void timer_init(void) {
    __asm volatile ("mrs %0, cntfrq_el0" : "=r" (frequency));
    start = counter();
    us_per_tick = (uint64_t)(((unsigned __int128)1000000 << 64) / frequency);
    for (int i = 0; i < TIMER_COUNT; ++i) {
        deadline[i] = TIMER_NEVER;
    }
    armed = TIMER_NEVER;
    __asm volatile ("msr cntv_ctl_el0, xzr");
    gic_enable(IRQ_TIMER);
}

uint64_t timer_frequency(void) {
    return frequency;
}

int64_t timer_us(void) {
    return (int64_t)((unsigned __int128)(counter() - start) * us_per_tick >> 64);
}

static void arm(int64_t when) {
    armed = when;
    if (when == TIMER_NEVER) {
        __asm volatile ("msr cntv_ctl_el0, xzr");
        return;
    }
    // One tick more, because timer_us() rounds down: the interrupt must not come too early.
    uint64_t compare = start + (uint64_t)((unsigned __int128)when * frequency / 1000000) + 1;
    __asm volatile ("msr cntv_cval_el0, %0" :: "r" (compare));
    __asm volatile ("msr cntv_ctl_el0, %0\n\tisb" :: "r" ((uint64_t)CNTV_CTL_ENABLE));
}

// The comparator only ever moves earlier here: a deadline that moves later costs one store, and
// at worst one interrupt that finds nothing due.
void timer_set(int which, int64_t when) {
    uintptr_t state = irq_save();
    if (when < 0) {
        when = 0;
    } else if (when > TIMER_MAX) {
        when = TIMER_NEVER;
    }
    deadline[which] = when;
    if (when < armed) {
        arm(when);
    }
    irq_restore(state);
}

bool timer_handler(void) {
    int64_t now = timer_us();
    bool event = true;
    if (deadline[TIMER_PROFILE] <= now) {
        deadline[TIMER_PROFILE] = profile_sample(now);
        event = false;
    }
    if (deadline[TIMER_WAIT] <= now) {
        deadline[TIMER_WAIT] = TIMER_NEVER;
        event = true;
    }
    if (deadline[TIMER_ALARM] <= now) {
        event = true;
        deadline[TIMER_ALARM] = TIMER_NEVER;
        alarm_expired();
    }
    if (deadline[TIMER_SOFT] <= now) {
        event = true;
        deadline[TIMER_SOFT] = TIMER_NEVER;
        armed = 0; // soft_timer_handler() sets the next one: leave the comparator to us
        soft_timer_handler();
    }
    int64_t next = deadline[0];
    for (int i = 1; i < TIMER_COUNT; ++i) {
        if (deadline[i] < next) {
            next = deadline[i];
        }
    }
    arm(next);
    return event;
}

// Soft timers (machine.Timer) count milliseconds in 32 bits that wrap.
uint32_t soft_timer_get_ms(void) {
    return (uint32_t)(timer_us() / 1000);
}

void soft_timer_schedule_at_ms(uint32_t ticks_ms) {
    int64_t now_ms = timer_us() / 1000;
    int32_t delta = soft_timer_ticks_diff(ticks_ms, (uint32_t)now_ms);
    timer_set(TIMER_SOFT, delta <= 0 ? 0 : (now_ms + delta) * 1000);
}
