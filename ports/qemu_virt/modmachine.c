// Frostnet: what extmod/modmachine.c asks of the port
// MIT license; Copyright (c) 2026 The Frostnet authors

// Included by extmod/modmachine.c.

#include "ports/qemu_virt/board.h"
#include "py/mphal.h"

#define RESET_PWRON (1)
#define RESET_HARD (2)

#define MICROPY_PY_MACHINE_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_RTC), MP_ROM_PTR(&machine_rtc_type) }, \
    { MP_ROM_QSTR(MP_QSTR_Timer), MP_ROM_PTR(&machine_timer_type) }, \
    { MP_ROM_QSTR(MP_QSTR_PWRON_RESET), MP_ROM_INT(RESET_PWRON) }, \
    { MP_ROM_QSTR(MP_QSTR_HARD_RESET), MP_ROM_INT(RESET_HARD) }, \

// RAM keeps its content over a reset, so a mark tells it from power-on.
#define RESET_MARK (0x46726f7374526573)
static uint64_t reset_mark __attribute__((section(".noinit")));

MP_NORETURN static void mp_machine_reset(void) {
    reset_mark = RESET_MARK;
    power_reset();
}

MP_NORETURN void mp_machine_bootloader(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    (void)args;
    mp_raise_NotImplementedError(MP_ERROR_TEXT(
        "there is no bootloader: QEMU loads the image that -kernel names, at each reset"));
}

static mp_int_t mp_machine_reset_cause(void) {
    return reset_mark == RESET_MARK ? RESET_HARD : RESET_PWRON;
}

// The machine has no serial number: all boards with the same CPU have the same id.
static mp_obj_t mp_machine_unique_id(void) {
    uint64_t id;
    __asm volatile ("mrs %0, midr_el1" : "=r" (id));
    return mp_obj_new_bytes((const byte *)&id, sizeof(id));
}

// An emulated CPU has no clock rate: this is the counter's.
static mp_obj_t mp_machine_get_freq(void) {
    return mp_obj_new_int_from_ull(timer_frequency());
}

static void mp_machine_set_freq(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    (void)args;
    mp_raise_NotImplementedError(MP_ERROR_TEXT("the frequency cannot be changed"));
}

static void mp_machine_idle(void) {
    MICROPY_INTERNAL_WFE(1);
}

static void mp_machine_lightsleep(size_t n_args, const mp_obj_t *args) {
    if (n_args == 0) {
        mp_event_wait_indefinite();
    } else {
        mp_int_t ms = mp_obj_get_int(args[0]);
        if (ms > 0) {
            mp_hal_delay_ms(ms);
        }
    }
}

// Nothing could wake the machine but the clock: without a time this is power-off.
MP_NORETURN static void mp_machine_deepsleep(size_t n_args, const mp_obj_t *args) {
    if (n_args == 0) {
        power_exit(0);
    }
    mp_machine_lightsleep(n_args, args);
    mp_machine_reset();
}
