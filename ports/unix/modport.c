// Frostnet: the _port module of the unix port: lock, clock, wait, alarm, and raw frame I/O
// MIT license; Copyright (c) 2026 The Frostnet authors

#define _GNU_SOURCE // ppoll()
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <linux/if.h>
#include <linux/if_tun.h>

#include "py/mphal.h"
#include "py/mpstate.h"
#include "py/pystack.h"
#include "py/runtime.h"

// The board's machinery in terms of poll(2): an open frame device is an interrupt line whose
// level is "readable". Lines and the alarm are looked at while the program waits (wait(),
// time.sleep(), select, asyncio), not between two bytecodes.

#define MAX_LINES (16)
#define NO_ALARM (-1)
// Objects that only their ioctl knows about (stdin) are polled this often by select.
#define WFE_MAX_US (1000)
#define PYSTACK_WORDS (32768)

typedef struct _port_irq_obj_t {
    mp_obj_base_t base;
    mp_obj_t callback;
    bool enabled;
} port_irq_obj_t;

typedef struct _line_t {
    int fd; // -1 when free
    bool dead; // the device went away: poll(2) would report that for ever
    bool stream_read; // read(2) rather than recv(2): TAP
    struct sockaddr_un peer; // UNIX datagrams only
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; // what to unlink
} line_t;

static line_t lines[MAX_LINES];
static uint64_t start_us;
static mp_int_t alarm_when;

MP_REGISTER_ROOT_POINTER(mp_obj_t port_irq[MAX_LINES]);
MP_REGISTER_ROOT_POINTER(mp_obj_t port_alarm_callback);

static uint64_t clock_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static mp_int_t now_us(void) {
    return clock_us() - start_us;
}

// Runs inside mp_init().
void frostnet_init(void) {
    // The port's own Python stack is too small for the layers of a network stack.
    static mp_obj_t pystack[PYSTACK_WORDS];
    mp_pystack_init(pystack, &pystack[PYSTACK_WORDS]);

    start_us = clock_us();
    alarm_when = NO_ALARM;
    MP_STATE_VM(port_alarm_callback) = MP_OBJ_NULL;
    for (int i = 0; i < MAX_LINES; ++i) {
        lines[i].fd = -1;
        MP_STATE_VM(port_irq)[i] = MP_OBJ_NULL;
    }
}

// Interrupts and waiting

static bool event_pending(void) {
    return MP_STATE_VM(sched_state) == MP_SCHED_PENDING
           || MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL;
}

static void check_alarm(void) {
    if (alarm_when != NO_ALARM && now_us() >= alarm_when
        && mp_sched_schedule(MP_STATE_VM(port_alarm_callback), mp_const_none)) {
        alarm_when = NO_ALARM;
    }
}

// Sleep until a line is readable, the alarm, a signal, or us microseconds (-1: no limit). Fires
// the lines' interrupts and the alarm. A masked line wakes nobody unless the caller polls itself.
static void sleep_us(mp_int_t us, bool masked_too) {
    if (alarm_when != NO_ALARM) {
        mp_int_t left = MAX(alarm_when - now_us(), 0);
        us = us < 0 ? left : MIN(us, left);
    }

    struct pollfd fds[MAX_LINES];
    int index[MAX_LINES];
    int n = 0;
    for (int i = 0; i < MAX_LINES; ++i) {
        mp_obj_t irq = MP_STATE_VM(port_irq)[i];
        if (lines[i].fd >= 0 && !lines[i].dead
            && (masked_too || irq == MP_OBJ_NULL || ((port_irq_obj_t *)MP_OBJ_TO_PTR(irq))->enabled)) {
            fds[n].fd = lines[i].fd;
            fds[n].events = POLLIN;
            fds[n].revents = 0;
            index[n++] = i;
        }
    }

    // SIGINT is let in by ppoll() only, so that it cannot hit between the check and the sleep.
    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGINT);
    sigprocmask(SIG_BLOCK, &block, &old);
    if (event_pending()) {
        us = 0;
    }
    struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
    int ready = ppoll(fds, n, us < 0 ? NULL : &ts, &old);
    sigprocmask(SIG_SETMASK, &old, NULL);

    for (int k = 0; ready > 0 && k < n; ++k) {
        mp_obj_t irq = MP_STATE_VM(port_irq)[index[k]];
        if (fds[k].revents == 0 || irq == MP_OBJ_NULL) {
            continue;
        }
        port_irq_obj_t *self = MP_OBJ_TO_PTR(irq);
        if (self->enabled && mp_sched_schedule(self->callback, irq)) {
            self->enabled = false;
        }
    }
    check_alarm();
}

void frostnet_wfe(mp_int_t timeout_ms) {
    mp_int_t us = WFE_MAX_US;
    if (timeout_ms == 0) {
        us = 0;
    }
    sleep_us(us, false);
}

void frostnet_delay_ms(mp_uint_t ms) {
    mp_int_t until = now_us() + ms * 1000;
    mp_handle_pending(true);
    for (mp_int_t left; (left = until - now_us()) > 0;) {
        sleep_us(left, false);
        mp_handle_pending(true);
    }
}

// wait(until[, callback]). Here interrupts always schedule their callbacks.
static mp_obj_t port_wait(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_int_t until = mp_obj_get_int(args[0]);
    if (!event_pending()) {
        sleep_us(until < 0 ? -1 : MAX(until - now_us(), 0), true);
    }
    mp_handle_pending(true);
    return mp_const_false;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_wait_obj, 1, 2, port_wait);

static mp_obj_t port_alarm(mp_obj_t when_in, mp_obj_t callback) {
    mp_int_t when = mp_obj_get_int(when_in);
    alarm_when = when < 0 ? NO_ALARM : when;
    MP_STATE_VM(port_alarm_callback) = callback;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(port_alarm_obj, port_alarm);

static mp_obj_t port_ticks_us(void) {
    return mp_obj_new_int(now_us());
}
static MP_DEFINE_CONST_FUN_OBJ_0(port_ticks_us_obj, port_ticks_us);

static mp_obj_t port_lock(void) {
    mp_sched_lock();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(port_lock_obj, port_lock);

static mp_obj_t port_unlock(void) {
    if (MP_STATE_VM(sched_state) >= 0) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("unlock without lock"));
    }
    mp_sched_unlock();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(port_unlock_obj, port_unlock);

// Lines

static line_t *line_find(int fd) {
    for (int i = 0; i < MAX_LINES; ++i) {
        if (lines[i].fd == fd && fd >= 0) {
            return &lines[i];
        }
    }
    mp_raise_OSError(EBADF);
}

static line_t *line_new(void) {
    for (int i = 0; i < MAX_LINES; ++i) {
        if (lines[i].fd < 0) {
            memset(&lines[i], 0, sizeof(lines[i]));
            lines[i].fd = -1;
            return &lines[i];
        }
    }
    mp_raise_OSError(EMFILE);
}

static void raise_and_close(int fd, int err) {
    if (fd >= 0) {
        close(fd);
    }
    mp_raise_OSError(err);
}

// open_tap(name): an existing or new TAP interface, frames without a header.
static mp_obj_t port_open_tap(mp_obj_t name_in) {
    const char *name = mp_obj_str_get_str(name_in);
    if (strlen(name) >= IFNAMSIZ) {
        mp_raise_OSError(EINVAL);
    }
    line_t *line = line_new();
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        raise_and_close(fd, errno);
    }
    struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
    strcpy(ifr.ifr_name, name);
    if (ioctl(fd, TUNSETIFF, &ifr) < 0) {
        raise_and_close(fd, errno);
    }
    line->stream_read = true;
    line->fd = fd;
    return MP_OBJ_NEW_SMALL_INT(fd);
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_open_tap_obj, port_open_tap);

static void parse_addr(mp_obj_t ip, mp_obj_t port_in, struct sockaddr_in *addr) {
    mp_int_t port = mp_obj_get_int(port_in);
    memset(addr, 0, sizeof(*addr));
    addr->sin_family = AF_INET;
    addr->sin_port = htons(port);
    if (port < 0 || port > 65535 || inet_pton(AF_INET, mp_obj_str_get_str(ip), &addr->sin_addr) != 1) {
        mp_raise_OSError(EINVAL);
    }
}

// open_udp(local_ip, local_port, remote_ip, remote_port): one frame per datagram.
static mp_obj_t port_open_udp(size_t n_args, const mp_obj_t *args) {
    struct sockaddr_in local, remote;
    parse_addr(args[0], args[1], &local);
    parse_addr(args[2], args[3], &remote);
    line_t *line = line_new();
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0
        || connect(fd, (struct sockaddr *)&remote, sizeof(remote)) < 0) {
        raise_and_close(fd, errno);
    }
    line->fd = fd;
    return MP_OBJ_NEW_SMALL_INT(fd);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_open_udp_obj, 4, 4, port_open_udp);

static void parse_path(mp_obj_t path_in, struct sockaddr_un *addr) {
    size_t len;
    const char *path = mp_obj_str_get_data(path_in, &len);
    memset(addr, 0, sizeof(*addr));
    addr->sun_family = AF_UNIX;
    if (len == 0 || len >= sizeof(addr->sun_path)) {
        mp_raise_OSError(EINVAL);
    }
    memcpy(addr->sun_path, path, len);
}

// A socket that nobody reads any more is left over from a program that was killed.
static void unlink_stale(int fd, const struct sockaddr_un *addr) {
    struct stat st;
    if (stat(addr->sun_path, &st) == 0 && S_ISSOCK(st.st_mode)
        && connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0 && errno == ECONNREFUSED) {
        unlink(addr->sun_path);
    }
}

// open_unix(local_path, remote_path): one frame per datagram; the peer may come and go.
static mp_obj_t port_open_unix(mp_obj_t local_in, mp_obj_t remote_in) {
    struct sockaddr_un local, remote;
    parse_path(local_in, &local);
    parse_path(remote_in, &remote);
    line_t *line = line_new();
    int probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (probe >= 0) {
        unlink_stale(probe, &local);
        close(probe);
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0) {
        raise_and_close(fd, errno);
    }
    line->peer = remote;
    strcpy(line->path, local.sun_path);
    line->fd = fd;
    return MP_OBJ_NEW_SMALL_INT(fd);
}
static MP_DEFINE_CONST_FUN_OBJ_2(port_open_unix_obj, port_open_unix);

// read(fd, buf): length of the frame, -1 when there is none now, -2 when one was thrown away
// because it did not fit.
static mp_obj_t port_read(mp_obj_t fd_in, mp_obj_t buf_in) {
    line_t *line = line_find(mp_obj_get_int(fd_in));
    mp_buffer_info_t buf;
    mp_get_buffer_raise(buf_in, &buf, MP_BUFFER_WRITE);
    for (;;) {
        ssize_t n = line->stream_read
            ? read(line->fd, buf.buf, buf.len)
            : recv(line->fd, buf.buf, buf.len, MSG_TRUNC);
        if (n >= 0) {
            return MP_OBJ_NEW_SMALL_INT((size_t)n <= buf.len ? n : -2);
        }
        if (errno == EINTR || errno == ECONNREFUSED) {
            continue; // ECONNREFUSED: an earlier datagram found no peer
        }
        if (errno != EAGAIN) {
            line->dead = true;
        }
        return MP_OBJ_NEW_SMALL_INT(-1);
    }
}
static MP_DEFINE_CONST_FUN_OBJ_2(port_read_obj, port_read);

// write(fd, buf, n): send the first n bytes; n, or -errno (the frame is lost).
static mp_obj_t port_write(mp_obj_t fd_in, mp_obj_t buf_in, mp_obj_t n_in) {
    line_t *line = line_find(mp_obj_get_int(fd_in));
    mp_buffer_info_t buf;
    mp_get_buffer_raise(buf_in, &buf, MP_BUFFER_READ);
    mp_int_t n = mp_obj_get_int(n_in);
    if (n < 0 || (size_t)n > buf.len) {
        mp_raise_ValueError(MP_ERROR_TEXT("frame longer than its buffer"));
    }
    ssize_t ret;
    do {
        if (line->peer.sun_family == AF_UNIX) {
            ret = sendto(line->fd, buf.buf, n, 0, (struct sockaddr *)&line->peer, sizeof(line->peer));
        } else {
            ret = write(line->fd, buf.buf, n);
        }
    } while (ret < 0 && errno == EINTR);
    return MP_OBJ_NEW_SMALL_INT(ret < 0 ? -errno : ret);
}
static MP_DEFINE_CONST_FUN_OBJ_3(port_write_obj, port_write);

static mp_obj_t port_close(mp_obj_t fd_in) {
    line_t *line = line_find(mp_obj_get_int(fd_in));
    close(line->fd);
    line->fd = -1;
    MP_STATE_VM(port_irq)[line - lines] = MP_OBJ_NULL;
    if (line->path[0] != '\0') {
        unlink(line->path);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_close_obj, port_close);

// IRQ(fd, callback): as _virtio.IRQ on the board. Starts disabled; when fd is readable while
// enabled, it is disabled and callback(irq) is scheduled.
static mp_obj_t port_irq_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 2, 2, false);
    line_t *line = line_find(mp_obj_get_int(args[0]));
    port_irq_obj_t *self = mp_obj_malloc(port_irq_obj_t, type);
    self->callback = args[1];
    self->enabled = false;
    MP_STATE_VM(port_irq)[line - lines] = MP_OBJ_FROM_PTR(self);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t port_irq_enable(mp_obj_t self_in) {
    port_irq_obj_t *self = MP_OBJ_TO_PTR(self_in);
    self->enabled = true;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_irq_enable_obj, port_irq_enable);

static mp_obj_t port_irq_disable(mp_obj_t self_in) {
    port_irq_obj_t *self = MP_OBJ_TO_PTR(self_in);
    self->enabled = false;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(port_irq_disable_obj, port_irq_disable);

static const mp_rom_map_elem_t port_irq_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_enable), MP_ROM_PTR(&port_irq_enable_obj) },
    { MP_ROM_QSTR(MP_QSTR_disable), MP_ROM_PTR(&port_irq_disable_obj) },
};
static MP_DEFINE_CONST_DICT(port_irq_locals, port_irq_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    port_irq_type,
    MP_QSTR_IRQ,
    MP_TYPE_FLAG_NONE,
    make_new, port_irq_make_new,
    locals_dict, &port_irq_locals
    );

static const mp_rom_map_elem_t port_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__port) },
    { MP_ROM_QSTR(MP_QSTR_lock), MP_ROM_PTR(&port_lock_obj) },
    { MP_ROM_QSTR(MP_QSTR_unlock), MP_ROM_PTR(&port_unlock_obj) },
    { MP_ROM_QSTR(MP_QSTR_ticks_us), MP_ROM_PTR(&port_ticks_us_obj) },
    { MP_ROM_QSTR(MP_QSTR_wait), MP_ROM_PTR(&port_wait_obj) },
    { MP_ROM_QSTR(MP_QSTR_alarm), MP_ROM_PTR(&port_alarm_obj) },
    { MP_ROM_QSTR(MP_QSTR_IRQ), MP_ROM_PTR(&port_irq_type) },
    { MP_ROM_QSTR(MP_QSTR_open_tap), MP_ROM_PTR(&port_open_tap_obj) },
    { MP_ROM_QSTR(MP_QSTR_open_udp), MP_ROM_PTR(&port_open_udp_obj) },
    { MP_ROM_QSTR(MP_QSTR_open_unix), MP_ROM_PTR(&port_open_unix_obj) },
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&port_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&port_write_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&port_close_obj) },
};
static MP_DEFINE_CONST_DICT(port_globals, port_globals_table);

const mp_obj_module_t port_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&port_globals,
};
MP_REGISTER_MODULE(MP_QSTR__port, port_module);
