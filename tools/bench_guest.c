// Frostnet: the programs of the Linux guest with which `make bench` compares
// MIT license; Copyright (c) 2026 The Frostnet authors
//
// usage: guest serve            UDP and TCP echo on port 7, greeting on port 13, in the background
//        guest recv HOST PORT [-o]  read to the end, answer the count (8 bytes); -o copies to stdout
//        guest send HOST PORT N     send N bytes of the block on stdin, repeated
#include <arpa/inet.h>
#include <endian.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK (16381)
#define GREETING "Hello from the bench peer\n" // 26 bytes

static char buf[65536];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int open_socket(int type, int port) {
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
    int one = 1, s = socket(AF_INET, type, 0);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (s < 0 || bind(s, (struct sockaddr *)&a, sizeof(a)) < 0) {
        die("bind");
    }
    if (type == SOCK_STREAM && listen(s, 64) < 0) {
        die("listen");
    }
    return s;
}

static int connect_to(const char *host, const char *port) {
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
    int s = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, host, &a.sin_addr);
    if (s < 0 || connect(s, (struct sockaddr *)&a, sizeof(a)) < 0) {
        die("connect");
    }
    return s;
}

static void write_all(int fd, const char *data, size_t n) {
    while (n) {
        ssize_t k = write(fd, data, n);
        if (k <= 0) {
            die("write");
        }
        data += k;
        n -= k;
    }
}

static void udp_echo(int s) {
    for (;;) {
        struct sockaddr_in a;
        socklen_t len = sizeof(a);
        ssize_t n = recvfrom(s, buf, sizeof(buf), 0, (struct sockaddr *)&a, &len);
        if (n >= 0) {
            sendto(s, buf, n, 0, (struct sockaddr *)&a, len);
        }
    }
}

static void tcp_echo(int listener) {
    for (;;) {
        int one = 1, s = accept(listener, NULL, NULL);
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        ssize_t n;
        while ((n = read(s, buf, sizeof(buf))) > 0) {
            write_all(s, buf, n);
        }
        close(s);
    }
}

static void greet(int listener) {
    for (;;) {
        int s = accept(listener, NULL, NULL);
        if (s >= 0) {
            write_all(s, GREETING, sizeof(GREETING) - 1);
            close(s);
        }
    }
}

static void serve(void) {
    struct { void (*run)(int); int fd; } servers[] = {
        { udp_echo, open_socket(SOCK_DGRAM, 7) },
        { tcp_echo, open_socket(SOCK_STREAM, 7) },
        { greet, open_socket(SOCK_STREAM, 13) },
    };
    for (int i = 0; i < 3; ++i) {
        if (fork() == 0) {
            signal(SIGPIPE, SIG_IGN);
            servers[i].run(servers[i].fd);
        }
    }
}

static void receive(const char *host, const char *port, int out) {
    int s = connect_to(host, port);
    uint64_t count = 0;
    ssize_t n;
    while ((n = read(s, buf, sizeof(buf))) > 0) {
        count += n;
        if (out) {
            write_all(1, buf, n);
        }
    }
    count = htobe64(count);
    write_all(s, (char *)&count, 8);
    close(s);
}

static void send_pattern(const char *host, const char *port, size_t size) {
    static char block[BLOCK];
    for (size_t have = 0; have < BLOCK;) {
        ssize_t n = read(0, block + have, BLOCK - have);
        if (n <= 0) {
            die("read");
        }
        have += n;
    }
    int s = connect_to(host, port);
    while (size) {
        size_t n = size < BLOCK ? size : BLOCK;
        write_all(s, block, n);
        size -= n;
    }
    shutdown(s, SHUT_WR);
    while (read(s, buf, sizeof(buf)) > 0) {
    }
    close(s);
}

int main(int argc, char **argv) {
    const char *verb = argc > 1 ? argv[1] : "";
    if (!strcmp(verb, "serve")) {
        serve();
    } else if (!strcmp(verb, "recv") && argc >= 4) {
        receive(argv[2], argv[3], argc > 4);
    } else if (!strcmp(verb, "send") && argc == 5) {
        send_pattern(argv[2], argv[3], strtoul(argv[4], NULL, 10));
    } else {
        fprintf(stderr, "usage: guest serve | recv HOST PORT [-o] | send HOST PORT N\n");
        return 2;
    }
    return 0;
}
