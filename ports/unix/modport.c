// Frostnet: the _port module of the unix port: clock, wait, alarm, interrupts
// MIT license; Copyright (c) 2026 The Frostnet authors

#define _GNU_SOURCE // ppoll()
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "framefd.h"
#include "../portlock.h"
#include "../porttoken.h"
#include "py/mphal.h"
#include "py/mpstate.h"
#include "py/pystack.h"
#include "py/runtime.h"

// The board's machinery in terms of poll(2): an open frame device is an interrupt line whose
// level is "readable". Lines and the alarm are looked at while the program waits (wait(),
// time.sleep(), select, asyncio), not between two bytecodes.

#define NO_ALARM (-1)
// Objects that only their ioctl knows about (stdin) are polled this often by select.
#define WFE_MAX_US (1000)
#define PYSTACK_WORDS (32768)

typedef struct _port_irq_obj_t {
    mp_obj_base_t base;
    mp_obj_t callback;
    bool enabled;
} port_irq_obj_t;

static uint64_t start_us;
static mp_int_t alarm_when;

MP_REGISTER_ROOT_POINTER(mp_obj_t port_irq[MAX_LINES]);
MP_REGISTER_ROOT_POINTER(mp_obj_t port_alarm_callback);

static uint64_t clock_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static mp_int_t now_us(void) {
    return clock_us() - start_us;
}

// Runs inside mp_init().
void frostnet_init(void) {
    // The port's own Python stack is too small for the layers of a network stack.
    static mp_obj_t pystack[PYSTACK_WORDS];
    mp_pystack_init(pystack, &pystack[PYSTACK_WORDS]);

    port_token_reset();
    start_us = clock_us();
    alarm_when = NO_ALARM;
    MP_STATE_VM(port_alarm_callback) = MP_OBJ_NULL;
    for (int i = 0; i < MAX_LINES; ++i) {
        lines[i].fd = -1;
        MP_STATE_VM(port_irq)[i] = MP_OBJ_NULL;
    }
}

// Interrupts and waiting

static bool event_pending(void) {
    return MP_STATE_VM(sched_state) == MP_SCHED_PENDING
           || MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL;
}

static void check_alarm(void) {
    if (alarm_when != NO_ALARM && now_us() >= alarm_when
        && mp_sched_schedule(MP_STATE_VM(port_alarm_callback), mp_const_none)) {
        alarm_when = NO_ALARM;
    }
}

// Sleep until a line is readable, the alarm, a signal, or us microseconds (-1: no limit). Fires
// the lines' interrupts and the alarm. A masked line wakes nobody unless the caller polls itself.
static void sleep_us(mp_int_t us, bool masked_too) {
    if (alarm_when != NO_ALARM) {
        mp_int_t left = MAX(alarm_when - now_us(), 0);
        us = us < 0 ? left : MIN(us, left);
    }

    struct pollfd fds[MAX_LINES];
    int index[MAX_LINES];
    int n = 0;
    for (int i = 0; i < MAX_LINES; ++i) {
        mp_obj_t irq = MP_STATE_VM(port_irq)[i];
        if (lines[i].fd >= 0 && !lines[i].dead
            && (masked_too || irq == MP_OBJ_NULL || ((port_irq_obj_t *)MP_OBJ_TO_PTR(irq))->enabled)) {
            fds[n].fd = lines[i].fd;
            fds[n].events = POLLIN;
            fds[n].revents = 0;
            index[n++] = i;
        }
    }

    // SIGINT is let in by ppoll() only, so that it cannot hit between the check and the sleep.
    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGINT);
    sigprocmask(SIG_BLOCK, &block, &old);
    if (event_pending()) {
        us = 0;
    }
    struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
    int ready = ppoll(fds, n, us < 0 ? NULL : &ts, &old);
    sigprocmask(SIG_SETMASK, &old, NULL);

    for (int k = 0; ready > 0 && k < n; ++k) {
        mp_obj_t irq = MP_STATE_VM(port_irq)[index[k]];
        if (fds[k].revents == 0 || irq == MP_OBJ_NULL) {
            continue;
        }
        port_irq_obj_t *self = MP_OBJ_TO_PTR(irq);
        if (self->enabled && mp_sched_schedule(self->callback, irq)) {
            self->enabled = false;
        }
    }
    check_alarm();
}

void frostnet_wfe(mp_int_t timeout_ms) {
    mp_int_t us = WFE_MAX_US;
    if (timeout_ms == 0) {
        us = 0;
    }
    sleep_us(us, false);
}

void frostnet_delay_ms(mp_uint_t ms) {
    mp_int_t until = now_us() + ms * 1000;
    mp_handle_pending(true);
    for (mp_int_t left; (left = until - now_us()) > 0;) {
        sleep_us(left, false);
        mp_handle_pending(true);
    }
}

// wait(until[, callback]). Here interrupts always schedule their callbacks.
static mp_obj_t port_wait(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_int_t until = mp_obj_get_int(args[0]);
    if (!event_pending()) {
        sleep_us(until < 0 ? -1 : MAX(until - now_us(), 0), true);
    }
    mp_handle_pending(true);
    return mp_const_false;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_wait_obj, 1, 2, port_wait);

static mp_obj_t port_alarm(mp_obj_t when_in, mp_obj_t callback) {
    mp_int_t when = mp_obj_get_int(when_in);
    alarm_when = when < 0 ? NO_ALARM : when;
    MP_STATE_VM(port_alarm_callback) = callback;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(port_alarm_obj, port_alarm);

static mp_obj_t port_ticks_us(void) {
    return mp_obj_new_int(now_us());
}
static MP_DEFINE_CONST_FUN_OBJ_0(port_ticks_us_obj, port_ticks_us);

// IRQ(fd, callback): as _virtio.IRQ on the board. Starts disabled; when fd is readable while
// enabled, it is disabled and callback(irq) is scheduled.
static mp_obj_t port_irq_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 2, 2, false);
    line_t *line = line_find(mp_obj_get_int(args[0]));
    port_irq_obj_t *self = mp_obj_malloc(port_irq_obj_t, type);
    self->callback = args[1];
    self->enabled = false;
    MP_STATE_VM(port_irq)[line - lines] = MP_OBJ_FROM_PTR(self);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t port_irq_enable(mp_obj_t self_in) {
    port_irq_obj_t *self = MP_OBJ_TO_PTR(self_in);
    self->enabled = true;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_irq_enable_obj, port_irq_enable);

static mp_obj_t port_irq_disable(mp_obj_t self_in) {
    port_irq_obj_t *self = MP_OBJ_TO_PTR(self_in);
    self->enabled = false;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_irq_disable_obj, port_irq_disable);

static const mp_rom_map_elem_t port_irq_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_enable), MP_ROM_PTR(&port_irq_enable_obj) },
    { MP_ROM_QSTR(MP_QSTR_disable), MP_ROM_PTR(&port_irq_disable_obj) },
};
static MP_DEFINE_CONST_DICT(port_irq_locals, port_irq_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    port_irq_type,
    MP_QSTR_IRQ,
    MP_TYPE_FLAG_NONE,
    make_new, port_irq_make_new,
    locals_dict, &port_irq_locals
    );

static const mp_rom_map_elem_t port_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__port) },
    { MP_ROM_QSTR(MP_QSTR_lock), MP_ROM_PTR(&port_lock_obj) },
    { MP_ROM_QSTR(MP_QSTR_unlock), MP_ROM_PTR(&port_unlock_obj) },
    PORT_TOKEN_GLOBALS
    { MP_ROM_QSTR(MP_QSTR_ticks_us), MP_ROM_PTR(&port_ticks_us_obj) },
    { MP_ROM_QSTR(MP_QSTR_wait), MP_ROM_PTR(&port_wait_obj) },
    { MP_ROM_QSTR(MP_QSTR_alarm), MP_ROM_PTR(&port_alarm_obj) },
    { MP_ROM_QSTR(MP_QSTR_IRQ), MP_ROM_PTR(&port_irq_type) },
    { MP_ROM_QSTR(MP_QSTR_open_tap), MP_ROM_PTR(&port_open_tap_obj) },
    { MP_ROM_QSTR(MP_QSTR_open_udp), MP_ROM_PTR(&port_open_udp_obj) },
    { MP_ROM_QSTR(MP_QSTR_open_unix), MP_ROM_PTR(&port_open_unix_obj) },
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&port_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&port_write_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&port_close_obj) },
};
static MP_DEFINE_CONST_DICT(port_globals, port_globals_table);

const mp_obj_module_t port_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&port_globals,
};
MP_REGISTER_MODULE(MP_QSTR__port, port_module);
