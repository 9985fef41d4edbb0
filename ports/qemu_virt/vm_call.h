// Frostnet: how bytecode calls functions of bytecode, in fewer steps
// MIT license; Copyright (c) 2026 The Frostnet authors

// The Makefile has the compiler read this before py/vm.c. A call with plain arguments of a function that
// takes such does at once what mp_call_method_n_kw(), mp_call_function_n_kw(), fun_bc_call(),
// mp_setup_code_state() and memset() do one after the other; those have all other calls.

#ifndef FROSTNET_VM_CALL_H
#define FROSTNET_VM_CALL_H

#include "vm_fast.h"
#include "py/bc.h"
#include "py/objfun.h"

// As in py/objboundmeth.c.
typedef struct _bound_meth_t {
    mp_obj_base_t base;
    mp_obj_t meth;
    mp_obj_t self;
} bound_meth_t;

// MP_OBJ_NULL if that is not a plain call. `self` comes before the arguments unless it is MP_OBJ_NULL.
static inline mp_obj_t call_plain(mp_obj_fun_bc_t *fun, mp_obj_t self, size_t n_args, const mp_obj_t *args) {
    const byte *ip = fun->bytecode;
    MP_BC_PRELUDE_SIG_DECODE(ip);
    MP_BC_PRELUDE_SIZE_DECODE(ip);
    size_t given = n_args + (self != MP_OBJ_NULL);
    if (scope_flags & (MP_SCOPE_FLAG_VARARGS | MP_SCOPE_FLAG_VARKEYWORDS | MP_SCOPE_FLAG_DEFKWARGS)
        || n_kwonly_args != 0 || n_cell != 0 || given > n_pos_args || given + n_def_pos_args < n_pos_args) {
        return MP_OBJ_NULL;
    }
    mp_code_state_t *frame = mp_pystack_alloc(
        offsetof(mp_code_state_t, state) + n_state * sizeof(mp_obj_t) + n_exc_stack * sizeof(mp_exc_stack_t));
    frame->fun_bc = fun;
    frame->ip = ip + n_info;
    frame->sp = frame->state - 1;
    frame->n_state = n_state;
    frame->exc_sp_idx = 0;
    frame->old_globals = mp_globals_get();
    // The locals are in reverse order, arguments first.
    mp_obj_t *local = frame->state + n_state;
    if (self != MP_OBJ_NULL) {
        *--local = self;
    }
    for (size_t i = 0; i < n_args; ++i) {
        *--local = args[i];
    }
    for (size_t i = given; i < n_pos_args; ++i) {
        *--local = fun->extra_args[i + n_def_pos_args - n_pos_args];
    }
    while (local > frame->state) {
        *--local = MP_OBJ_NULL;
        __asm volatile (""); // they are few: no memset()
    }
    mp_globals_set(fun->context->module.globals);
    mp_vm_return_kind_t kind = mp_execute_bytecode(frame, MP_OBJ_NULL);
    mp_globals_set(frame->old_globals);
    mp_obj_t result = kind == MP_VM_RETURN_NORMAL ? *frame->sp : frame->state[0];
    mp_pystack_free(frame);
    if (kind != MP_VM_RETURN_NORMAL) {
        nlr_raise(result);
    }
    return result;
}

typedef mp_obj_t (*native_fun_t)(mp_obj_t fun, size_t n_args, size_t n_kw, const mp_obj_t *args);

// `self` is MP_OBJ_NULL, or a method's object, which is also right before the arguments.
OUT_OF_LINE mp_obj_t fast_call(mp_obj_t fun_in, mp_obj_t self, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_cstack_check();
    mp_obj_base_t *fun = mp_obj_is_obj(fun_in) ? MP_OBJ_TO_PTR(fun_in) : NULL;
    const mp_obj_type_t *type = fun != NULL ? fun->type : NULL;
    mp_obj_t first = self;
    if (type == &mp_type_bound_meth && self == MP_OBJ_NULL) {
        bound_meth_t *bound = (bound_meth_t *)fun;
        if (mp_obj_is_type(bound->meth, &mp_type_fun_bc)) {
            first = bound->self;
            fun = MP_OBJ_TO_PTR(bound->meth);
            type = &mp_type_fun_bc;
        }
    }
    size_t given = n_args + (self != MP_OBJ_NULL);
    if (n_kw != 0) {
    } else if (type == &mp_type_fun_bc) {
        mp_obj_t result = call_plain((mp_obj_fun_bc_t *)fun, first, n_args, args);
        if (result != MP_OBJ_NULL) {
            return result;
        }
    } else if (type == &mp_type_fun_viper) {
        native_fun_t native = (native_fun_t)((mp_obj_fun_bc_t *)fun)->bytecode;
        return native(fun_in, given, 0, args + n_args - given);
    } else if (type == &mp_type_fun_builtin_1 && given == 1) {
        return ((mp_obj_fun_builtin_fixed_t *)fun)->fun._1(args[n_args - 1]);
    } else if (type == &mp_type_fun_builtin_0 && given == 0) {
        return ((mp_obj_fun_builtin_fixed_t *)fun)->fun._0();
    } else if (type == &mp_type_fun_builtin_2 && given == 2) {
        return ((mp_obj_fun_builtin_fixed_t *)fun)->fun._2(args[n_args - 2], args[n_args - 1]);
    }
    return mp_call_function_n_kw(fun_in, given, n_kw, args + n_args - given);
}

static inline void fast_nlr_pop(void) {
    MP_STATE_THREAD(nlr_top) = MP_STATE_THREAD(nlr_top)->prev;
}

#define mp_call_function_n_kw(fun, n_args, n_kw, args) fast_call(fun, MP_OBJ_NULL, n_args, n_kw, args)
#define mp_call_method_n_kw(n_args, n_kw, args) fast_call((args)[0], (args)[1], n_args, n_kw, (args) + 2)
#define nlr_pop fast_nlr_pop

#endif // FROSTNET_VM_CALL_H
