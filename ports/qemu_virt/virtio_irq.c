// Frostnet: the _virtio shim's interrupts: lines and messages that schedule callbacks
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "board.h"
#include "py/mperrno.h"
#include "py/runtime.h"

// A slot is one line of one device, or a run of one device's messages. The slots are static because
// the scheduler's list runs through them and outlives the heap; the Python objects are roots.

#define IRQ_SLOTS (64)
#define MESSAGES_MAX (16) // of a slot: take() returns a bit for each
#define VECTOR_MAX (2047) // the last entry of the longest MSI-X table

typedef struct _irq_slot_t {
    mp_sched_node_t node; // first: the scheduler hands it to irq_run()
    struct _irq_slot_t *next; // another device on the same line
    unsigned int intid; // of the line, or of the first message; 0: the slot is free
    bool enabled;
    bool fired; // since the last take()
    bool stuck; // the line is disabled because no device on it said why it is up
    uint32_t bits; // what the device, or which messages, said since the last take()

    // A line's device.
    uintptr_t status;
    uintptr_t ack; // 0: the status is a byte, and reading acknowledges it

    // Messages.
    unsigned int count; // 0: this is a line
    uint32_t device_id;
    uint32_t vector;
    uint64_t address;
    uint32_t data;
} irq_slot_t;

typedef struct _irq_obj_t {
    mp_obj_base_t base;
    mp_obj_t callback;
    irq_slot_t *slot;
} irq_obj_t;

static irq_slot_t irq_slot[IRQ_SLOTS];
static irq_slot_t *owner[IRQ_COUNT + IRQ_LPI_COUNT]; // of each INTID; LPIs after the others
static volatile uint32_t irq_fired_count;
static mp_obj_t irq_held; // a callback that is not to be scheduled

MP_REGISTER_ROOT_POINTER(mp_obj_t virtio_shim_irq[IRQ_SLOTS]);

static irq_slot_t **owner_of(unsigned int intid) {
    return &owner[intid < IRQ_LPI_FIRST ? intid : intid - IRQ_LPI_FIRST + IRQ_COUNT];
}

static void irq_run(mp_sched_node_t *node) {
    mp_obj_t irq = MP_STATE_VM(virtio_shim_irq)[(irq_slot_t *)node - irq_slot];
    if (irq != MP_OBJ_NULL) {
        mp_call_function_1_protected(((irq_obj_t *)MP_OBJ_TO_PTR(irq))->callback, irq);
    }
}

// Interrupts must be masked.
static void fire(irq_slot_t *slot) {
    if (!slot->fired) {
        slot->fired = true;
        irq_fired_count = irq_fired_count + 1;
        irq_obj_t *irq = MP_OBJ_TO_PTR(MP_STATE_VM(virtio_shim_irq)[slot - irq_slot]);
        if (irq->callback != irq_held) {
            mp_sched_schedule_node(&slot->node, irq_run);
        }
    }
}

// Lowers the device's line, so that it can stay enabled.
static bool acknowledge(irq_slot_t *slot) {
    uint32_t bits;
    if (slot->ack == 0) {
        bits = REG8(slot->status);
    } else {
        bits = REG32(slot->status);
        if (bits != 0) {
            REG32(slot->ack) = bits;
        }
    }
    slot->bits |= bits;
    return bits != 0;
}

void virtio_irq_handler(unsigned int intid) {
    irq_slot_t *first = *owner_of(intid);
    if (first == NULL) {
        gic_disable(intid); // nobody's
        return;
    }
    if (first->count != 0) {
        first->bits |= 1u << (intid - first->intid);
        if (first->enabled) {
            fire(first);
        }
        return;
    }
    bool explained = false;
    for (irq_slot_t *slot = first; slot != NULL; slot = slot->next) {
        if (acknowledge(slot)) {
            explained = true;
            if (slot->enabled) {
                fire(slot);
            }
        }
    }
    if (!explained) {
        gic_disable(intid); // or it would fire for ever
        for (irq_slot_t *slot = first; slot != NULL; slot = slot->next) {
            if (slot->enabled) {
                slot->stuck = true;
                fire(slot);
            }
        }
    }
}

void virtio_irq_hold(void *callback) {
    uintptr_t state = irq_save();
    irq_held = callback;
    irq_restore(state);
}

bool virtio_irq_unhandled(void) {
    return irq_fired_count != 0;
}

// Returns the bits that came since the last time. Interrupts must be masked.
static uint32_t clear(irq_slot_t *slot) {
    uint32_t bits = slot->bits;
    slot->bits = 0;
    if (slot->fired) {
        slot->fired = false;
        irq_fired_count = irq_fired_count - 1;
    }
    return bits;
}

// Interrupts must be masked. The line stays enabled while another device on it is.
static void disable(irq_slot_t *slot) {
    slot->enabled = slot->stuck = false;
    clear(slot);
    if (slot->count == 0) {
        for (irq_slot_t *other = *owner_of(slot->intid); other != NULL; other = other->next) {
            if (other->enabled) {
                return;
            }
        }
        gic_disable(slot->intid);
    }
    for (unsigned int n = 0; n < slot->count; ++n) {
        gic_disable(slot->intid + n);
    }
}

static irq_slot_t *free_slot(void) {
    for (irq_slot_t *slot = irq_slot; slot < irq_slot + IRQ_SLOTS; ++slot) {
        if (slot->intid == 0) {
            return slot;
        }
    }
    mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("too many interrupts attached"));
}

// First of all, because it may raise MemoryError.
static irq_obj_t *make_object(const mp_obj_type_t *type, mp_obj_t callback) {
    irq_obj_t *self = mp_obj_malloc(irq_obj_t, type);
    self->callback = callback;
    return self;
}

// From now on the object is the slot's, which is disabled. Interrupts must be masked.
static mp_obj_t give_slot(irq_obj_t *self, irq_slot_t *slot) {
    self->slot = slot;
    MP_STATE_VM(virtio_shim_irq)[slot - irq_slot] = MP_OBJ_FROM_PTR(self);
    disable(slot);
    return MP_OBJ_FROM_PTR(self);
}

// IRQ(intid, callback, status, ack=None)
static mp_obj_t irq_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 3, 4, false);
    mp_int_t intid = mp_obj_get_int(args[0]);
    uintptr_t status = mp_obj_get_int(args[2]);
    uintptr_t ack = n_args > 3 && args[3] != mp_const_none ? mp_obj_get_int(args[3]) : 0;
    if (intid < IRQ_FIRST_SHARED || intid >= IRQ_COUNT || intid == IRQ_UART
        || (*owner_of(intid) != NULL && (*owner_of(intid))->count != 0)) {
        mp_raise_ValueError(MP_ERROR_TEXT("no such interrupt line for a device"));
    }
    irq_obj_t *self = make_object(type, args[1]);
    irq_slot_t *slot = *owner_of(intid);
    while (slot != NULL && slot->status != status) {
        slot = slot->next;
    }
    if (slot == NULL) {
        slot = free_slot();
    }
    uintptr_t state = irq_save();
    if (slot->intid == 0) {
        slot->intid = intid;
        slot->count = 0;
        slot->status = status;
        slot->next = *owner_of(intid);
        *owner_of(intid) = slot;
    }
    slot->ack = ack;
    mp_obj_t irq = give_slot(self, slot);
    irq_restore(state);
    return irq;
}

static mp_obj_t irq_enable(mp_obj_t self_in) {
    irq_slot_t *slot = ((irq_obj_t *)MP_OBJ_TO_PTR(self_in))->slot;
    uintptr_t state = irq_save();
    slot->enabled = true;
    if (slot->bits != 0) {
        fire(slot); // it was acknowledged because of another device on the line
    }
    irq_restore(state);
    gic_enable(slot->intid);
    for (unsigned int n = 1; n < slot->count; ++n) {
        gic_enable(slot->intid + n);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(irq_enable_obj, irq_enable);

static mp_obj_t irq_disable(mp_obj_t self_in) {
    uintptr_t state = irq_save();
    disable(((irq_obj_t *)MP_OBJ_TO_PTR(self_in))->slot);
    irq_restore(state);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(irq_disable_obj, irq_disable);

// take(): what the interrupts since the last take() said, 0 if there was none.
static mp_obj_t irq_take(mp_obj_t self_in) {
    irq_slot_t *slot = ((irq_obj_t *)MP_OBJ_TO_PTR(self_in))->slot;
    uint32_t bits = 0;
    if (slot->fired) {
        uintptr_t state = irq_save();
        bits = clear(slot);
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

MP_DEFINE_CONST_OBJ_TYPE(
    virtio_irq_type,
    MP_QSTR_IRQ,
    MP_TYPE_FLAG_NONE,
    make_new, irq_make_new,
    locals_dict, &irq_locals
    );

// The slot of these very messages; NULL if none has them. ValueError if a slot has some of them.
static irq_slot_t *find_messages(uint32_t device_id, uint32_t vector, unsigned int count) {
    for (irq_slot_t *slot = irq_slot; slot < irq_slot + IRQ_SLOTS; ++slot) {
        if (slot->intid != 0 && slot->count != 0 && slot->device_id == device_id) {
            if (slot->vector == vector && slot->count == count) {
                return slot;
            }
            if (vector < slot->vector + slot->count && slot->vector < vector + count) {
                mp_raise_ValueError(MP_ERROR_TEXT("some of these messages are attached already"));
            }
        }
    }
    return NULL;
}

static void attach_messages(irq_slot_t *slot, const msi_t *msi) {
    slot->intid = msi->intid;
    slot->address = msi->address;
    slot->data = msi->data;
    slot->next = NULL;
    for (unsigned int n = 0; n < slot->count; ++n) {
        *owner_of(slot->intid + n) = slot;
    }
}

// MSI(device_id, callback, vector=0, count=1)
static mp_obj_t msi_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 2, 4, false);
    mp_int_t device_id = mp_obj_get_int(args[0]);
    mp_int_t vector = n_args > 2 ? mp_obj_get_int(args[2]) : 0;
    mp_int_t count = n_args > 3 ? mp_obj_get_int(args[3]) : 1;
    if (device_id < 0 || device_id > UINT32_MAX || vector < 0 || vector > VECTOR_MAX
        || count <= 0 || count > MESSAGES_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("no such messages"));
    }
    if (!msi_available()) {
        mp_raise_OSError(MP_ENODEV);
    }
    irq_obj_t *self = make_object(type, args[1]);
    irq_slot_t *slot = find_messages(device_id, vector, count);
    if (slot == NULL) {
        msi_t msi;
        slot = free_slot();
        if (!msi_allocate(device_id, vector, count, &msi)) {
            mp_raise_OSError(MP_ENOSPC);
        }
        slot->device_id = device_id;
        slot->vector = vector;
        slot->count = count;
        attach_messages(slot, &msi);
    }
    uintptr_t state = irq_save();
    mp_obj_t irq = give_slot(self, slot);
    irq_restore(state);
    return irq;
}

static void msi_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    irq_slot_t *slot = ((irq_obj_t *)MP_OBJ_TO_PTR(self_in))->slot;
    if (dest[0] != MP_OBJ_NULL) {
        return; // a store, which fails
    }
    if (attr == MP_QSTR_address) {
        dest[0] = MP_OBJ_NEW_SMALL_INT(slot->address);
    } else if (attr == MP_QSTR_data) {
        dest[0] = MP_OBJ_NEW_SMALL_INT(slot->data);
    } else {
        dest[1] = MP_OBJ_SENTINEL; // look among the methods
    }
}

MP_DEFINE_CONST_OBJ_TYPE(
    virtio_msi_type,
    MP_QSTR_MSI,
    MP_TYPE_FLAG_NONE,
    make_new, msi_make_new,
    attr, msi_attr,
    locals_dict, &irq_locals
    );

void virtio_irq_quiesce(void) {
    for (irq_slot_t *slot = irq_slot; slot < irq_slot + IRQ_SLOTS; ++slot) {
        if (slot->intid != 0) {
            uintptr_t state = irq_save();
            disable(slot);
            *owner_of(slot->intid) = NULL;
            for (unsigned int n = 1; n < slot->count; ++n) {
                *owner_of(slot->intid + n) = NULL;
            }
            slot->intid = 0;
            MP_STATE_VM(virtio_shim_irq)[slot - irq_slot] = MP_OBJ_NULL;
            irq_restore(state);
        }
    }
    msi_release_all();
}
