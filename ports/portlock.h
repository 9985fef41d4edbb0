// Frostnet: lock() and unlock() of both ports' _port modules
// MIT license; Copyright (c) 2026 The Frostnet authors

// Included once, by modport.c. While the scheduler is locked no callback runs and Ctrl-C waits.

#include "py/runtime.h"

// True if nobody had the lock: not in a callback, a finaliser, or between lock() and unlock().
static mp_obj_t port_lock(void) {
    bool first = MP_STATE_VM(sched_state) >= 0;
    mp_sched_lock();
    return mp_obj_new_bool(first);
}
static MP_DEFINE_CONST_FUN_OBJ_0(port_lock_obj, port_lock);

static mp_obj_t port_unlock(void) {
    if (MP_STATE_VM(sched_state) >= 0) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("unlock without lock"));
    }
    mp_sched_unlock();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(port_unlock_obj, port_unlock);
