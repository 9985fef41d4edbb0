// Frostnet: what Mbed TLS needs of the unix port
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "../mbedtls/tls_port.c"

#if MICROPY_SSL_MBEDTLS
#include <sys/random.h>

void tls_random(uint8_t *buf, size_t len) {
    while (len > 0) {
        ssize_t n = getrandom(buf, len, 0);
        if (n > 0) {
            buf += n;
            len -= n;
        }
    }
}
#endif
