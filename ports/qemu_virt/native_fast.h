// Frostnet: what native code's arguments are turned into most often, in one step
// MIT license; Copyright (c) 2026 The Frostnet authors

// The Makefile has the compiler read this before py/nativeglue.c: small integers and arrays need none
// of the calls that other objects do (see vm_fast.h).

#ifndef FROSTNET_NATIVE_FAST_H
#define FROSTNET_NATIVE_FAST_H

#include <stdarg.h> // MicroPython asks whether it was read

#include "py/binary.h"
#include "py/objarray.h"
#include "py/runtime.h"

static inline mp_int_t fast_get_int_truncated(mp_const_obj_t obj) {
    return mp_obj_is_small_int(obj) ? MP_OBJ_SMALL_INT_VALUE(obj) : mp_obj_get_int_truncated(obj);
}

// 0: not one of the usual ones.
static inline size_t fast_item_size(char typecode) {
    return typecode == 'B' || typecode == BYTEARRAY_TYPECODE ? 1 : typecode == 'I' ? 4 : typecode == 'H' ? 2 : 0;
}

static inline bool fast_get_buffer(mp_obj_t obj, mp_buffer_info_t *info, mp_uint_t flags) {
    if (mp_obj_is_obj(obj)) {
        mp_obj_array_t *array = MP_OBJ_TO_PTR(obj);
        const mp_obj_type_t *type = array->base.type;
        bool view = type == &mp_type_memoryview;
        if (view || type == &mp_type_array || type == &mp_type_bytearray) {
            char typecode = array->typecode;
            if (view) {
                typecode &= ~MP_OBJ_ARRAY_TYPECODE_FLAG_RW;
            }
            size_t size = fast_item_size(typecode);
            if (size != 0 && (flags == MP_BUFFER_READ || !view)) {
                info->buf = (byte *)array->items + (view ? array->free * size : 0); // where it begins
                info->len = array->len * size;
                info->typecode = typecode;
                return true;
            }
        }
    }
    return mp_get_buffer(obj, info, flags);
}

#define mp_obj_get_int_truncated fast_get_int_truncated
#define mp_get_buffer fast_get_buffer

#endif // FROSTNET_NATIVE_FAST_H
