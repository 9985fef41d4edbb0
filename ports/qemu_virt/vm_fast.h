// Frostnet: what the interpreter's loop does most often, without a call
// MIT license; Copyright (c) 2026 The Frostnet authors

// The Makefile has the compiler read this before py/vm.c and py/objfun.c. Under QEMU it costs as much
// to return from a function as twenty instructions do, because the emulator looks up where every
// indirect jump leads. So the common cases of what these files call for each bytecode are here, to be
// compiled in place; everything else goes on to MicroPython's own function.

#ifndef FROSTNET_VM_FAST_H
#define FROSTNET_VM_FAST_H

#include "map.h"
#include "obj_fast.h"
#include "py/binary.h"
#include "py/builtin.h"
#include "py/cstack.h"
#include "py/objarray.h"
#include "py/objlist.h"
#include "py/objmodule.h"
#include "py/objtype.h"
#include "py/runtime.h"
#include "py/smallint.h"

// What is too long to be compiled in place, but shorter than MicroPython's own functions.
#define OUT_OF_LINE static __attribute__((noinline, unused))

OUT_OF_LINE bool fast_is_true_object(mp_obj_t obj) {
    if (mp_obj_is_exact_type(obj, &mp_type_list)) {
        return ((mp_obj_list_t *)MP_OBJ_TO_PTR(obj))->len != 0;
    }
    return mp_obj_is_true(obj);
}

static inline bool fast_is_true(mp_obj_t obj) {
    if (obj == mp_const_true) {
        return true;
    }
    if (obj == mp_const_false || obj == mp_const_none) {
        return false;
    }
    if (mp_obj_is_small_int(obj)) {
        return obj != MP_OBJ_NEW_SMALL_INT(0);
    }
    return fast_is_true_object(obj);
}

static inline mp_map_elem_t *fast_map_lookup(mp_map_t *map, mp_obj_t name, mp_map_lookup_kind_t kind) {
    mp_map_elem_t *elem = map_known(map, name);
    if (elem != NULL) {
        return elem;
    }
    return map_known_missing(map, name) ? NULL : mp_map_lookup(map, name, kind);
}

// What an object does not have itself, but its class, and not one that is a function or has a say in it.
static inline mp_obj_t fast_load_attr(mp_obj_t obj, qstr name) {
    const mp_obj_type_t *type = fast_get_type(obj);
    if (mp_obj_is_instance_type(type) && !(type->flags & MP_TYPE_FLAG_HAS_SPECIAL_ACCESSORS)
        && MP_OBJ_TYPE_HAS_SLOT(type, locals_dict)
        && map_known_missing(&((mp_obj_instance_t *)MP_OBJ_TO_PTR(obj))->members, MP_OBJ_NEW_QSTR(name))) {
        mp_map_elem_t *elem = map_known(&MP_OBJ_TYPE_GET_SLOT(type, locals_dict)->map, MP_OBJ_NEW_QSTR(name));
        if (elem != NULL && !mp_obj_is_obj(elem->value)) {
            return elem->value;
        }
    }
    return mp_load_attr(obj, name);
}

// A name that the module does not have, and that nobody has put before Python's own.
OUT_OF_LINE mp_obj_t fast_load_builtin(qstr name) {
    if (map_known_missing(&mp_globals_get()->map, MP_OBJ_NEW_QSTR(name))
        && MP_STATE_VM(mp_module_builtins_override_dict) == NULL) {
        mp_map_elem_t *elem = map_known(&mp_module_builtins_globals.map, MP_OBJ_NEW_QSTR(name));
        if (elem != NULL) {
            return elem->value;
        }
    }
    return mp_load_global(name);
}

static inline mp_obj_t fast_load_global(qstr name) {
    mp_map_elem_t *elem = map_known(&mp_globals_get()->map, MP_OBJ_NEW_QSTR(name));
    return elem != NULL ? elem->value : fast_load_builtin(name);
}

// A method of the object's class, or of one that this inherits from, or a function that the object has
// itself; a function of a module; a method of a type that is not written in Python.
OUT_OF_LINE void fast_load_method(mp_obj_t obj, qstr name, mp_obj_t *dest) {
    const mp_obj_type_t *type = fast_get_type(obj);
    mp_obj_t key = MP_OBJ_NEW_QSTR(name);
    if (mp_obj_is_instance_type(type)) {
        mp_map_t *members = &((mp_obj_instance_t *)MP_OBJ_TO_PTR(obj))->members;
        mp_map_elem_t *elem = map_known(members, key);
        if (elem != NULL) {
            dest[0] = elem->value;
            dest[1] = MP_OBJ_NULL;
            return;
        }
        bool missing = map_known_missing(members, key);
        while (missing && mp_obj_is_instance_type(type) && MP_OBJ_TYPE_HAS_SLOT(type, locals_dict)) {
            mp_map_t *locals = &MP_OBJ_TYPE_GET_SLOT(type, locals_dict)->map;
            elem = map_known(locals, key);
            if (elem != NULL && mp_obj_is_type(elem->value, &mp_type_fun_bc)) {
                dest[0] = elem->value;
                dest[1] = obj;
                return;
            }
            if (elem != NULL || !map_known_missing(locals, key) || !MP_OBJ_TYPE_HAS_SLOT(type, parent)
                || ((mp_obj_base_t *)MP_OBJ_TYPE_GET_SLOT(type, parent))->type == &mp_type_tuple) {
                break; // no function, unknown, or several parents
            }
            type = MP_OBJ_TYPE_GET_SLOT(type, parent);
        }
    } else if (type == &mp_type_module) {
        mp_map_elem_t *elem = map_known(&((mp_obj_module_t *)MP_OBJ_TO_PTR(obj))->globals->map, key);
        if (elem != NULL) {
            dest[0] = elem->value;
            dest[1] = MP_OBJ_NULL;
            return;
        }
    } else if (!MP_OBJ_TYPE_HAS_SLOT(type, attr) && MP_OBJ_TYPE_HAS_SLOT(type, locals_dict)
               && name != MP_QSTR___class__ && name != MP_QSTR___next__) {
        mp_map_elem_t *elem = map_known(&MP_OBJ_TYPE_GET_SLOT(type, locals_dict)->map, key);
        if (elem != NULL && mp_obj_is_obj(elem->value)
            && ((mp_obj_base_t *)MP_OBJ_TO_PTR(elem->value))->type->flags & MP_TYPE_FLAG_BINDS_SELF) {
            dest[0] = elem->value;
            dest[1] = obj;
            return;
        }
    }
    mp_load_method(obj, name, dest);
}

// An attribute that the object does not have yet.
OUT_OF_LINE void fast_add_attr(mp_obj_t obj, qstr name, mp_obj_t value) {
    const mp_obj_type_t *type = fast_get_type(obj);
    if (mp_obj_is_instance_type(type) && !(type->flags & MP_TYPE_FLAG_HAS_SPECIAL_ACCESSORS)
        && value != MP_OBJ_NULL) {
        mp_map_t *members = &((mp_obj_instance_t *)MP_OBJ_TO_PTR(obj))->members;
        if (members->alloc == 0) {
            mp_map_init(members, MAP_BLOCK); // it would grow to that in four steps
        }
        size_t room = members->alloc;
        mp_map_lookup(members, MP_OBJ_NEW_QSTR(name), MP_MAP_LOOKUP_ADD_IF_NOT_FOUND)->value = value;
        if (members->alloc != room) {
            map_made(type, members);
        }
    } else {
        mp_store_attr(obj, name, value);
    }
}

static inline void fast_store_attr(mp_obj_t obj, qstr name, mp_obj_t value) {
    const mp_obj_type_t *type = fast_get_type(obj);
    if (mp_obj_is_instance_type(type) && !(type->flags & MP_TYPE_FLAG_HAS_SPECIAL_ACCESSORS)
        && value != MP_OBJ_NULL) {
        mp_map_t *members = &((mp_obj_instance_t *)MP_OBJ_TO_PTR(obj))->members;
        mp_map_elem_t *elem = map_known(members, MP_OBJ_NEW_QSTR(name));
        if (elem != NULL) {
            elem->value = value;
            return;
        }
    }
    fast_add_attr(obj, name, value);
}

static inline mp_obj_t fast_unary_op(mp_unary_op_t op, mp_obj_t arg) {
    return op == MP_UNARY_OP_NOT ? mp_obj_new_bool(!fast_is_true(arg)) : mp_unary_op(op, arg);
}

// A small integer is an odd word, twice its value and 1: most results come straight from the words.
// Compared one by one and not by a switch, which would be an indirect jump.
static inline mp_obj_t fast_binary_op(mp_binary_op_t op, mp_obj_t lhs, mp_obj_t rhs) {
    if (op == MP_BINARY_OP_IS) {
        return mp_obj_new_bool(lhs == rhs);
    }
    intptr_t a = (intptr_t)lhs;
    intptr_t b = (intptr_t)rhs;
    intptr_t result;
    if (!(a & b & 1)) {
        return mp_binary_op(op, lhs, rhs);
    }
    if (op <= MP_BINARY_OP_NOT_EQUAL) {
        // One bit for each of the six, in the order of the enumeration.
        unsigned int holds = a < b ? 0b101001 : a == b ? 0b011100 : 0b110010;
        return mp_obj_new_bool(holds >> op & 1);
    }
    if (op >= MP_BINARY_OP_INPLACE_OR && op <= MP_BINARY_OP_INPLACE_SUBTRACT) {
        op += MP_BINARY_OP_OR - MP_BINARY_OP_INPLACE_OR;
    }
    if (op == MP_BINARY_OP_ADD) {
        if (!__builtin_add_overflow(a, b - 1, &result)) {
            return (mp_obj_t)result;
        }
    } else if (op == MP_BINARY_OP_SUBTRACT) {
        if (!__builtin_sub_overflow(a, b - 1, &result)) {
            return (mp_obj_t)result;
        }
    } else if (op == MP_BINARY_OP_AND) {
        return (mp_obj_t)(a & b);
    } else if (op == MP_BINARY_OP_OR) {
        return (mp_obj_t)(a | b);
    } else if (op == MP_BINARY_OP_RSHIFT) {
        uintptr_t count = b >> 1;
        if (count < 8 * sizeof(a)) {
            return (mp_obj_t)(a >> count | 1);
        }
    } else if (op == MP_BINARY_OP_LSHIFT) {
        uintptr_t count = b >> 1;
        if (count < 32 && a == (int32_t)a) {
            return (mp_obj_t)((a - 1) << count | 1);
        }
    }
    return mp_binary_op(op, lhs, rhs);
}

// An item of a list, or of an array of unsigned integers. Too much to be compiled in place.
OUT_OF_LINE mp_obj_t fast_load_item(mp_obj_t obj, mp_obj_t index) {
    const mp_obj_type_t *type = fast_get_type(obj);
    size_t i = (uintptr_t)index >> 1; // what is below 0 is beyond every end
    if (!mp_obj_is_small_int(index)) {
    } else if (type == &mp_type_list) {
        mp_obj_list_t *list = MP_OBJ_TO_PTR(obj);
        if (i < list->len) {
            return list->items[i];
        }
    } else if (type == &mp_type_memoryview || type == &mp_type_array || type == &mp_type_bytearray) {
        mp_obj_array_t *array = MP_OBJ_TO_PTR(obj);
        if (i < array->len) {
            size_t typecode = array->typecode;
            if (type == &mp_type_memoryview) {
                typecode &= ~MP_OBJ_ARRAY_TYPECODE_FLAG_RW;
                i += array->free; // where it begins
            }
            if (typecode == 'I') {
                return MP_OBJ_NEW_SMALL_INT(((uint32_t *)array->items)[i]);
            } else if (typecode == 'B' || typecode == BYTEARRAY_TYPECODE) {
                return MP_OBJ_NEW_SMALL_INT(((uint8_t *)array->items)[i]);
            } else if (typecode == 'H') {
                return MP_OBJ_NEW_SMALL_INT(((uint16_t *)array->items)[i]);
            }
        }
    }
    return mp_obj_subscr(obj, index, MP_OBJ_SENTINEL);
}

OUT_OF_LINE void fast_store_item(mp_obj_t obj, mp_obj_t index, mp_obj_t value) {
    const mp_obj_type_t *type = fast_get_type(obj);
    if ((uintptr_t)index & (uintptr_t)value & 1) {
        size_t i = (uintptr_t)index >> 1;
        mp_obj_array_t *array = MP_OBJ_TO_PTR(obj);
        size_t typecode = 0;
        if (type == &mp_type_array) {
            typecode = array->typecode;
        } else if (type == &mp_type_memoryview && array->typecode & MP_OBJ_ARRAY_TYPECODE_FLAG_RW) {
            typecode = array->typecode & ~MP_OBJ_ARRAY_TYPECODE_FLAG_RW;
        }
        if (typecode != 0 && i < array->len) {
            if (type == &mp_type_memoryview) {
                i += array->free;
            }
            if (typecode == 'I') {
                ((uint32_t *)array->items)[i] = MP_OBJ_SMALL_INT_VALUE(value);
                return;
            } else if (typecode == 'H') {
                ((uint16_t *)array->items)[i] = MP_OBJ_SMALL_INT_VALUE(value);
                return;
            }
        }
    }
    mp_obj_subscr(obj, index, value);
}

static inline mp_obj_t fast_subscr(mp_obj_t obj, mp_obj_t index, mp_obj_t value) {
    if (value == MP_OBJ_SENTINEL) {
        return fast_load_item(obj, index);
    }
    fast_store_item(obj, index, value);
    return mp_const_none;
}

// Most functions take a fixed number of arguments. (MP_OBJ_FUN_MAKE_SIG() has least and most.)
static inline void fast_arg_check_num_sig(size_t n_args, size_t n_kw, uint32_t sig) {
    if (n_kw != 0 || n_args != sig >> 17 || n_args != (sig >> 1 & 0xffff)) {
        mp_arg_check_num_sig(n_args, n_kw, sig);
    }
}

static inline void fast_cstack_check(void) {
    if ((size_t)(MP_STATE_THREAD(stack_top) - (char *)__builtin_frame_address(0)) >= MP_STATE_THREAD(stack_limit)) {
        mp_cstack_check();
    }
}

static inline void *fast_pystack_alloc(size_t size) {
    size = (size + MICROPY_PYSTACK_ALIGN - 1) & ~(MICROPY_PYSTACK_ALIGN - 1);
    uint8_t *block = MP_STATE_THREAD(pystack_cur);
    if (size > (size_t)(MP_STATE_THREAD(pystack_end) - block)) {
        return mp_pystack_alloc(size);
    }
    MP_STATE_THREAD(pystack_cur) = block + size;
    return block;
}

#define mp_obj_is_true fast_is_true
#define mp_map_lookup fast_map_lookup
#define mp_load_global fast_load_global
#define mp_load_attr fast_load_attr
#define mp_load_method fast_load_method
#define mp_store_attr fast_store_attr
#define mp_unary_op fast_unary_op
#define mp_binary_op fast_binary_op
#define mp_obj_subscr fast_subscr
#define mp_arg_check_num_sig fast_arg_check_num_sig
#define mp_cstack_check fast_cstack_check
#define mp_pystack_alloc fast_pystack_alloc

#endif // FROSTNET_VM_FAST_H
