// Frostnet: the _virtio shim: registers, DMA memory, barriers, interrupt to callback
// MIT license; Copyright (c) 2026 The Frostnet authors

// No ring, no header, no checksum: what a virtqueue is, only Python knows.

#include <string.h>

#include "board.h"
#include "py/binary.h"
#include "py/objarray.h"
#include "py/runtime.h"

// Register access: one load or store of the given width, at an address that must be mapped.

static mp_obj_t shim_r8(mp_obj_t addr) {
    return MP_OBJ_NEW_SMALL_INT(REG8(mp_obj_get_int(addr)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(shim_r8_obj, shim_r8);

static mp_obj_t shim_r16(mp_obj_t addr) {
    return MP_OBJ_NEW_SMALL_INT(REG16(mp_obj_get_int(addr)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(shim_r16_obj, shim_r16);

static mp_obj_t shim_r32(mp_obj_t addr) {
    return MP_OBJ_NEW_SMALL_INT(REG32(mp_obj_get_int(addr)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(shim_r32_obj, shim_r32);

static mp_obj_t shim_w8(mp_obj_t addr, mp_obj_t value) {
    REG8(mp_obj_get_int(addr)) = mp_obj_get_int(value);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(shim_w8_obj, shim_w8);

static mp_obj_t shim_w16(mp_obj_t addr, mp_obj_t value) {
    REG16(mp_obj_get_int(addr)) = mp_obj_get_int(value);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(shim_w16_obj, shim_w16);

static mp_obj_t shim_w32(mp_obj_t addr, mp_obj_t value) {
    REG32(mp_obj_get_int(addr)) = mp_obj_get_int(value);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(shim_w32_obj, shim_w32);

// map(phys, size): make a device's registers accessible to these functions.
static mp_obj_t shim_map(mp_obj_t phys_in, mp_obj_t size_in) {
    mp_int_t phys = mp_obj_get_int(phys_in);
    mp_int_t size = mp_obj_get_int(size_in);
    if (phys < 0 || size < 0 || !memory_map_device(phys, size)) {
        mp_raise_ValueError(MP_ERROR_TEXT("no device can be at these addresses"));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(shim_map_obj, shim_map);

// Orders what stands before it and what stands after it, as a device with memory of its own sees it.
static mp_obj_t shim_barrier(void) {
    __asm volatile ("dmb sy" ::: "memory");
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(shim_barrier_obj, shim_barrier);

// A barrier for a store that a device must see before a load that follows. QEMU 7.2 with one CPU
// leaves the guest's barriers out of the code it generates: the host keeps all other orders, but
// not this one, and its device threads are real. Reading a device takes a lock in QEMU, which does.
static mp_obj_t shim_fence(void) {
    __asm volatile ("dmb sy" ::: "memory");
    (void)REG32(BOARD_RTC_BASE);
    __asm volatile ("dmb sy" ::: "memory");
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(shim_fence_obj, shim_fence);

// DMA memory: handed out from the start of its region, all of it free again after a soft reset.
// Devices are coherent and see physical addresses, which are the virtual ones.

#define ALIGN_MAX (1 << 20)

static size_t dma_used;

// dma(size, align=4096)
static mp_obj_t shim_dma(size_t n_args, const mp_obj_t *args) {
    mp_int_t size = mp_obj_get_int(args[0]);
    mp_int_t align = n_args > 1 ? mp_obj_get_int(args[1]) : 4096;
    if (size <= 0 || align <= 0 || align > ALIGN_MAX || (align & (align - 1)) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("size must be positive, align a power of two"));
    }
    uintptr_t base = (uintptr_t)memory_dma.base;
    size_t start = ((base + dma_used + align - 1) & ~(uintptr_t)(align - 1)) - base;
    if (start > memory_dma.size || (size_t)size > memory_dma.size - start) {
        mp_raise_msg_varg(&mp_type_MemoryError,
            MP_ERROR_TEXT("DMA memory used up: %u of %u bytes left; give the machine more memory"),
            (unsigned)(memory_dma.size - dma_used), (unsigned)memory_dma.size);
    }
    mp_obj_t view = mp_obj_new_memoryview('B' | MP_OBJ_ARRAY_TYPECODE_FLAG_RW, size, memory_dma.base + start);
    mp_obj_t items[2] = { view, MP_OBJ_NEW_SMALL_INT(base + start) };
    mp_obj_t tuple = mp_obj_new_tuple(2, items);
    memset(memory_dma.base + start, 0, size);
    dma_used = start + size;
    return tuple;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(shim_dma_obj, 1, 2, shim_dma);

// view(phys, count, typecode)
static mp_obj_t shim_view(mp_obj_t phys_in, mp_obj_t count_in, mp_obj_t typecode_in) {
    mp_int_t phys = mp_obj_get_int(phys_in);
    mp_int_t count = mp_obj_get_int(count_in);
    size_t len;
    const char *typecode = mp_obj_str_get_data(typecode_in, &len);
    if (len != 1 || *typecode == 0 || strchr("BHIQ", *typecode) == NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("typecode must be B, H, I or Q"));
    }
    size_t item = mp_binary_get_size('@', *typecode, NULL);
    uintptr_t base = (uintptr_t)memory_dma.base;
    if (phys < (mp_int_t)base || (size_t)phys - base > dma_used || count < 0
        || (size_t)count > (dma_used - ((size_t)phys - base)) / item) {
        mp_raise_ValueError(MP_ERROR_TEXT("not memory that dma() gave"));
    }
    if ((size_t)phys % item != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("address not aligned for the typecode"));
    }
    return mp_obj_new_memoryview(*typecode | MP_OBJ_ARRAY_TYPECODE_FLAG_RW, count, (void *)phys);
}
static MP_DEFINE_CONST_FUN_OBJ_3(shim_view_obj, shim_view);

static mp_obj_t shim_fdt(void) {
    return mp_obj_new_memoryview('B', fdt_facts.size, FDT_BASE);
}
static MP_DEFINE_CONST_FUN_OBJ_0(shim_fdt_obj, shim_fdt);

// IRQ(intid, callback, status, ack). The slots are static because the scheduler's list runs through
// them and outlives the heap; the Python objects are roots.

#define IRQ_SLOTS (64)
#define IRQ_FIRST (32) // below are the core's own lines

typedef struct _irq_slot_t {
    mp_sched_node_t node; // first: the scheduler hands it to irq_run()
    uint16_t intid; // 0: free
    bool fired; // since the last take()
    bool stuck; // disabled because the device did not say why the line is up
    uint32_t bits; // of the device's status register, since the last take()
    uintptr_t status;
    uintptr_t ack;
} irq_slot_t;

typedef struct _irq_obj_t {
    mp_obj_base_t base;
    mp_obj_t callback;
    uint8_t slot;
} irq_obj_t;

static irq_slot_t irq_slot[IRQ_SLOTS];
static volatile uint32_t irq_fired_count;
static mp_obj_t irq_held; // a callback that is not to be scheduled

MP_REGISTER_ROOT_POINTER(mp_obj_t virtio_shim_irq[IRQ_SLOTS]);

static void irq_run(mp_sched_node_t *node) {
    mp_obj_t irq = MP_STATE_VM(virtio_shim_irq)[(irq_slot_t *)node - irq_slot];
    if (irq != MP_OBJ_NULL) {
        mp_call_function_1_protected(((irq_obj_t *)MP_OBJ_TO_PTR(irq))->callback, irq);
    }
}

// Lowers the line by acknowledging the device's interrupt, so that the line can stay enabled.
void virtio_shim_handler(unsigned int intid) {
    for (irq_slot_t *slot = irq_slot; slot < irq_slot + IRQ_SLOTS && slot->intid != 0; ++slot) {
        if (slot->intid == intid) {
            uint32_t bits = REG32(slot->status);
            if (bits == 0) {
                slot->stuck = true; // or it would fire for ever
                gic_disable(intid);
            } else {
                REG32(slot->ack) = bits;
                slot->bits |= bits;
            }
            if (!slot->fired) {
                slot->fired = true;
                irq_fired_count = irq_fired_count + 1;
                irq_obj_t *irq = MP_OBJ_TO_PTR(MP_STATE_VM(virtio_shim_irq)[slot - irq_slot]);
                if (irq->callback != irq_held) {
                    mp_sched_schedule_node(&slot->node, irq_run);
                }
            }
            return;
        }
    }
    gic_disable(intid); // nobody's
}

void virtio_shim_hold(void *callback) {
    uintptr_t state = irq_save();
    irq_held = callback;
    irq_restore(state);
}

bool virtio_shim_unhandled(void) {
    return irq_fired_count != 0;
}

// Returns the bits that came since the last time. Interrupts must be masked.
static uint32_t irq_clear(irq_slot_t *slot) {
    uint32_t bits = slot->bits;
    slot->bits = 0;
    if (slot->fired) {
        slot->fired = false;
        irq_fired_count = irq_fired_count - 1;
    }
    return bits;
}

static mp_obj_t irq_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 4, 4, false);
    mp_int_t intid = mp_obj_get_int(args[0]);
    mp_int_t status = mp_obj_get_int(args[2]);
    mp_int_t ack = mp_obj_get_int(args[3]);
    if (intid < IRQ_FIRST || intid >= IRQ_COUNT || intid == IRQ_UART) {
        mp_raise_ValueError(MP_ERROR_TEXT("no such interrupt line for a device"));
    }
    size_t n = 0;
    while (n < IRQ_SLOTS && irq_slot[n].intid != 0 && irq_slot[n].intid != intid) {
        ++n;
    }
    if (n == IRQ_SLOTS) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("too many interrupts attached"));
    }
    irq_obj_t *self = mp_obj_malloc(irq_obj_t, type);
    self->callback = args[1];
    self->slot = n;
    gic_disable(intid);
    uintptr_t state = irq_save();
    irq_slot_t *slot = &irq_slot[n];
    irq_clear(slot);
    slot->intid = intid;
    slot->status = status;
    slot->ack = ack;
    slot->stuck = false;
    MP_STATE_VM(virtio_shim_irq)[n] = MP_OBJ_FROM_PTR(self);
    irq_restore(state);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t irq_enable(mp_obj_t self_in) {
    irq_slot_t *slot = &irq_slot[((irq_obj_t *)MP_OBJ_TO_PTR(self_in))->slot];
    gic_enable(slot->intid);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(irq_enable_obj, irq_enable);

static mp_obj_t irq_disable(mp_obj_t self_in) {
    irq_slot_t *slot = &irq_slot[((irq_obj_t *)MP_OBJ_TO_PTR(self_in))->slot];
    uintptr_t state = irq_save();
    gic_disable(slot->intid);
    irq_clear(slot);
    irq_restore(state);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(irq_disable_obj, irq_disable);

// take(): what the interrupts since the last take() said, 0 if there was none.
static mp_obj_t irq_take(mp_obj_t self_in) {
    irq_slot_t *slot = &irq_slot[((irq_obj_t *)MP_OBJ_TO_PTR(self_in))->slot];
    uint32_t bits = 0;
    if (slot->fired) {
        uintptr_t state = irq_save();
        bits = irq_clear(slot);
        if (slot->stuck) {
            slot->stuck = false;
            gic_enable(slot->intid);
        }
        irq_restore(state);
    }
    return MP_OBJ_NEW_SMALL_INT(bits);
}
static MP_DEFINE_CONST_FUN_OBJ_1(irq_take_obj, irq_take);

static const mp_rom_map_elem_t irq_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_enable), MP_ROM_PTR(&irq_enable_obj) },
    { MP_ROM_QSTR(MP_QSTR_disable), MP_ROM_PTR(&irq_disable_obj) },
    { MP_ROM_QSTR(MP_QSTR_take), MP_ROM_PTR(&irq_take_obj) },
};
static MP_DEFINE_CONST_DICT(irq_locals, irq_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    irq_type,
    MP_QSTR_IRQ,
    MP_TYPE_FLAG_NONE,
    make_new, irq_make_new,
    locals_dict, &irq_locals
    );

// Before the heap goes: no interrupt may call into it, and no device may write to memory that the
// next program gets from dma(). Writing 0 to a virtio device's status register resets it; where that
// register is, is known of the slots, and at_reset() says it of other devices.

#define AT_RESET_MAX (64)

static struct {
    uintptr_t addr;
    uint8_t value;
} at_reset[AT_RESET_MAX];
static size_t at_reset_count;

// at_reset(addr, value)
static mp_obj_t shim_at_reset(mp_obj_t addr_in, mp_obj_t value_in) {
    uintptr_t addr = mp_obj_get_int(addr_in);
    mp_int_t value = mp_obj_get_int(value_in);
    size_t n = 0;
    while (n < at_reset_count && at_reset[n].addr != addr) {
        ++n;
    }
    if (n == AT_RESET_MAX) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("too many devices to reset"));
    }
    at_reset[n].addr = addr;
    at_reset[n].value = value;
    if (n == at_reset_count) {
        ++at_reset_count;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(shim_at_reset_obj, shim_at_reset);

#define VIRTIO_MAGIC        (0x74726976)
#define VIRTIO_MAGIC_VALUE  (0x000)
#define VIRTIO_DEVICE_ID    (0x008)
#define VIRTIO_STATUS       (0x070)

void virtio_shim_quiesce(void) {
    for (size_t n = 0; n < IRQ_SLOTS && irq_slot[n].intid != 0; ++n) {
        gic_disable(irq_slot[n].intid);
        irq_clear(&irq_slot[n]);
        irq_slot[n].intid = 0;
        MP_STATE_VM(virtio_shim_irq)[n] = MP_OBJ_NULL;
    }
    for (size_t i = 0; i < BOARD_VIRTIO_COUNT; ++i) {
        uintptr_t base = BOARD_VIRTIO_BASE + i * BOARD_VIRTIO_STEP;
        if (REG32(base + VIRTIO_MAGIC_VALUE) == VIRTIO_MAGIC && REG32(base + VIRTIO_DEVICE_ID) != 0) {
            REG32(base + VIRTIO_STATUS) = 0;
        }
    }
    for (size_t n = 0; n < at_reset_count; ++n) {
        REG8(at_reset[n].addr) = at_reset[n].value;
    }
    at_reset_count = 0;
    dma_used = 0;
}

static const mp_rom_map_elem_t shim_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__virtio) },
    { MP_ROM_QSTR(MP_QSTR_r8), MP_ROM_PTR(&shim_r8_obj) },
    { MP_ROM_QSTR(MP_QSTR_r16), MP_ROM_PTR(&shim_r16_obj) },
    { MP_ROM_QSTR(MP_QSTR_r32), MP_ROM_PTR(&shim_r32_obj) },
    { MP_ROM_QSTR(MP_QSTR_w8), MP_ROM_PTR(&shim_w8_obj) },
    { MP_ROM_QSTR(MP_QSTR_w16), MP_ROM_PTR(&shim_w16_obj) },
    { MP_ROM_QSTR(MP_QSTR_w32), MP_ROM_PTR(&shim_w32_obj) },
    { MP_ROM_QSTR(MP_QSTR_map), MP_ROM_PTR(&shim_map_obj) },
    { MP_ROM_QSTR(MP_QSTR_dma), MP_ROM_PTR(&shim_dma_obj) },
    { MP_ROM_QSTR(MP_QSTR_view), MP_ROM_PTR(&shim_view_obj) },
    { MP_ROM_QSTR(MP_QSTR_barrier), MP_ROM_PTR(&shim_barrier_obj) },
    { MP_ROM_QSTR(MP_QSTR_fence), MP_ROM_PTR(&shim_fence_obj) },
    { MP_ROM_QSTR(MP_QSTR_fdt), MP_ROM_PTR(&shim_fdt_obj) },
    { MP_ROM_QSTR(MP_QSTR_at_reset), MP_ROM_PTR(&shim_at_reset_obj) },
    { MP_ROM_QSTR(MP_QSTR_IRQ), MP_ROM_PTR(&irq_type) },
};
static MP_DEFINE_CONST_DICT(shim_globals, shim_globals_table);

const mp_obj_module_t virtio_shim_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&shim_globals,
};
MP_REGISTER_MODULE(MP_QSTR__virtio, virtio_shim_module);
