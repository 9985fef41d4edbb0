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

// Positions count all bytes that ever came. The interrupt moves `put` and `cut`, the reader `get`.
static uint8_t ring[RING_SIZE];
static volatile uint64_t ring_put;
static volatile uint64_t ring_get;
static volatile uint64_t ring_cut; // what was typed before an interrupt character is not read any more
static volatile bool held;

static uint64_t oldest(void) {
    uint64_t get = ring_get, cut = ring_cut;
    return cut > get ? cut : get;
}

void uart_init(void) {
    REG32(UART_CR) = 0;
    REG32(UART_ICR) = 0x7ff;
    REG32(UART_LCR_H) = LCR_H_8N1_FIFO;
    REG32(UART_CR) = CR_ENABLE_TX_RX;
}

// What came before fills the FIFO, and QEMU announces a byte only when it is the first one in it: after
// a reset nothing would ever come again.
void uart_listen(void) {
    REG32(UART_IMSC) = INT_RX;
    uart_handler();
    gic_enable(IRQ_UART);
}

// Reading the FIFO empty lowers the interrupt; what is left in it keeps it up.
void uart_handler(void) {
    while (!(REG32(UART_FR) & FR_RXFE)) {
        if (ring_put - oldest() == RING_SIZE) {
            held = true;
            REG32(UART_IMSC) = 0;
            return;
        }
        uint8_t c = REG32(UART_DR);
        if (c == mp_interrupt_char) {
            ring_cut = ring_put;
            mp_sched_keyboard_interrupt();
        } else {
            ring[ring_put % RING_SIZE] = c;
            ring_put = ring_put + 1;
        }
    }
}

bool uart_any(void) {
    return ring_put != oldest();
}

static void take(uint64_t up_to) {
    ring_get = up_to;
    if (held && ring_put - up_to <= RING_SIZE / 2) {
        held = false;
        REG32(UART_IMSC) = INT_RX;
    }
}

int uart_get(void) {
    uint64_t at = oldest();
    if (ring_put == at) {
        return -1;
    }
    uint8_t c = ring[at % RING_SIZE];
    take(at + 1);
    return c;
}

bool uart_discard_through(uint8_t c) {
    for (uint64_t at = ring_put; at > oldest(); --at) {
        if (ring[(at - 1) % RING_SIZE] == c) {
            take(at);
            return true;
        }
    }
    return false;
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
