// Frostnet: page tables and the division of RAM
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "board.h"
#include "py/mpconfig.h"

// Addresses are translated to themselves: tables of 1 GiB entries, refined to 2 MiB blocks where that
// is needed. RAM is cached memory (unaligned access is legal there), the rest of what is mapped is
// Device-nGnRE; address 0 stays unmapped so that null pointers fault.

#define GIB             ((uintptr_t)1 << 30)
#define TOP             ((uintptr_t)512 << 30) // what one table of 1 GiB entries covers
#define BLOCK           ((uintptr_t)2 << 20)
#define TABLE_ENTRIES   (512)

#define DESC_BLOCK      (1)
#define DESC_TABLE      (3)
#define DESC_DEVICE     (1 << 2) // MAIR index 1
#define DESC_READONLY   (2 << 6)
#define DESC_SHARED     (3 << 8)
#define DESC_ACCESSED   (1 << 10)
#define DESC_PXN        ((uint64_t)1 << 53)
#define DESC_UXN        ((uint64_t)1 << 54)

#define MAP_RAM         (DESC_BLOCK | DESC_SHARED | DESC_ACCESSED | DESC_PXN | DESC_UXN)
#define MAP_CONST       (MAP_RAM | DESC_READONLY)
#define MAP_CODE        ((MAP_RAM | DESC_READONLY) & ~DESC_PXN)
#define MAP_DEVICE      (DESC_BLOCK | DESC_DEVICE | DESC_ACCESSED | DESC_PXN | DESC_UXN)

#define MAIR_VALUE      (0x04ff) // 0: write-back, 1: Device-nGnRE
#define TCR_VALUE       (16 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23) // 48 bits, write-back, TTBR0
#define SCTLR_MMU       (1 << 0)
#define SCTLR_DCACHE    (1 << 2)
#define SCTLR_ICACHE    (1 << 12)

#define DEVICE_START    (0x08000000)

// Any amount smaller than this leaves no room for a useful heap and disk.
#define RAM_MIN         ((size_t)32 << 20)
#define RAM_MAX         ((size_t)255 << 30)

extern char __text_start, __readonly_end, __image_end;

static uint64_t table_top[TABLE_ENTRIES] __attribute__((aligned(4096)));
static uint64_t table_gib[TABLE_ENTRIES] __attribute__((aligned(4096)));
static uint64_t table_high[TABLE_ENTRIES] __attribute__((aligned(4096))); // some 512 GiB further up
static uint64_t table_devices[TABLE_ENTRIES] __attribute__((aligned(4096)));
static uint64_t table_ram[TABLE_ENTRIES] __attribute__((aligned(4096)));
static uint64_t table_ram_last[TABLE_ENTRIES] __attribute__((aligned(4096)));

size_t memory_ram_size;
memory_region_t memory_heap;
memory_region_t memory_dma;
memory_region_t memory_disk;

static uint64_t ram_block(uintptr_t addr) {
    if (addr >= (uintptr_t)&__text_start && addr < (uintptr_t)&__readonly_end) {
        return addr | MAP_CODE;
    }
    return addr | MAP_RAM;
}

// How much the CPU can address, as the registers number it: 5 stands for 48 bits, which is all that
// pages of 4 KiB can say.
static uint64_t address_size(void) {
    uint64_t features;
    __asm volatile ("mrs %0, id_aa64mmfr0_el1" : "=r" (features));
    features &= 0xf;
    return features > 5 ? 5 : features;
}

// Called from start.S with the MMU off. How much RAM there is is not known yet: map 1 GiB.
void mmu_init(void) {
    for (size_t i = DEVICE_START / BLOCK; i < TABLE_ENTRIES; ++i) {
        table_devices[i] = i * BLOCK | MAP_DEVICE;
    }
    for (size_t i = 0; i < TABLE_ENTRIES; ++i) {
        table_ram[i] = ram_block(BOARD_RAM_BASE + i * BLOCK);
    }
    table_gib[0] = (uintptr_t)table_devices | DESC_TABLE;
    table_gib[BOARD_RAM_BASE / GIB] = (uintptr_t)table_ram | DESC_TABLE;
    table_top[0] = (uintptr_t)table_gib | DESC_TABLE;

    uint64_t sctlr;
    __asm volatile ("mrs %0, sctlr_el1" : "=r" (sctlr));
    __asm volatile (
        "msr mair_el1, %0\n\t"
        "msr tcr_el1, %1\n\t"
        "msr ttbr0_el1, %2\n\t"
        "dsb ish\n\t"
        "tlbi vmalle1\n\t"
        "dsb ish\n\t"
        "isb\n\t"
        "msr sctlr_el1, %3\n\t"
        "isb"
        :: "r" ((uint64_t)MAIR_VALUE), "r" (TCR_VALUE | address_size() << 32), "r" (table_top),
        "r" ((sctlr & ~(uint64_t)2) | SCTLR_MMU | SCTLR_DCACHE | SCTLR_ICACHE) : "memory");
}

static void map_ram(size_t ram_size) {
    size_t first = ram_size < GIB ? ram_size / BLOCK : TABLE_ENTRIES;
    for (size_t i = first; i < TABLE_ENTRIES; ++i) {
        table_ram[i] = 0;
    }
    table_ram[0] = BOARD_RAM_BASE | MAP_CONST; // the device tree: also the stack's guard
    for (uintptr_t offset = GIB; offset < ram_size; offset += GIB) {
        uintptr_t addr = BOARD_RAM_BASE + offset;
        if (ram_size - offset >= GIB) {
            table_gib[addr / GIB] = addr | MAP_RAM;
        } else {
            for (size_t i = 0; i < (ram_size - offset) / BLOCK; ++i) {
                table_ram_last[i] = (addr + i * BLOCK) | MAP_RAM;
            }
            table_gib[addr / GIB] = (uintptr_t)table_ram_last | DESC_TABLE;
        }
    }
    __asm volatile ("dsb ish\n\ttlbi vmalle1\n\tdsb ish\n\tisb" ::: "memory");
}

// The 1 GiB entry of an address. NULL if it is in a second region of 512 GiB above the first one:
// the machine has one window up there.
static uint64_t *gib_entry(uintptr_t addr) {
    static size_t high;
    size_t n = addr / TOP;
    if (n != 0 && n != high) {
        if (high != 0) {
            return NULL;
        }
        high = n;
        table_top[n] = (uintptr_t)table_high | DESC_TABLE;
    }
    return (n == 0 ? table_gib : table_high) + addr % TOP / GIB;
}

bool memory_map_device(uint64_t phys, uint64_t size) {
    static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };
    uint64_t end = (uint64_t)1 << bits[address_size()];
    uint64_t ram_end = (BOARD_RAM_BASE + memory_ram_size + GIB - 1) & ~(GIB - 1);
    if (phys < DEVICE_START || phys >= end || size == 0 || size > end - phys
        || (phys < ram_end && phys + size > BOARD_RAM_BASE)) {
        return false;
    }
    for (uintptr_t addr = phys & ~(GIB - 1); addr < phys + size; addr += GIB) {
        uint64_t *entry = gib_entry(addr);
        if (entry == NULL) {
            return false;
        }
        if (*entry == 0) {
            *entry = addr | MAP_DEVICE;
        }
    }
    __asm volatile ("dsb ishst\n\tisb" ::: "memory"); // there was nothing to invalidate
    return true;
}

// Native code is made at run time and lives in the heap, so the heap can be executed.
static void map_executable(uintptr_t start, uintptr_t end) {
    for (uintptr_t addr = start & ~(BLOCK - 1); addr < end; addr += BLOCK) {
        table_ram[(addr - BOARD_RAM_BASE) / BLOCK] &= ~DESC_PXN;
    }
    __asm volatile ("dsb ish\n\ttlbi vmalle1\n\tdsb ish\n\tisb" ::: "memory");
}

// QEMU's TLB begins with 256 entries, and grows only when a full one is flushed: systems with processes
// do that all the time, this one never would again. A board that is not emulated does not mind.
static void widen_tlb(void) {
    for (size_t entries = 256; entries <= 2048; entries *= 2) {
        for (size_t i = 0; i < entries; ++i) {
            (void)REG8(BOARD_RAM_BASE + i * 4096);
        }
        __asm volatile ("dsb ish\n\ttlbi vmalle1\n\tdsb ish\n\tisb" ::: "memory");
    }
}

static size_t clamp(size_t value, size_t low, size_t high) {
    return value < low ? low : value > high ? high : value;
}

// Divide RAM: image, heap, unused, DMA memory, disk. The disk must offer its user a quarter of the
// memory after the filesystem's own needs, hence the extra 64th.
void memory_init(size_t ram_size) {
    ram_size = clamp(ram_size, RAM_MIN, RAM_MAX) & ~(BLOCK - 1);
    memory_ram_size = ram_size;
    map_ram(ram_size);

    uint8_t *start = (uint8_t *)(((uintptr_t)&__image_end + 4095) & ~(uintptr_t)4095);
    uint8_t *end = (uint8_t *)BOARD_RAM_BASE + ram_size;

    memory_disk.size = (ram_size / 4 + ram_size / 64 + BLOCK - 1) & ~(BLOCK - 1);
    memory_disk.base = end - memory_disk.size;
    memory_dma.size = clamp(ram_size / 8, 4 << 20, 64 << 20) & ~(BLOCK - 1);
    memory_dma.base = memory_disk.base - memory_dma.size;
    memory_heap.size = clamp(ram_size / 4, 4 << 20, (size_t)256 << 20);
    memory_heap.base = start;
    if (memory_heap.size > (size_t)(memory_dma.base - start)) {
        memory_heap.size = memory_dma.base - start;
    }
    map_executable((uintptr_t)start, (uintptr_t)start + memory_heap.size);
    widen_tlb();
}

// Make code that was just written visible to instruction fetch: data cache to the point of
// unification, then instruction cache (Arm ARM B2.4.4). Line sizes are the CPU's.
void memory_sync_code(void *start, size_t size) {
    uint64_t ctr;
    __asm volatile ("mrs %0, ctr_el0" : "=r" (ctr));
    uintptr_t end = (uintptr_t)start + size;
    size_t line = (size_t)4 << (ctr >> 16 & 15);
    for (uintptr_t addr = (uintptr_t)start & ~(line - 1); addr < end; addr += line) {
        __asm volatile ("dc cvau, %0" :: "r" (addr) : "memory");
    }
    __asm volatile ("dsb ish" ::: "memory");
    line = (size_t)4 << (ctr & 15);
    for (uintptr_t addr = (uintptr_t)start & ~(line - 1); addr < end; addr += line) {
        __asm volatile ("ic ivau, %0" :: "r" (addr) : "memory");
    }
    __asm volatile ("dsb ish\n\tisb" ::: "memory");
}
