// Frostnet: Mbed TLS as both ports have it: MicroPython's choice, and a few things more
// MIT license; Copyright (c) 2026 The Frostnet authors

#pragma once

#include <stddef.h>
#include <time.h>

// Certificates come as PEM files as often as in binary form.
#define MBEDTLS_PEM_PARSE_C
#define MBEDTLS_BASE64_C

#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE // for getpeercert()

#define MBEDTLS_CIPHER_MODE_CTR // for cryptolib
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_HAVE_ASM

// What current servers offer, and prefer where AES is slow.
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C
#define MBEDTLS_ECP_DP_CURVE25519_ENABLED

// Addresses in certificates: the library's own parser, since there is no inet_pton() here.
#define MBEDTLS_TEST_SW_INET_PTON

// Clock, memory and randomness are the port's.
time_t tls_time(time_t *seconds);
#define MBEDTLS_PLATFORM_TIME_MACRO tls_time
#define MBEDTLS_PLATFORM_MS_TIME_ALT
#define MBEDTLS_PLATFORM_GMTIME_R_ALT
#define MICROPY_MBEDTLS_CONFIG_BARE_METAL (1)

#include "extmod/mbedtls/mbedtls_config_common.h"

void *tls_calloc(size_t count, size_t size);
#undef MBEDTLS_PLATFORM_STD_CALLOC
#define MBEDTLS_PLATFORM_STD_CALLOC tls_calloc
