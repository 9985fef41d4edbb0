// Frostnet: start, soft reset, garbage collection
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "board.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/pystack.h"
#include "py/runtime.h"
#include "shared/readline/readline.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/pyexec.h"
#include "shared/runtime/softtimer.h"

// Frames of Python functions; overflow raises RuntimeError.
#define PYSTACK_WORDS (65536)

// Collect after this much was allocated, or after as much as is in use if that is more. Small steps
// cost collections; large ones cost every allocation of more than one block, because the allocator
// walks over the garbage of the step. The heap's size plays no part.
#define GC_STEP_BYTES (1024 * 1024)
#define GC_STEP_MAX_BYTES (8 * 1024 * 1024)

extern char __stack_bottom, __stack_top;
__attribute__((noreturn)) void fatal(const char *text);

static mp_obj_t pystack[PYSTACK_WORDS];
static size_t gc_step; // what was set here; a program may have called gc.threshold() since

static void set_gc_step(size_t blocks) {
    gc_step = blocks;
    MP_STATE_MEM(gc_alloc_threshold) = blocks;
}

static void run_session(void) {
    mp_init();
    mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR__slash_lib));
    readline_init0();

    pyexec_frozen_module("_boot.py", false);
    int ret = pyexec_file_if_exists("boot.py");
    if (ret & PYEXEC_FORCED_EXIT) {
        return;
    }
    if (pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL && ret != 0) {
        // The program on QEMU's command line comes instead of main.py.
        if (!(pyexec_frozen_module("_main.py", true) & PYEXEC_FORCED_EXIT)) {
            ret = pyexec_file_if_exists("main.py");
        }
        if (ret & PYEXEC_FORCED_EXIT) {
            return;
        }
    }
    for (;;) {
        if (pyexec_mode_kind == PYEXEC_MODE_RAW_REPL) {
            if (pyexec_raw_repl() != 0) {
                return;
            }
        } else if (pyexec_friendly_repl() != 0) {
            return;
        }
    }
}

int main(void) {
    uart_init();
    fdt_init();
    memory_init(fdt_facts.ram_size);
    if (!gic_init()) {
        fatal("this machine's interrupt controller is not known; start QEMU with -M virt,gic-version=2");
    }
    timer_init();
    rtc_init();
    random_init();
    uart_listen();
    irq_restore(0);

    mp_cstack_init_with_top(&__stack_top, &__stack_top - &__stack_bottom);
    for (;;) {
        map_forget();
        gc_init(memory_heap.base, memory_heap.base + memory_heap.size);
        set_gc_step(GC_STEP_BYTES / MICROPY_BYTES_PER_GC_BLOCK);
        mp_pystack_init(pystack, pystack + PYSTACK_WORDS);
        run_session();
        mp_printf(MP_PYTHON_PRINTER, "MPY: soft reboot\n");

        // Files that were left open are closed by finalisers, which need the disk: devices stop after
        // that. Then nothing may call into the heap, or write to memory of the old program.
        profile_stop();
        soft_timer_deinit();
        timer_set(TIMER_ALARM, TIMER_NEVER);
        MP_STATE_VM(port_alarm_callback) = MP_OBJ_NULL;
        gc_sweep_all();
        port_token_reset();
        virtio_shim_quiesce();
        mp_deinit();
    }
}

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    soft_timer_gc_mark_all();
    gc_collect_end();
    map_forget();

    if (MP_STATE_MEM(gc_alloc_threshold) == gc_step) {
        // gc_last_used_block bounds what is in use without a walk over the heap.
        size_t used = MP_STATE_MEM(area).gc_last_used_block;
        size_t low = GC_STEP_BYTES / MICROPY_BYTES_PER_GC_BLOCK;
        size_t high = GC_STEP_MAX_BYTES / MICROPY_BYTES_PER_GC_BLOCK;
        set_gc_step(used < low ? low : used > high ? high : used);
    }
}

void nlr_jump_fail(void *val) {
    (void)val;
    fatal("exception outside any handler");
}
