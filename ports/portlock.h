// Frostnet: lock() and unlock() of both ports' _port modules
// MIT license; Copyright (c) 2026 The Frostnet authors

// Included once, by modport.c. While the scheduler is locked no callback runs and Ctrl-C waits.

#include "py/runtime.h"

static mp_obj_t port_lock(void) {
    mp_sched_lock();
    return mp_const_none;
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
