// Frostnet: reads RAM size, PSCI method, interrupt controller and random seeds from the device tree
// MIT license; Copyright (c) 2026 The Frostnet authors

#include <string.h>

#include "board.h"

#define FDT_MAGIC       (0xd00dfeed)
#define FDT_BEGIN_NODE  (1)
#define FDT_END_NODE    (2)
#define FDT_PROP        (3)
#define FDT_NOP         (4)

#define RAM_SIZE_DEFAULT ((size_t)128 << 20) // QEMU's own default

fdt_facts_t fdt_facts;

static uint32_t be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static uint64_t be64(const uint8_t *p) {
    return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static bool starts_with(const char *str, const char *prefix) {
    return strncmp(str, prefix, strlen(prefix)) == 0;
}

// The first string of a list.
static bool is_string(const uint8_t *value, size_t len, const char *str) {
    return len > strlen(str) && memcmp(value, str, strlen(str) + 1) == 0;
}

static void property(const char *node, const char *name, uint8_t *value, size_t len) {
    if (starts_with(node, "memory@") && strcmp(name, "reg") == 0 && len >= 16) {
        // Two cells each for address and size. With several nodes (NUMA) they follow each other.
        uint64_t base = be64(value);
        if (base == BOARD_RAM_BASE + fdt_facts.ram_size) {
            fdt_facts.ram_size += be64(value + 8);
        }
    } else if (strcmp(node, "psci") == 0 && strcmp(name, "method") == 0) {
        fdt_facts.psci_smc = len >= 3 && memcmp(value, "smc", 3) == 0;
    } else if (starts_with(node, "intc@") && strcmp(name, "compatible") == 0) {
        fdt_facts.gic.version = is_string(value, len, "arm,cortex-a15-gic") ? 2
            : is_string(value, len, "arm,gic-v3") ? 3 : 0;
    } else if (starts_with(node, "intc@") && strcmp(name, "reg") == 0 && len >= 32) {
        fdt_facts.gic.distributor = be64(value);
        fdt_facts.gic.cpu = be64(value + 16);
    } else if (starts_with(node, "v2m@") && strcmp(name, "reg") == 0 && len >= 16) {
        fdt_facts.gic.v2m = be64(value);
    } else if (starts_with(node, "its@") && strcmp(name, "reg") == 0 && len >= 16) {
        fdt_facts.gic.its = be64(value);
    } else if (strcmp(node, "chosen") == 0
               && (strcmp(name, "rng-seed") == 0 || strcmp(name, "kaslr-seed") == 0)) {
        random_seed(value, len);
        memset(value, 0, len);
    }
}

// Walks the structure block. The blob comes from QEMU, but its lengths are checked all the same: a
// stray image at the start of RAM must not hang the start.
static void walk(uint8_t *blob, size_t size) {
    size_t pos = be32(blob + 8);
    size_t strings = be32(blob + 12);
    const char *node = "";
    while (pos + 4 <= size) {
        uint32_t token = be32(blob + pos);
        pos += 4;
        if (token == FDT_BEGIN_NODE) {
            size_t len = strnlen((char *)blob + pos, size - pos);
            if (len == size - pos) {
                return;
            }
            node = (char *)blob + pos;
            pos = (pos + len + 1 + 3) & ~(size_t)3;
        } else if (token == FDT_PROP) {
            if (pos + 8 > size) {
                return;
            }
            size_t len = be32(blob + pos);
            size_t name = strings + be32(blob + pos + 4);
            pos += 8;
            if (len > size - pos || name >= size || strnlen((char *)blob + name, size - name) == size - name) {
                return;
            }
            property(node, (char *)blob + name, blob + pos, len);
            pos = (pos + len + 3) & ~(size_t)3;
        } else if (token != FDT_END_NODE && token != FDT_NOP) {
            return;
        }
    }
}

void fdt_init(void) {
    size_t size = be32(FDT_BASE + 4);
    if (be32(FDT_BASE) == FDT_MAGIC && size <= FDT_SIZE_MAX) {
        fdt_facts.size = size;
        walk(FDT_BASE, size);
    } else {
        fdt_facts.gic = (fdt_gic_t) { 2, BOARD_GICD_BASE, BOARD_GICC_BASE, 0, 0 };
    }
    if (fdt_facts.ram_size == 0) {
        fdt_facts.ram_size = RAM_SIZE_DEFAULT;
    }
}
