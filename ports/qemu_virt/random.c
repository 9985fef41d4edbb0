// Frostnet: random generator: ChaCha20 with fast key erasure, seeded from the device tree
// MIT license; Copyright (c) 2026 The Frostnet authors

#include <string.h>

#include "board.h"
#include "py/mphal.h"

#define KEY_SIZE    (32)
#define BLOCK_SIZE  (64)

static uint32_t key[KEY_SIZE / 4];

static inline uint32_t rotl(uint32_t x, int n) {
    return x << n | x >> (32 - n);
}

static inline void quarter(uint32_t *s, int a, int b, int c, int d) {
    s[a] += s[b];
    s[d] = rotl(s[d] ^ s[a], 16);
    s[c] += s[d];
    s[b] = rotl(s[b] ^ s[c], 12);
    s[a] += s[b];
    s[d] = rotl(s[d] ^ s[a], 8);
    s[c] += s[d];
    s[b] = rotl(s[b] ^ s[c], 7);
}

// RFC 8439, section 2.3, with a nonce of zero: a key is used for one request only.
static void chacha20_block(const uint32_t *k, uint32_t counter, uint32_t *out) {
    uint32_t in[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
    memcpy(in + 4, k, KEY_SIZE);
    in[12] = counter;
    memcpy(out, in, BLOCK_SIZE);
    for (int i = 0; i < 10; ++i) {
        quarter(out, 0, 4, 8, 12);
        quarter(out, 1, 5, 9, 13);
        quarter(out, 2, 6, 10, 14);
        quarter(out, 3, 7, 11, 15);
        quarter(out, 0, 5, 10, 15);
        quarter(out, 1, 6, 11, 12);
        quarter(out, 2, 7, 8, 13);
        quarter(out, 3, 4, 9, 14);
    }
    for (int i = 0; i < 16; ++i) {
        out[i] += in[i];
    }
}

// Adds entropy: what was known before is never lost, whatever the data is worth.
void random_mix(const void *data, size_t len) {
    const uint8_t *p = data;
    do {
        size_t n = len < KEY_SIZE ? len : KEY_SIZE;
        for (size_t i = 0; i < n; ++i) {
            ((uint8_t *)key)[i] ^= p[i];
        }
        uint32_t block[BLOCK_SIZE / 4];
        chacha20_block(key, 0xffffffff, block);
        memcpy(key, block, KEY_SIZE);
        p += n;
        len -= n;
    } while (len > 0);
}

// RNDR, where the CPU has it (not the Cortex-A72).
static bool cpu_random(uint64_t *value) {
    uint64_t features;
    __asm volatile ("mrs %0, id_aa64isar0_el1" : "=r" (features));
    if (features >> 60 == 0) {
        return false;
    }
    uint64_t failed;
    __asm volatile ("mrs %0, s3_3_c2_c4_0\n\tcset %1, eq" : "=r" (*value), "=r" (failed) :: "cc");
    return !failed;
}

// After fdt_init(), which brings the 32 random bytes that QEMU puts into the device tree.
void random_init(void) {
    uint64_t seed[6] = { 0 };
    __asm volatile ("mrs %0, cntvct_el0" : "=r" (seed[0]));
    seed[1] = REG32(BOARD_RTC_BASE);
    for (int i = 2; i < 6; ++i) {
        cpu_random(&seed[i]);
    }
    random_mix(seed, sizeof(seed));
}

void mp_hal_get_random(size_t n, uint8_t *buf) {
    uint32_t use[KEY_SIZE / 4];
    uint32_t block[BLOCK_SIZE / 4];
    uintptr_t state = irq_save();
    memcpy(use, key, KEY_SIZE);
    chacha20_block(use, 0, block);
    memcpy(key, block, KEY_SIZE);
    irq_restore(state);
    uint32_t counter = 0;
    while (n > 0) {
        chacha20_block(use, ++counter, block);
        size_t len = n < BLOCK_SIZE ? n : BLOCK_SIZE;
        memcpy(buf, block, len);
        buf += len;
        n -= len;
    }
}

// For `random`, which is not meant to be secure.
unsigned long mp_random_seed(void) {
    unsigned long seed;
    mp_hal_get_random(sizeof(seed), (uint8_t *)&seed);
    return seed;
}
