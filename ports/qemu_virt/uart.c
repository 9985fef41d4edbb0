// Frostnet: PL011 console, received by interrupt
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "board.h"
#include "py/runtime.h"
#include "shared/runtime/interrupt_char.h"

#define UART_DR             (BOARD_UART_BASE + 0x00)
#define UART_FR             (BOARD_UART_BASE + 0x18)
#define UART_LCR_H          (BOARD_UART_BASE + 0x2c)
#define UART_CR             (BOARD_UART_BASE + 0x30)
#define UART_IMSC           (BOARD_UART_BASE + 0x38)
#define UART_ICR            (BOARD_UART_BASE + 0x44)

#define FR_RXFE             (1 << 4)
#define FR_TXFF             (1 << 5)
#define FR_TXFE             (1 << 7)
#define LCR_H_8N1_FIFO      (3 << 5 | 1 << 4)
#define CR_ENABLE_TX_RX     (1 << 0 | 1 << 8 | 1 << 9)
#define INT_RX              (1 << 4 | 1 << 6) // FIFO level, and timeout for what lies below it

// Large, so that a Ctrl-C behind much unread input is still seen. When it is full the interrupt is
// masked, the FIFO fills, and QEMU stops reading from the terminal: nothing is lost.
#define RING_SIZE           (32768)

static uint8_t ring[RING_SIZE];
static volatile uint32_t ring_put;
static volatile uint32_t ring_get;
static volatile bool held;

void uart_init(void) {
    REG32(UART_CR) = 0;
    REG32(UART_ICR) = 0x7ff;
    REG32(UART_LCR_H) = LCR_H_8N1_FIFO;
    REG32(UART_CR) = CR_ENABLE_TX_RX;
}

void uart_listen(void) {
    REG32(UART_IMSC) = INT_RX;
    gic_enable(IRQ_UART);
}

// Reading the FIFO empty lowers the interrupt; what is left in it keeps it up.
void uart_handler(void) {
    while (!(REG32(UART_FR) & FR_RXFE)) {
        if (ring_put - ring_get == RING_SIZE) {
            held = true;
            REG32(UART_IMSC) = 0;
            return;
        }
        uint8_t c = REG32(UART_DR);
        if (c == mp_interrupt_char) {
            mp_sched_keyboard_interrupt();
        } else {
            ring[ring_put % RING_SIZE] = c;
            ring_put = ring_put + 1;
        }
    }
}

bool uart_any(void) {
    return ring_put != ring_get;
}

int uart_get(void) {
    if (ring_put == ring_get) {
        return -1;
    }
    uint8_t c = ring[ring_get % RING_SIZE];
    ring_get = ring_get + 1;
    if (held && ring_put - ring_get <= RING_SIZE / 2) {
        held = false;
        REG32(UART_IMSC) = INT_RX;
    }
    return c;
}

void uart_put(const char *str, size_t len) {
    for (size_t i = 0; i < len; ++i) {
        while (REG32(UART_FR) & FR_TXFF) {
        }
        REG32(UART_DR) = (uint8_t)str[i];
    }
}

// Returns when what was put has left the FIFO.
void uart_flush(void) {
    while (!(REG32(UART_FR) & FR_TXFE)) {
    }
}
