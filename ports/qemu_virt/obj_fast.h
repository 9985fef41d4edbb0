// Frostnet: the type of an object, without a call
// MIT license; Copyright (c) 2026 The Frostnet authors

// The Makefile has the compiler read this before py/runtime.c; see vm_fast.h.

#ifndef FROSTNET_OBJ_FAST_H
#define FROSTNET_OBJ_FAST_H

#include <stdarg.h> // MicroPython asks whether it was read

#include "py/obj.h"

static inline const mp_obj_type_t *fast_get_type(mp_const_obj_t obj) {
    if (mp_obj_is_obj(obj)) {
        return ((const mp_obj_base_t *)MP_OBJ_TO_PTR(obj))->type;
    }
    return mp_obj_get_type(obj);
}

#define mp_obj_get_type fast_get_type

#endif // FROSTNET_OBJ_FAST_H
