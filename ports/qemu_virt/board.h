// Frostnet: what the parts of the board's C code know of each other
// MIT license; Copyright (c) 2026 The Frostnet authors

#ifndef FROSTNET_QEMU_VIRT_BOARD_H
#define FROSTNET_QEMU_VIRT_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Addresses and interrupt numbers of the virt machine; QEMU keeps them from version to version.
#define BOARD_GICD_BASE     (0x08000000)
#define BOARD_GICC_BASE     (0x08010000)
#define BOARD_UART_BASE     (0x09000000)
#define BOARD_RTC_BASE      (0x09010000)
#define BOARD_VIRTIO_BASE   (0x0a000000)
#define BOARD_VIRTIO_STEP   (0x200)
#define BOARD_VIRTIO_COUNT  (32)
#define BOARD_RAM_BASE      (0x40000000)

#define IRQ_TIMER           (27)
#define IRQ_UART            (33)
#define IRQ_FIRST_SHARED    (32) // below are each core's own lines
#define IRQ_COUNT           (1020)
#define IRQ_LPI_FIRST       (8192)
#define IRQ_LPI_COUNT       (256) // that we use

#define REG8(addr)  (*(volatile uint8_t *)(uintptr_t)(addr))
#define REG16(addr) (*(volatile uint16_t *)(uintptr_t)(addr))
#define REG32(addr) (*(volatile uint32_t *)(uintptr_t)(addr))
#define REG64(addr) (*(volatile uint64_t *)(uintptr_t)(addr))

// Interrupt masking. Returns the previous state for irq_restore().
static inline uintptr_t irq_save(void) {
    uintptr_t daif;
    __asm volatile ("mrs %0, daif\n\tmsr daifset, #2" : "=r" (daif) :: "memory");
    return daif;
}

static inline void irq_restore(uintptr_t daif) {
    __asm volatile ("msr daif, %0" :: "r" (daif) : "memory");
}

// memory.c: page tables and the division of RAM.
typedef struct _memory_region_t {
    uint8_t *base;
    size_t size;
} memory_region_t;

extern size_t memory_ram_size;
extern memory_region_t memory_heap; // GC heap
extern memory_region_t memory_dma; // what devices read and write
extern memory_region_t memory_disk; // RAM disk, at the top so that it survives a rebuilt image

void memory_init(size_t ram_size);
// Makes a device's registers readable and writable at their own addresses. False if the CPU or the
// tables cannot reach them, or if RAM is there.
bool memory_map_device(uint64_t phys, uint64_t size);
void memory_sync_code(void *start, size_t size);

// fdt.c: the few things that only the device tree knows.
typedef struct _fdt_gic_t {
    unsigned int version; // 2, 3, or 0 for something else
    uint64_t distributor;
    uint64_t cpu; // the CPU interface of a GICv2, the redistributors of a GICv3
    uint64_t v2m; // these two receive messages; 0 if there is none
    uint64_t its;
} fdt_gic_t;

typedef struct _fdt_facts_t {
    size_t size; // of the blob; 0 if there is none
    size_t ram_size;
    bool psci_smc; // PSCI by SMC instead of HVC
    fdt_gic_t gic;
} fdt_facts_t;

#define FDT_BASE ((uint8_t *)(uintptr_t)BOARD_RAM_BASE)
#define FDT_SIZE_MAX (0x200000)
extern fdt_facts_t fdt_facts;

// Reads the facts, feeds the seeds to the random generator and wipes them.
void fdt_init(void);

// gic.c
extern volatile bool irq_event; // set by interrupts and callbacks, cleared by who slept
bool gic_init(void); // false if the machine's interrupt controller is none that is known
void gic_enable(unsigned int intid);
void gic_disable(unsigned int intid);

// gic_msi.c: interrupts by message. A device writes `data` + n to `address`, and `intid` + n comes.
typedef struct _msi_t {
    uint64_t address;
    uint32_t data;
    unsigned int intid;
} msi_t;

bool msi_available(void);
bool msi_allocate(uint32_t device_id, uint32_t vector, unsigned int count, msi_t *msi);
void msi_release_all(void); // after the handlers

// timer.c: one comparator, several deadlines; times in microseconds since the start.
enum { TIMER_WAIT, TIMER_ALARM, TIMER_SOFT, TIMER_PROFILE, TIMER_COUNT };
#define TIMER_NEVER INT64_MAX
void timer_init(void);
int64_t timer_us(void);
uint64_t timer_frequency(void);
void timer_set(int which, int64_t when);
bool timer_handler(void); // false if it was for the profiler alone
void alarm_expired(void); // in modport.c
void port_token_reset(void); // in porttoken.h

// profile.c
bool profile_running(void);
void profile_stop(void);
int64_t profile_sample(int64_t now);

// uart.c
void uart_init(void); // what is printed comes out
void uart_listen(void); // from now on what is typed comes in
void uart_handler(void);
int uart_get(void); // -1 if nothing waits
bool uart_any(void);
bool uart_discard_through(uint8_t c); // what waits, up to the last c; false if there is none
void uart_put(const char *str, size_t len);
void uart_flush(void);

// rtc.c
void rtc_init(void);

// random.c
void random_init(void);
void random_mix(const void *data, size_t len);
void random_seed(const void *data, size_t len); // bytes that nobody else knows; 32 or more count
bool random_seeded(void);

// power.c
__attribute__((noreturn)) void power_reset(void);
__attribute__((noreturn)) void power_exit(int status);
bool power_semihosting(void); // QEMU runs with -semihosting, and can end with a status

// map.c: to be called when memory that was freed may become a dictionary.
void map_forget(void);

// modvirtio.c: before a soft reset.
void virtio_shim_quiesce(void);

// virtio_irq.c
void virtio_irq_handler(unsigned int intid);
void virtio_irq_quiesce(void);
void virtio_irq_hold(void *callback); // (an mp_obj_t) do not schedule this one for now
bool virtio_irq_unhandled(void); // an interrupt came since the last take()

// mphalport.c: sleep until an interrupt or `until`; returns at once if there was one since the
// last call, if the scheduler or Ctrl-C has something to do, or (if asked) if an attached interrupt
// fired and was not enabled again.
void board_wait(int64_t until, bool unhandled_too);

#endif
