// Frostnet: what extmod/modos.c asks of the port
// MIT license; Copyright (c) 2026 The Frostnet authors

// Included by extmod/modos.c.

#include "py/mphal.h"
#include "py/runtime.h"

static mp_obj_t mp_os_urandom(mp_obj_t n_in) {
    mp_int_t n = mp_obj_get_int(n_in);
    if (n < 0) {
        mp_raise_ValueError(NULL);
    }
    vstr_t vstr;
    vstr_init_len(&vstr, n);
    mp_hal_get_random(n, (uint8_t *)vstr.buf);
    return mp_obj_new_bytes_from_vstr(&vstr);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, mp_os_urandom);
