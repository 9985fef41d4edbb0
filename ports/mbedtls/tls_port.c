// Frostnet: what Mbed TLS needs of a port: clock, memory, randomness
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/timeutils/timeutils.h"

#if MICROPY_SSL_MBEDTLS

#include "mbedtls/entropy.h"
#include "mbedtls/platform_time.h"
#include "mbedtls/platform_util.h"

#define NS_PER_S (1000000000)
#define NS_PER_MS (1000000)

void tls_random(uint8_t *buf, size_t len);
void *tls_calloc(size_t count, size_t size);

int mbedtls_hardware_poll(void *data, unsigned char *output, size_t len, size_t *olen) {
    tls_random(output, len);
    *olen = len;
    return 0;
}

time_t tls_time(time_t *seconds) {
    time_t now = mp_hal_time_ns() / NS_PER_S;
    if (seconds) {
        *seconds = now;
    }
    return now;
}

mbedtls_ms_time_t mbedtls_ms_time(void) {
    return mp_hal_time_ns() / NS_PER_MS;
}

struct tm *mbedtls_platform_gmtime_r(const mbedtls_time_t *seconds, struct tm *out) {
    timeutils_struct_time_t tm;
    timeutils_seconds_since_epoch_to_struct_time(*seconds, &tm);
    *out = (struct tm) {
        .tm_year = tm.tm_year - 1900,
        .tm_mon = tm.tm_mon - 1,
        .tm_mday = tm.tm_mday,
        .tm_hour = tm.tm_hour,
        .tm_min = tm.tm_min,
        .tm_sec = tm.tm_sec,
        .tm_wday = (tm.tm_wday + 1) % 7,
        .tm_yday = tm.tm_yday - 1,
    };
    return out;
}

// A handshake computes for a long time, and only here does it call anything of ours, often: what
// is scheduled, such as the network's poll, runs meanwhile. An exception that waits for the
// interpreter (Ctrl-C) goes on waiting, since it must not leave through the library.
static void breathe(void) {
    if (MP_STATE_VM(sched_state) == MP_SCHED_PENDING) {
        mp_obj_t waiting = MP_STATE_THREAD(mp_pending_exception);
        MP_STATE_THREAD(mp_pending_exception) = MP_OBJ_NULL;
        mp_handle_pending(false);
        if (waiting != MP_OBJ_NULL) {
            MP_STATE_THREAD(mp_pending_exception) = waiting;
        }
    }
}

void *tls_calloc(size_t count, size_t size) {
    breathe();
    return m_tracked_calloc(count, size);
}

#endif
