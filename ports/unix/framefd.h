// Frostnet: file descriptors that carry frames
// MIT license; Copyright (c) 2026 The Frostnet authors
#ifndef FROSTNET_FRAMEFD_H
#define FROSTNET_FRAMEFD_H

#include <sys/un.h>

#include "py/obj.h"

#define MAX_LINES (16)

typedef struct _line_t {
    int fd; // -1 when free
    bool dead; // the device went away: poll(2) would report that for ever
    bool stream_read; // read(2) rather than recv(2): TAP
    struct sockaddr_un peer; // UNIX datagrams only
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; // what to unlink
} line_t;

// Their interrupts are in MP_STATE_VM(port_irq), with the same indices.
extern line_t lines[MAX_LINES];

// The line of an open descriptor; OSError(EBADF) if it is none.
line_t *line_find(int fd);

// The functions of the _port module.
MP_DECLARE_CONST_FUN_OBJ_1(port_open_tap_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(port_open_udp_obj);
MP_DECLARE_CONST_FUN_OBJ_2(port_open_unix_obj);
MP_DECLARE_CONST_FUN_OBJ_2(port_read_obj);
MP_DECLARE_CONST_FUN_OBJ_3(port_write_obj);
MP_DECLARE_CONST_FUN_OBJ_1(port_close_obj);

#endif
