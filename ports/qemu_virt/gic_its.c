// Frostnet: a GICv3's Interrupt Translation Service: (device, event) to LPI
// MIT license; Copyright (c) 2026 The Frostnet authors

#include <string.h>

#include "gic.h"

// Commands, tables and their entries: Arm IHI 0069, chapter 5. All tables are memory that the ITS
// reads and writes by itself. One collection, this core's; each device has EVENTS events.

#define GITS_CTLR           (0x00000)
#define GITS_TYPER          (0x00008)
#define GITS_CBASER         (0x00080)
#define GITS_CWRITER        (0x00088)
#define GITS_CREADR         (0x00090)
#define GITS_BASER          (0x00100)
#define GITS_TRANSLATER     (0x10040)

#define CTLR_ENABLED        (1 << 0)
#define TYPER_PHYSICAL      (1 << 0)
#define TYPER_BY_ADDRESS    (1 << 19)
#define BASER_COUNT         (8)
#define BASER_DEVICES       (1)
#define BASER_COLLECTIONS   (4)
#define BASER_INDIRECT      ((uint64_t)1 << 62)
#define BASER_PAGE_SIZE     (3 << 8) // 0: 4 KiB
#define TABLE_CACHED        ((uint64_t)7 << 59 | 1 << 10) // write-back, inner shareable
#define VALID               ((uint64_t)1 << 63)

#define COMMAND_WORDS       (4)
#define COMMAND_SYNC        (0x05)
#define COMMAND_MAPD        (0x08)
#define COMMAND_MAPC        (0x09)
#define COMMAND_MAPTI       (0x0a)
#define COMMAND_INV         (0x0c)
#define COMMAND_DISCARD     (0x0f)
#define COMMAND_TRIES       (100000) // looks for the end of a command

#define PAGE                (4096)
#define DEVICES             (32)
#define EVENT_BITS          (5)
#define EVENTS              (1 << EVENT_BITS)
#define EVENT_BYTES_MAX     (16)
#define DEVICE_PAGES        (8) // each for the devices of a few busses
#define LPI_BITS            (14) // the fewest that there can be: INTIDs to 16383

#define LPI_PRIORITY        (0x80)
#define LPI_ENABLED         (1 << 0)
#define LPI_GROUP1          (1 << 1)

static uint64_t commands[PAGE / 8] __attribute__((aligned(PAGE)));
static uint64_t collections[PAGE / 8] __attribute__((aligned(PAGE)));
static uint64_t device_directory[PAGE / 8] __attribute__((aligned(PAGE)));
static uint8_t device_page[DEVICE_PAGES][PAGE] __attribute__((aligned(PAGE)));
static uint8_t event_table[DEVICES][EVENTS * EVENT_BYTES_MAX] __attribute__((aligned(256)));
static uint8_t lpi_property[(1 << LPI_BITS) - IRQ_LPI_FIRST] __attribute__((aligned(PAGE)));
static uint8_t lpi_pending[(1 << LPI_BITS) / 8] __attribute__((aligned(65536)));

static uintptr_t its;
static uint64_t target;
static unsigned int devices_per_page;
static unsigned int device_pages_used;
static unsigned int device_count;
static uint32_t device_ids[DEVICES];
static uint64_t lpi_device[IRQ_LPI_COUNT]; // as commands have it
static uint64_t lpi_event[IRQ_LPI_COUNT];
static unsigned int lpi_used;

static bool command(uint64_t w0, uint64_t w1, uint64_t w2) {
    uintptr_t state = irq_save(); // a handler may disable an LPI
    uint64_t offset = REG64(its + GITS_CWRITER);
    uint64_t *slot = &commands[offset / 8];
    slot[0] = w0;
    slot[1] = w1;
    slot[2] = w2;
    slot[3] = 0;
    __asm volatile ("dsb ish" ::: "memory"); // the tables too are seen before the command
    offset = (offset + COMMAND_WORDS * 8) % PAGE;
    REG64(its + GITS_CWRITER) = offset;
    bool done = false;
    for (int i = 0; i < COMMAND_TRIES && !done; ++i) {
        done = REG64(its + GITS_CREADR) == offset;
    }
    irq_restore(state);
    return done; // or it has stalled
}

static bool sync(void) {
    return command(COMMAND_SYNC, 0, target);
}

static bool set_tables(void) {
    for (unsigned int n = 0; n < BASER_COUNT; ++n) {
        uintptr_t baser = its + GITS_BASER + n * 8;
        uint64_t type = REG64(baser) >> 56 & 7;
        unsigned int entry = (REG64(baser) >> 48 & 0x1f) + 1;
        if (type == BASER_DEVICES) {
            uint64_t flags = VALID | BASER_INDIRECT | TABLE_CACHED;
            REG64(baser) = (uintptr_t)device_directory | flags;
            if (!(REG64(baser) & BASER_INDIRECT) || (REG64(baser) & BASER_PAGE_SIZE)) {
                return false;
            }
            devices_per_page = PAGE / entry;
        } else if (type == BASER_COLLECTIONS) {
            REG64(baser) = (uintptr_t)collections | VALID | TABLE_CACHED;
        }
    }
    return devices_per_page != 0;
}

bool its_init(void) {
    its = fdt_facts.gic.its;
    if (its == 0 || !gicv3_has_lpis() || !memory_map_device(its, 0x20000)) {
        return false;
    }
    uint64_t typer = REG64(its + GITS_TYPER);
    unsigned int event_bytes = (typer >> 4 & 0xf) + 1;
    unsigned int event_bits = (typer >> 8 & 0x1f) + 1;
    if (!(typer & TYPER_PHYSICAL) || event_bytes > EVENT_BYTES_MAX || event_bits < EVENT_BITS
        || !set_tables()) {
        return false;
    }
    memset(lpi_property, LPI_PRIORITY | LPI_GROUP1, sizeof(lpi_property));
    gicv3_use_lpis((uintptr_t)lpi_property, (uintptr_t)lpi_pending, LPI_BITS);
    REG64(its + GITS_CBASER) = (uintptr_t)commands | VALID | TABLE_CACHED;
    REG64(its + GITS_CWRITER) = 0;
    REG32(its + GITS_CTLR) = CTLR_ENABLED;
    target = gicv3_target(typer & TYPER_BY_ADDRESS);
    return command(COMMAND_MAPC, 0, target | VALID) && sync();
}

uint64_t its_address(void) {
    return its + GITS_TRANSLATER;
}

// A device's place in the table of devices is there.
static bool make_room(uint32_t device_id) {
    uint64_t index = device_id / devices_per_page;
    if (index >= PAGE / 8) {
        return false;
    }
    if (device_directory[index] == 0) {
        if (device_pages_used == DEVICE_PAGES) {
            return false;
        }
        device_directory[index] = (uintptr_t)device_page[device_pages_used++] | VALID;
    }
    return true;
}

static bool map_device(uint32_t device_id) {
    for (unsigned int n = 0; n < device_count; ++n) {
        if (device_ids[n] == device_id) {
            return true;
        }
    }
    if (device_count == DEVICES || !make_room(device_id)) {
        return false;
    }
    uint8_t *events = event_table[device_count];
    memset(events, 0, sizeof(event_table[0]));
    device_ids[device_count++] = device_id;
    return command(COMMAND_MAPD | (uint64_t)device_id << 32, EVENT_BITS - 1, (uintptr_t)events | VALID);
}

bool its_map(uint32_t device_id, uint32_t event, unsigned int count, unsigned int lpi) {
    if (event >= EVENTS || count > EVENTS - event || !map_device(device_id)) {
        return false;
    }
    for (unsigned int n = 0; n < count; ++n, ++event, ++lpi) {
        lpi_used = lpi - IRQ_LPI_FIRST + 1;
        lpi_device[lpi_used - 1] = (uint64_t)device_id << 32;
        lpi_event[lpi_used - 1] = event;
        if (!command(COMMAND_MAPTI | (uint64_t)device_id << 32, event | (uint64_t)lpi << 32, 0)) {
            return false;
        }
    }
    return sync();
}

void its_unmap_all(void) {
    for (unsigned int n = 0; n < lpi_used; ++n) {
        command(COMMAND_DISCARD | lpi_device[n], lpi_event[n], 0); // what is pending too
    }
    lpi_used = 0;
    for (unsigned int n = 0; n < device_count; ++n) {
        command(COMMAND_MAPD | (uint64_t)device_ids[n] << 32, 0, 0);
    }
    device_count = 0;
    sync();
}

// The redistributor keeps what it has read of the properties.
void its_set_enabled(unsigned int lpi, bool enabled) {
    unsigned int n = lpi - IRQ_LPI_FIRST;
    lpi_property[n] = LPI_PRIORITY | LPI_GROUP1 | (enabled ? LPI_ENABLED : 0);
    command(COMMAND_INV | lpi_device[n], lpi_event[n], 0);
    sync();
}
