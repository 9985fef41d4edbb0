// Frostnet: what Mbed TLS needs of the board
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "../mbedtls/tls_port.c"

#if MICROPY_SSL_MBEDTLS
void tls_random(uint8_t *buf, size_t len) {
    mp_hal_get_random(len, buf);
}
#endif
