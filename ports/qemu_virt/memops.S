// Frostnet: memcpy, memmove, memset and memcmp; the C library's go byte by byte
// MIT license; Copyright (c) 2026 The Frostnet authors

// Up to 64 bytes everything is loaded before anything is stored, so overlap does not matter.
        .section .text.memmove, "ax"
        .balign 16
        .global memcpy
        .global memmove
memmove:
        sub     x4, x0, x1
        cmp     x4, x2
        b.hs    memcpy
        cmp     x2, #64
        b.hi    backward
memcpy:
        add     x4, x1, x2                      // end of source
        add     x5, x0, x2                      // end of destination
        cmp     x2, #16
        b.lo    below16
        cmp     x2, #32
        b.hi    above32
        ldr     q0, [x1]
        ldr     q1, [x4, #-16]
        str     q0, [x0]
        str     q1, [x5, #-16]
        ret
above32:
        ldp     q16, q17, [x4, #-32]
        cmp     x2, #64
        b.hi    forward
        ldp     q0, q1, [x1]
        stp     q0, q1, [x0]
        stp     q16, q17, [x5, #-32]
        ret
below16:
        tbz     x2, #3, 1f
        ldr     x6, [x1]
        ldr     x7, [x4, #-8]
        str     x6, [x0]
        str     x7, [x5, #-8]
        ret
1:      tbz     x2, #2, 2f
        ldr     w6, [x1]
        ldr     w7, [x4, #-4]
        str     w6, [x0]
        str     w7, [x5, #-4]
        ret
2:      cbz     x2, 3f
        lsr     x6, x2, #1                      // 1: byte 0; 2 and 3: bytes 0, 1 and the last
        ldrb    w7, [x1]
        ldrb    w8, [x1, x6]
        ldrb    w9, [x4, #-1]
        strb    w7, [x0]
        strb    w8, [x0, x6]
        strb    w9, [x5, #-1]
3:      ret

// The last 64 bytes are loaded first, because a forward move may overwrite them on its way.
forward:
        ldp     q18, q19, [x4, #-64]
        sub     x4, x4, #64
        mov     x3, x0
1:      ldp     q0, q1, [x1]
        ldp     q2, q3, [x1, #32]
        add     x1, x1, #64
        stp     q0, q1, [x3]
        stp     q2, q3, [x3, #32]
        add     x3, x3, #64
        cmp     x1, x4
        b.lo    1b
        stp     q18, q19, [x5, #-64]
        stp     q16, q17, [x5, #-32]
        ret

backward:
        add     x4, x1, x2
        add     x5, x0, x2
        ldp     q16, q17, [x1]
        ldp     q18, q19, [x1, #32]
        add     x1, x1, #64
1:      ldp     q0, q1, [x4, #-32]
        ldp     q2, q3, [x4, #-64]
        sub     x4, x4, #64
        stp     q0, q1, [x5, #-32]
        stp     q2, q3, [x5, #-64]
        sub     x5, x5, #64
        cmp     x4, x1
        b.hi    1b
        stp     q16, q17, [x0]
        stp     q18, q19, [x0, #32]
        ret

        .section .text.memset, "ax"
        .balign 16
        .global memset
memset:
        dup     v0.16b, w1
        add     x5, x0, x2
        mov     x3, x0
        cmp     x2, #16
        b.lo    3f
        sub     x4, x5, #64
        b       2f
1:      stp     q0, q0, [x3]
        stp     q0, q0, [x3, #32]
        add     x3, x3, #64
2:      cmp     x3, x4
        b.ls    1b
        sub     x4, x5, #16
4:      cmp     x3, x4
        b.hs    5f
        str     q0, [x3], #16
        b       4b
5:      str     q0, [x4]
        ret
3:      cmp     x3, x5
        b.hs    6f
        strb    w1, [x3], #1
        b       3b
6:      ret

        .section .text.memcmp, "ax"
        .balign 16
        .global memcmp
memcmp:
        cmp     x2, #8
        b.lo    1f
        ldr     x3, [x0], #8
        ldr     x4, [x1], #8
        sub     x2, x2, #8
        cmp     x3, x4
        b.eq    memcmp
        rev     x3, x3                          // the first byte decides
        rev     x4, x4
        cmp     x3, x4
        mov     w0, #1
        csinv   w0, w0, wzr, hi
        ret
1:      cbz     x2, 2f
        ldrb    w3, [x0], #1
        ldrb    w4, [x1], #1
        sub     x2, x2, #1
        subs    w3, w3, w4
        b.eq    1b
        mov     w0, w3
        ret
2:      mov     w0, #0
        ret
