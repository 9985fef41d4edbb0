// Frostnet: random generator: ChaCha20 with fast key erasure
// MIT license; Copyright (c) 2026 The Frostnet authors

// The key is all the state. Each request makes a new key and its output from the old one, which is
// gone afterwards: who reads the key learns nothing of earlier output. What comes in, from whatever
// source, is added to the key, and the sum replaced by its own first block: nobody who does not know
// both knows the result, and a source that is worthless, or an enemy's, does no harm.
//
// Seeds: the device tree's (fdt.c), the CPU's RNDR, and virtio-rng's by way of _port.seed(). The
// first and the last come at the start, the last two again and again, so that a key that somebody
// did read, or that two copies of one machine share, is soon of no use. Counter and clock come in
// with every request.

#include <string.h>

#include "board.h"
#include "py/mphal.h"

#define KEY_SIZE    (32)
#define BLOCK_SIZE  (64)

#define RNDR_TRIES  (10) // it may have nothing for a moment
#define RNDR_PERIOD ((int64_t)60 * 1000000) // us
#define JITTER_READS (256)

// A reset leaves RAM alone: the key goes on from what it was.
static uint32_t key[KEY_SIZE / 4] __attribute__((section(".noinit")));
static bool seeded; // there were KEY_SIZE bytes at once of what nobody knows
static int64_t rndr_time; // of the last reading

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

static uint64_t counter(void) {
    uint64_t value;
    __asm volatile ("mrs %0, cntvct_el0" : "=r" (value));
    return value;
}

// Adds to what is known; whatever the data is worth, nothing is lost.
void random_mix(const void *data, size_t len) {
    const uint8_t *p = data;
    while (len > 0) {
        size_t n = len < KEY_SIZE ? len : KEY_SIZE;
        uintptr_t state = irq_save();
        for (size_t i = 0; i < n; ++i) {
            ((uint8_t *)key)[i] ^= p[i];
        }
        uint32_t block[BLOCK_SIZE / 4];
        chacha20_block(key, 0xffffffff, block);
        memcpy(key, block, KEY_SIZE);
        irq_restore(state);
        p += n;
        len -= n;
    }
}

void random_seed(const void *data, size_t len) {
    random_mix(data, len);
    if (len >= KEY_SIZE) {
        seeded = true;
    }
}

bool random_seeded(void) {
    return seeded;
}

// RNDR, where the CPU has it (-cpu max).
static bool cpu_random(uint64_t *value) {
    uint64_t features;
    __asm volatile ("mrs %0, id_aa64isar0_el1" : "=r" (features));
    if (features >> 60 == 0) {
        return false;
    }
    for (int i = 0; i < RNDR_TRIES; ++i) {
        uint64_t done;
        __asm volatile ("mrs %0, s3_3_c2_c4_0\n\tcset %1, ne" : "=r" (*value), "=r" (done) :: "cc");
        if (done) {
            return true;
        }
    }
    return false;
}

static void seed_from_cpu(void) {
    uint64_t seed[KEY_SIZE / 8];
    for (size_t i = 0; i < KEY_SIZE / 8; ++i) {
        if (!cpu_random(&seed[i])) {
            return;
        }
    }
    random_seed(seed, sizeof(seed));
}

// After fdt_init(), which brings the device tree's seed.
void random_init(void) {
    random_mix(&(uint32_t) { REG32(BOARD_RTC_BASE) }, sizeof(uint32_t));
    // How long a device access takes is the host's affair, and a little of it is chance.
    for (int i = 0; i < JITTER_READS; ++i) {
        (void)REG32(BOARD_RTC_BASE);
        uint64_t now = counter();
        random_mix(&now, sizeof(now));
    }
    seed_from_cpu();
}

void mp_hal_get_random(size_t n, uint8_t *buf) {
    if (timer_us() - rndr_time > RNDR_PERIOD) {
        rndr_time = timer_us();
        seed_from_cpu();
    }
    uint32_t use[KEY_SIZE / 4];
    uint32_t block[BLOCK_SIZE / 4];
    uint64_t now = counter();
    uintptr_t state = irq_save();
    key[0] ^= (uint32_t)now;
    key[1] ^= (uint32_t)(now >> 32);
    memcpy(use, key, KEY_SIZE);
    chacha20_block(use, 0, block);
    memcpy(key, block, KEY_SIZE);
    irq_restore(state);
    uint32_t count = 0;
    while (n > 0) {
        chacha20_block(use, ++count, block);
        size_t len = n < BLOCK_SIZE ? n : BLOCK_SIZE;
        memcpy(buf, block, len);
        buf += len;
        n -= len;
    }
    explicit_bzero(use, sizeof(use));
    explicit_bzero(block, sizeof(block));
}

// For `random`, which is not meant to be secure.
unsigned long mp_random_seed(void) {
    unsigned long seed;
    mp_hal_get_random(sizeof(seed), (uint8_t *)&seed);
    return seed;
}
