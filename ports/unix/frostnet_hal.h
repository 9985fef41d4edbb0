// Frostnet: what MicroPython does while it waits, on the unix port
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "ports/unix/mphalport.h"

// Sleep until a frame arrives or the alarm is due, instead of a fixed 500 us.
void frostnet_wfe(mp_int_t timeout_ms);
#undef MICROPY_INTERNAL_WFE
#define MICROPY_INTERNAL_WFE(TIMEOUT_MS) frostnet_wfe(TIMEOUT_MS)

// As upstream's, but never short, and woken by events instead of once a millisecond.
void frostnet_delay_ms(mp_uint_t ms);
#define mp_hal_delay_ms frostnet_delay_ms
