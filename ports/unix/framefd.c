// Frostnet: file descriptors that carry frames: TAP interfaces, UDP and UNIX datagrams
// MIT license; Copyright (c) 2026 The Frostnet authors

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/if.h>
#include <linux/if_tun.h>

#include "framefd.h"
#include "py/mpstate.h"
#include "py/runtime.h"

line_t lines[MAX_LINES];

line_t *line_find(int fd) {
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
MP_DEFINE_CONST_FUN_OBJ_1(port_open_tap_obj, port_open_tap);

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
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(port_open_udp_obj, 4, 4, port_open_udp);

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
MP_DEFINE_CONST_FUN_OBJ_2(port_open_unix_obj, port_open_unix);

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
MP_DEFINE_CONST_FUN_OBJ_2(port_read_obj, port_read);

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
MP_DEFINE_CONST_FUN_OBJ_3(port_write_obj, port_write);

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
MP_DEFINE_CONST_FUN_OBJ_1(port_close_obj, port_close);
