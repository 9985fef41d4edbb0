// Frostnet: tokens of both ports' _port modules, which tell that an object was collected
// MIT license; Copyright (c) 2026 The Frostnet authors

// Included once, by modport.c. Who wants to know that a Python object is gone lets it hold a token,
// and nobody else. When the collector finds the token it runs no Python: it marks the token's
// number, and has a callback scheduled.

#include <string.h>

#include "py/gc.h"
#include "py/runtime.h"

#define TOKENS (4096)

typedef struct _port_token_obj_t {
    mp_obj_base_t base;
    mp_int_t number; // -1: nobody wants to know
} port_token_obj_t;

MP_REGISTER_ROOT_POINTER(mp_obj_t port_token_callback);

static uint8_t token_marks[TOKENS];
static size_t token_first; // no mark is below
static mp_sched_node_t token_node;

void port_token_reset(void);

// Before a program begins, and after the heap of the one before was swept. The node may be scheduled
// still, and stays so.
void port_token_reset(void) {
    memset(token_marks, 0, sizeof(token_marks));
    token_first = TOKENS;
    MP_STATE_VM(port_token_callback) = MP_OBJ_NULL;
}

static void token_run(mp_sched_node_t *node) {
    (void)node;
    if (MP_STATE_VM(port_token_callback) != MP_OBJ_NULL) {
        mp_call_function_1_protected(MP_STATE_VM(port_token_callback), mp_const_none);
    }
}

// Token(number)
static mp_obj_t port_token_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    mp_int_t number = mp_obj_get_int(args[0]);
    if (number < 0 || number >= TOKENS) {
        mp_raise_ValueError(MP_ERROR_TEXT("token"));
    }
    port_token_obj_t *self = mp_obj_malloc_with_finaliser(port_token_obj_t, type);
    self->number = number;
    return MP_OBJ_FROM_PTR(self);
}

// Called by the collector.
static mp_obj_t port_token_del(mp_obj_t self_in) {
    port_token_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->number >= 0) {
        token_marks[self->number] = 1;
        token_first = MIN(token_first, (size_t)self->number);
        self->number = -1;
        mp_sched_schedule_node(&token_node, token_run);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_token_del_obj, port_token_del);

// take(): its number, which from here on will not be marked; -1 if it was taken before.
static mp_obj_t port_token_take(mp_obj_t self_in) {
    port_token_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_int_t number = self->number;
    self->number = -1;
    return MP_OBJ_NEW_SMALL_INT(number);
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_token_take_obj, port_token_take);

static const mp_rom_map_elem_t port_token_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&port_token_del_obj) },
    { MP_ROM_QSTR(MP_QSTR_take), MP_ROM_PTR(&port_token_take_obj) },
};
static MP_DEFINE_CONST_DICT(port_token_locals, port_token_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    port_token_type,
    MP_QSTR_Token,
    MP_TYPE_FLAG_NONE,
    make_new, port_token_make_new,
    locals_dict, &port_token_locals
    );

// collected([callback]): a number that was marked, which it is no longer, or -1; callback(None) is
// scheduled from here on when one is marked.
static mp_obj_t port_collected(size_t n_args, const mp_obj_t *args) {
    if (n_args > 0) {
        MP_STATE_VM(port_token_callback) = args[0];
    }
    while (token_first < TOKENS) {
        size_t i = token_first++;
        if (token_marks[i]) {
            token_marks[i] = 0;
            return MP_OBJ_NEW_SMALL_INT(i);
        }
    }
    return MP_OBJ_NEW_SMALL_INT(-1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_collected_obj, 0, 1, port_collected);

// collecting(): whether the collector is at work. Then this is called by the finaliser of an object in C,
// and nothing may be allocated.
static mp_obj_t port_collecting(void) {
    return mp_obj_new_bool((MP_STATE_THREAD(gc_lock_depth) & GC_COLLECT_FLAG) != 0);
}
static MP_DEFINE_CONST_FUN_OBJ_0(port_collecting_obj, port_collecting);

// In the table of _port's globals.
#define PORT_TOKEN_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_Token), MP_ROM_PTR(&port_token_type) }, \
    { MP_ROM_QSTR(MP_QSTR_collected), MP_ROM_PTR(&port_collected_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_collecting), MP_ROM_PTR(&port_collecting_obj) },
