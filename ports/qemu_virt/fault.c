// Frostnet: prints what faulted and ends QEMU with a status that is not 0
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "board.h"
#include "py/runtime.h"

// Laid out by fault_entry in start.S.
typedef struct _fault_frame_t {
    uint64_t x[31];
    uint64_t sp;
    uint64_t elr;
    uint64_t spsr;
    uint64_t esr;
    uint64_t far;
    uint64_t vector;
} fault_frame_t;

#define ESR_EC(esr) ((esr) >> 26 & 0x3f)
#define EXIT_STATUS (70)
#define BACKTRACE_MAX (16)

extern char __text_start, __text_end, __stack_bottom, __stack_top;

static void print_str(const char *str) {
    size_t len = 0;
    while (str[len] != 0) {
        ++len;
    }
    uart_put(str, len);
}

static void print_hex(const char *label, uint64_t value) {
    print_str(label);
    char text[16];
    for (int i = 15; i >= 0; --i, value >>= 4) {
        text[i] = "0123456789abcdef"[value & 15];
    }
    uart_put(text, sizeof(text));
}

static const char *cause(const fault_frame_t *frame) {
    if (frame->vector % 4 == 3) {
        return "system error";
    }
    if (frame->vector % 4 != 0) {
        return "unexpected interrupt";
    }
    switch (ESR_EC(frame->esr)) {
        case 0x00:
            return "undefined instruction";
        case 0x0e:
            return "illegal execution state";
        case 0x20:
        case 0x21:
            return "jump to an address that holds no code";
        case 0x22:
            return "misaligned program counter";
        case 0x24:
        case 0x25:
            if (frame->far >= BOARD_RAM_BASE && frame->far < (uintptr_t)&__stack_bottom
                && frame->far >= (uintptr_t)&__stack_bottom - 0x100000) {
                return "C stack overflow";
            }
            return (frame->esr & 0x3f) == 0x21 ? "misaligned access to a device"
                : (frame->esr & 0x40) ? "write to a bad address" : "read from a bad address";
        case 0x26:
            return "misaligned stack pointer";
        default:
            return "exception";
    }
}

// Every word on the stack that points into the code: return addresses, and some that were.
static void print_calls(const fault_frame_t *frame) {
    print_str("\r\nCalls (newest first; aarch64-linux-gnu-addr2line -fe firmware.elf ADDRESS):\r\n");
    print_hex(" ", frame->x[30]);
    const uint64_t *sp = (const uint64_t *)(frame->sp & ~(uint64_t)7);
    int n = 1;
    for (; n < BACKTRACE_MAX && sp >= (uint64_t *)&__stack_bottom && sp < (uint64_t *)&__stack_top; ++sp) {
        if (*sp >= (uintptr_t)&__text_start && *sp < (uintptr_t)&__text_end) {
            print_hex(n % 4 == 0 ? "\r\n " : " ", *sp);
            ++n;
        }
    }
    print_str("\r\n");
}

void fault_handler(const fault_frame_t *frame) {
    print_str("\r\n\r\nFAULT: ");
    print_str(cause(frame));
    print_hex("\r\nELR ", frame->elr);
    print_hex("  ESR ", frame->esr);
    print_hex("  FAR ", frame->far);
    print_hex("\r\nSP  ", frame->sp);
    print_hex("  LR  ", frame->x[30]);
    print_hex("  PSR ", frame->spsr);
    for (int i = 0; i < 30; ++i) {
        char label[] = "  x00 ";
        label[3] = '0' + i / 10;
        label[4] = '0' + i % 10;
        if (i % 4 == 0) {
            print_str("\r\n");
        }
        print_hex(i % 4 == 0 ? label + 2 : label, frame->x[i]);
    }
    print_calls(frame);
    print_str("The machine stops here (exit status 70 if QEMU runs with -semihosting).\r\n");
    power_exit(EXIT_STATUS);
}

__attribute__((noreturn)) void fatal(const char *text) {
    print_str("\r\nFATAL: ");
    print_str(text);
    print_str("\r\n");
    power_exit(EXIT_STATUS);
}

void MP_WEAK __assert_func(const char *file, int line, const char *func, const char *expr) {
    (void)line;
    (void)func;
    print_str(file);
    print_str(": ");
    fatal(expr);
}
