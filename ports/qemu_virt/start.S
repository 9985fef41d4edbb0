// Frostnet: entry, exception vectors and the few functions that C cannot express
// MIT license; Copyright (c) 2026 The Frostnet authors

        .section .start, "ax"
        .global _start
_start:
        mrs     x0, mpidr_el1
        tst     x0, #0xffffff                   // of many cores, some have Aff0 = 0
        b.ne    park
        mrs     x0, CurrentEL
        cmp     x0, #(2 << 2)
        b.lo    el1
        b.hi    el3

        // EL2: let EL1 use timers and floating point without traps, then drop to EL1.
        mov     x0, #(1 << 31)                  // HCR_EL2.RW: EL1 is AArch64
        msr     hcr_el2, x0
        mov     x0, #3                          // EL1 reads the counters and timers
        msr     cnthctl_el2, x0
        msr     cntvoff_el2, xzr
        mov     x0, #0x33ff                     // no trap of FP and SIMD
        msr     cptr_el2, x0
        msr     hstr_el2, xzr
        mrs     x0, midr_el1
        msr     vpidr_el2, x0
        mrs     x0, mpidr_el1
        msr     vmpidr_el2, x0
        mrs     x0, id_aa64pfr0_el1
        tst     x0, #(0xf << 24)                // GICv3: EL1 has its system registers
        b.eq    1f
        mov     x0, #0xf
        msr     s3_4_c12_c9_5, x0               // ICC_SRE_EL2
        isb
1:      mov     x0, #0x3c5                      // EL1h, DAIF masked
        msr     spsr_el2, x0
        adr     x0, el1
        msr     elr_el2, x0
        ldr     x0, =0x30d00800                 // SCTLR_EL1: little endian, MMU off
        msr     sctlr_el1, x0
        isb
        eret

el1:
        msr     daifset, #0xf
        msr     spsel, #1
        mov     x0, #(3 << 20)                  // CPACR_EL1.FPEN
        msr     cpacr_el1, x0
        ldr     x0, =vectors
        msr     vbar_el1, x0
        isb
        ldr     x0, =__stack_top
        mov     sp, x0
        ldr     x0, =__bss_start
        ldr     x1, =__bss_end
1:      cmp     x0, x1
        b.hs    2f
        stp     xzr, xzr, [x0], #16
        b       1b
2:      mov     x29, xzr
        mov     x30, xzr
        bl      mmu_init
        bl      main
        b       park

        // No secure world is set up here: say so instead of failing later in the GIC.
el3:
        adr     x1, el3_text
        mov     x2, #0x09000000
1:      ldrb    w0, [x1], #1
        cbz     w0, park
        strb    w0, [x2]
        b       1b
el3_text:
        .asciz  "Started in EL3: leave out secure=on.\r\n"
        .balign 4

        // Other cores wait here for ever; QEMU keeps them powered off anyway.
park:
        wfi
        b       park

// ---------------------------------------------------------------------------------------------
// Exception vectors. Interrupts save what AAPCS64 lets C destroy; anything else is fatal, apart
// from the semihosting call that QEMU refuses when it runs without -semihosting.

        .macro  vector target, kind
        .balign 0x80
        .ifc \target, irq_entry
        b       irq_entry
        .else
        msr     tpidr_el1, x0
        mov     x0, #\kind
        b       fault_entry
        .endif
        .endm

        .section .text.vectors, "ax"
        .balign 0x800
vectors:
        vector  fault, 0
        vector  fault, 1
        vector  fault, 2
        vector  fault, 3
        vector  fault, 4
        vector  irq_entry, 5
        vector  fault, 6
        vector  fault, 7
        vector  fault, 8
        vector  fault, 9
        vector  fault, 10
        vector  fault, 11
        vector  fault, 12
        vector  fault, 13
        vector  fault, 14
        vector  fault, 15

        .balign 4
irq_entry:
        sub     sp, sp, #576
        stp     x0, x1, [sp, #0]
        stp     x2, x3, [sp, #16]
        stp     x4, x5, [sp, #32]
        stp     x6, x7, [sp, #48]
        stp     x8, x9, [sp, #64]
        stp     x10, x11, [sp, #80]
        stp     x12, x13, [sp, #96]
        stp     x14, x15, [sp, #112]
        stp     x16, x17, [sp, #128]
        stp     x18, x30, [sp, #144]
        mrs     x0, elr_el1
        mrs     x1, spsr_el1
        stp     x0, x1, [sp, #160]
        stp     q0, q1, [sp, #176]
        stp     q2, q3, [sp, #208]
        stp     q4, q5, [sp, #240]
        stp     q6, q7, [sp, #272]
        stp     q16, q17, [sp, #304]
        stp     q18, q19, [sp, #336]
        stp     q20, q21, [sp, #368]
        stp     q22, q23, [sp, #400]
        stp     q24, q25, [sp, #432]
        stp     q26, q27, [sp, #464]
        stp     q28, q29, [sp, #496]
        stp     q30, q31, [sp, #528]
        bl      irq_handler
        ldp     q0, q1, [sp, #176]
        ldp     q2, q3, [sp, #208]
        ldp     q4, q5, [sp, #240]
        ldp     q6, q7, [sp, #272]
        ldp     q16, q17, [sp, #304]
        ldp     q18, q19, [sp, #336]
        ldp     q20, q21, [sp, #368]
        ldp     q22, q23, [sp, #400]
        ldp     q24, q25, [sp, #432]
        ldp     q26, q27, [sp, #464]
        ldp     q28, q29, [sp, #496]
        ldp     q30, q31, [sp, #528]
        ldp     x0, x1, [sp, #160]
        msr     elr_el1, x0
        msr     spsr_el1, x1
        ldp     x2, x3, [sp, #16]
        ldp     x4, x5, [sp, #32]
        ldp     x6, x7, [sp, #48]
        ldp     x8, x9, [sp, #64]
        ldp     x10, x11, [sp, #80]
        ldp     x12, x13, [sp, #96]
        ldp     x14, x15, [sp, #112]
        ldp     x16, x17, [sp, #128]
        ldp     x18, x30, [sp, #144]
        ldp     x0, x1, [sp, #0]
        add     sp, sp, #576
        eret

// x0 holds the vector's number, TPIDR_EL1 the interrupted x0. The stack may be what is broken, so
// the registers go to a stack of their own: fault_frame_t in fault.c.
fault_entry:
        msr     tpidrro_el0, x1
        mov     x1, sp
        msr     tpidr_el0, x1
        ldr     x1, =__fault_stack_top
        mov     sp, x1
        sub     sp, sp, #304
        stp     x2, x3, [sp, #16]
        stp     x4, x5, [sp, #32]
        stp     x6, x7, [sp, #48]
        stp     x8, x9, [sp, #64]
        stp     x10, x11, [sp, #80]
        stp     x12, x13, [sp, #96]
        stp     x14, x15, [sp, #112]
        stp     x16, x17, [sp, #128]
        stp     x18, x19, [sp, #144]
        stp     x20, x21, [sp, #160]
        stp     x22, x23, [sp, #176]
        stp     x24, x25, [sp, #192]
        stp     x26, x27, [sp, #208]
        stp     x28, x29, [sp, #224]
        mrs     x1, tpidr_el0
        stp     x30, x1, [sp, #240]
        mrs     x2, tpidr_el1
        mrs     x3, tpidrro_el0
        stp     x2, x3, [sp, #0]
        mrs     x2, elr_el1
        mrs     x3, spsr_el1
        stp     x2, x3, [sp, #256]
        mrs     x2, esr_el1
        mrs     x3, far_el1
        stp     x2, x3, [sp, #272]
        str     x0, [sp, #288]
        ldr     x3, =semihosting_call
        ldp     x2, x1, [sp, #256]
        cmp     x2, x3
        b.eq    1f
        mov     x0, sp
        bl      fault_handler
        b       park
        // Semihosting is off: the call answers -1.
1:      add     x2, x2, #4
        msr     elr_el1, x2
        ldr     x1, [sp, #248]
        mov     sp, x1
        mov     x0, #-1
        eret

// long semihosting_call(long op, void *arg)
        .section .text.semihosting_call, "ax"
        .global semihosting_call
semihosting_call:
        hlt     #0xf000
        ret

// uintptr_t gc_helper_get_regs_and_sp(uintptr_t *regs)
        .section .text.gc_helper_get_regs_and_sp, "ax"
        .global gc_helper_get_regs_and_sp
gc_helper_get_regs_and_sp:
        stp     x19, x20, [x0, #0]
        stp     x21, x22, [x0, #16]
        stp     x23, x24, [x0, #32]
        stp     x25, x26, [x0, #48]
        stp     x27, x28, [x0, #64]
        str     x29, [x0, #80]
        mov     x0, sp
        ret
        .end
