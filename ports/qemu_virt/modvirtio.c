// Frostnet: the _virtio shim: registers, DMA memory, barriers; interrupts are in virtio_irq.c
// MIT license; Copyright (c) 2026 The Frostnet authors

// No ring, no header, no checksum: what a virtqueue is, only Python knows.

#include <string.h>

#include "board.h"
#include "py/binary.h"
#include "py/objarray.h"
#include "py/runtime.h"

extern const mp_obj_type_t virtio_irq_type, virtio_msi_type;

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

// dma_free()
static mp_obj_t shim_dma_free(void) {
    return MP_OBJ_NEW_SMALL_INT(memory_dma.size - dma_used);
}
static MP_DEFINE_CONST_FUN_OBJ_0(shim_dma_free_obj, shim_dma_free);

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
    virtio_irq_quiesce();
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
    { MP_ROM_QSTR(MP_QSTR_dma_free), MP_ROM_PTR(&shim_dma_free_obj) },
    { MP_ROM_QSTR(MP_QSTR_view), MP_ROM_PTR(&shim_view_obj) },
    { MP_ROM_QSTR(MP_QSTR_barrier), MP_ROM_PTR(&shim_barrier_obj) },
    { MP_ROM_QSTR(MP_QSTR_fence), MP_ROM_PTR(&shim_fence_obj) },
    { MP_ROM_QSTR(MP_QSTR_fdt), MP_ROM_PTR(&shim_fdt_obj) },
    { MP_ROM_QSTR(MP_QSTR_at_reset), MP_ROM_PTR(&shim_at_reset_obj) },
    { MP_ROM_QSTR(MP_QSTR_IRQ), MP_ROM_PTR(&virtio_irq_type) },
    { MP_ROM_QSTR(MP_QSTR_MSI), MP_ROM_PTR(&virtio_msi_type) },
};
static MP_DEFINE_CONST_DICT(shim_globals, shim_globals_table);

const mp_obj_module_t virtio_shim_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&shim_globals,
};
MP_REGISTER_MODULE(MP_QSTR__virtio, virtio_shim_module);
