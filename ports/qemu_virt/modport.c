// Frostnet: the _port module: scheduler lock, clock, wait, alarm, and the RAM disk
// MIT license; Copyright (c) 2026 The Frostnet authors

#include <string.h>

#include "board.h"
#include "../portlock.h"
#include "../porttoken.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "extmod/vfs.h"

MP_REGISTER_ROOT_POINTER(mp_obj_t port_alarm_callback);

static mp_sched_node_t alarm_node;
static volatile bool alarm_due;

static mp_obj_t port_ticks_us(void) {
    return MP_OBJ_NEW_SMALL_INT(timer_us());
}
static MP_DEFINE_CONST_FUN_OBJ_0(port_ticks_us_obj, port_ticks_us);

// wait(until[, callback]): true if an interrupt came which would have scheduled `callback`: the caller
// does at once what that would do. Inside a scheduled callback no other one runs, so do not sleep on
// an interrupt that nobody has handled yet.
static mp_obj_t port_wait(size_t n_args, const mp_obj_t *args) {
    mp_int_t until = mp_obj_get_int(args[0]);
    bool ran = MP_STATE_VM(sched_state) == MP_SCHED_PENDING;
    mp_handle_pending(true);
    if (!ran && until != 0) {
        virtio_irq_hold(n_args > 1 ? args[1] : MP_OBJ_NULL);
        board_wait(until < 0 ? TIMER_NEVER : until, true);
        virtio_irq_hold(MP_OBJ_NULL);
        mp_handle_pending(true);
    }
    return mp_obj_new_bool(virtio_irq_unhandled());
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_wait_obj, 1, 2, port_wait);

// doze(until): sleep until an interrupt, `until` or Ctrl-C; true if Ctrl-C waits. It runs no callback and
// raises nothing: this is for a driver that the C code of a filesystem calls, under lock().
static mp_obj_t port_doze(mp_obj_t until_in) {
    board_wait(mp_obj_get_int(until_in), false);
    return mp_obj_new_bool(MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL);
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_doze_obj, port_doze);

static void alarm_run(mp_sched_node_t *node) {
    (void)node;
    mp_obj_t callback = MP_STATE_VM(port_alarm_callback);
    if (alarm_due && callback != MP_OBJ_NULL) {
        alarm_due = false;
        MP_STATE_VM(port_alarm_callback) = MP_OBJ_NULL;
        mp_call_function_1_protected(callback, mp_const_none);
    }
}

// In the timer's interrupt.
void alarm_expired(void) {
    alarm_due = true;
    mp_sched_schedule_node(&alarm_node, alarm_run);
}

static mp_obj_t port_alarm(mp_obj_t when_in, mp_obj_t callback) {
    mp_int_t when = mp_obj_get_int(when_in);
    timer_set(TIMER_ALARM, TIMER_NEVER);
    alarm_due = false;
    if (when >= 0) {
        MP_STATE_VM(port_alarm_callback) = callback;
        timer_set(TIMER_ALARM, when);
    } else {
        MP_STATE_VM(port_alarm_callback) = MP_OBJ_NULL;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(port_alarm_obj, port_alarm);

// semihosting(): whether exit() can give QEMU a status.
static mp_obj_t port_semihosting(void) {
    return mp_obj_new_bool(power_semihosting());
}
static MP_DEFINE_CONST_FUN_OBJ_0(port_semihosting_obj, port_semihosting);

// exit([status]): end QEMU. The status needs QEMU's -semihosting.
static mp_obj_t port_exit(size_t n_args, const mp_obj_t *args) {
    power_exit(n_args == 0 ? 0 : mp_obj_get_int(args[0]));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_exit_obj, 0, 1, port_exit);

// seed([data]): mix bytes that nobody else knows into the random source, if there are any; whether it
// had 32 of such bytes at once.
static mp_obj_t port_seed(size_t n_args, const mp_obj_t *args) {
    if (n_args > 0) {
        mp_buffer_info_t buf;
        mp_get_buffer_raise(args[0], &buf, MP_BUFFER_READ);
        random_seed(buf.buf, buf.len);
    }
    return mp_obj_new_bool(random_seeded());
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_seed_obj, 0, 1, port_seed);

// RAMBlock([block_size]): the memory set aside for the filesystem, as a block device. There is one
// such memory: every RAMBlock shows the same blocks.

#define BLOCK_SIZE_DEFAULT (4096)

typedef struct _ram_block_obj_t {
    mp_obj_base_t base;
    size_t block_size;
} ram_block_obj_t;

static mp_obj_t ram_block_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    mp_int_t block_size = n_args == 0 ? BLOCK_SIZE_DEFAULT : mp_obj_get_int(args[0]);
    if (block_size < 128 || block_size > 65536 || (block_size & (block_size - 1)) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("block size must be a power of two from 128 to 65536"));
    }
    ram_block_obj_t *self = mp_obj_malloc(ram_block_obj_t, type);
    self->block_size = block_size;
    return MP_OBJ_FROM_PTR(self);
}

// args: self, block number, buffer[, offset]
static uint8_t *ram_block_locate(size_t n_args, const mp_obj_t *args, mp_uint_t flags, mp_buffer_info_t *buf) {
    ram_block_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    mp_int_t block = mp_obj_get_int(args[1]);
    mp_int_t offset = n_args > 3 ? mp_obj_get_int(args[3]) : 0;
    mp_get_buffer_raise(args[2], buf, flags);
    if (block < 0 || (size_t)block >= memory_disk.size / self->block_size
        || offset < 0 || (size_t)offset > memory_disk.size) {
        mp_raise_OSError(MP_EINVAL);
    }
    size_t pos = block * self->block_size + offset;
    if (pos > memory_disk.size || buf->len > memory_disk.size - pos) {
        mp_raise_OSError(MP_EINVAL);
    }
    return memory_disk.base + pos;
}

static mp_obj_t ram_block_readblocks(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t buf;
    uint8_t *data = ram_block_locate(n_args, args, MP_BUFFER_WRITE, &buf);
    memmove(buf.buf, data, buf.len);
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ram_block_readblocks_obj, 3, 4, ram_block_readblocks);

static mp_obj_t ram_block_writeblocks(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t buf;
    uint8_t *data = ram_block_locate(n_args, args, MP_BUFFER_READ, &buf);
    memmove(data, buf.buf, buf.len);
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ram_block_writeblocks_obj, 3, 4, ram_block_writeblocks);

static mp_obj_t ram_block_ioctl(mp_obj_t self_in, mp_obj_t op_in, mp_obj_t arg) {
    (void)arg;
    ram_block_obj_t *self = MP_OBJ_TO_PTR(self_in);
    switch (mp_obj_get_int(op_in)) {
        case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
            return MP_OBJ_NEW_SMALL_INT(memory_disk.size / self->block_size);
        case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
            return MP_OBJ_NEW_SMALL_INT(self->block_size);
        case MP_BLOCKDEV_IOCTL_INIT:
        case MP_BLOCKDEV_IOCTL_DEINIT:
        case MP_BLOCKDEV_IOCTL_SYNC:
        case MP_BLOCKDEV_IOCTL_BLOCK_ERASE:
            return MP_OBJ_NEW_SMALL_INT(0);
        default:
            return mp_const_none;
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(ram_block_ioctl_obj, ram_block_ioctl);

static const mp_rom_map_elem_t ram_block_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&ram_block_readblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&ram_block_writeblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&ram_block_ioctl_obj) },
};
static MP_DEFINE_CONST_DICT(ram_block_locals, ram_block_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    ram_block_type,
    MP_QSTR_RAMBlock,
    MP_TYPE_FLAG_NONE,
    make_new, ram_block_make_new,
    locals_dict, &ram_block_locals
    );

MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(port_profile_obj); // profile.c

static const mp_rom_map_elem_t port_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__port) },
    { MP_ROM_QSTR(MP_QSTR_lock), MP_ROM_PTR(&port_lock_obj) },
    { MP_ROM_QSTR(MP_QSTR_unlock), MP_ROM_PTR(&port_unlock_obj) },
    PORT_TOKEN_GLOBALS
    { MP_ROM_QSTR(MP_QSTR_ticks_us), MP_ROM_PTR(&port_ticks_us_obj) },
    { MP_ROM_QSTR(MP_QSTR_wait), MP_ROM_PTR(&port_wait_obj) },
    { MP_ROM_QSTR(MP_QSTR_doze), MP_ROM_PTR(&port_doze_obj) },
    { MP_ROM_QSTR(MP_QSTR_alarm), MP_ROM_PTR(&port_alarm_obj) },
    { MP_ROM_QSTR(MP_QSTR_profile), MP_ROM_PTR(&port_profile_obj) },
    { MP_ROM_QSTR(MP_QSTR_semihosting), MP_ROM_PTR(&port_semihosting_obj) },
    { MP_ROM_QSTR(MP_QSTR_exit), MP_ROM_PTR(&port_exit_obj) },
    { MP_ROM_QSTR(MP_QSTR_seed), MP_ROM_PTR(&port_seed_obj) },
    { MP_ROM_QSTR(MP_QSTR_RAMBlock), MP_ROM_PTR(&ram_block_type) },
};
static MP_DEFINE_CONST_DICT(port_globals, port_globals_table);

const mp_obj_module_t port_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&port_globals,
};
MP_REGISTER_MODULE(MP_QSTR__port, port_module);
