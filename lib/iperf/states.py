# Frostnet: the states of an iperf3 test, and who says which when
# MIT license; Copyright (c) 2026 The Frostnet authors

# A test is led over the control connection. The client begins with its cookie; from then on
# one side or the other says the next state, one byte, and at two points both send JSON.

from micropython import const

TEST_START = const(1)
TEST_RUNNING = const(2)
TEST_END = const(4)
PARAM_EXCHANGE = const(9)
CREATE_STREAMS = const(10)
SERVER_TERMINATE = const(11)
CLIENT_TERMINATE = const(12)
EXCHANGE_RESULTS = const(13)
DISPLAY_RESULTS = const(14)
IPERF_START = const(15)  # never said: nothing was said yet
IPERF_DONE = const(16)
SERVER_ERROR = const(254)  # two numbers follow, ERROR_SIZE bytes
ACCESS_DENIED = const(255)
RESULTS_READ = const(100)  # never said: a client has the server's results

NAMES = {
    TEST_START: "TEST_START",
    TEST_RUNNING: "TEST_RUNNING",
    TEST_END: "TEST_END",
    PARAM_EXCHANGE: "PARAM_EXCHANGE",
    CREATE_STREAMS: "CREATE_STREAMS",
    SERVER_TERMINATE: "SERVER_TERMINATE",
    CLIENT_TERMINATE: "CLIENT_TERMINATE",
    EXCHANGE_RESULTS: "EXCHANGE_RESULTS",
    DISPLAY_RESULTS: "DISPLAY_RESULTS",
    IPERF_START: "IPERF_START",
    IPERF_DONE: "IPERF_DONE",
    SERVER_ERROR: "SERVER_ERROR",
    ACCESS_DENIED: "ACCESS_DENIED",
    RESULTS_READ: "RESULTS_READ",
}

# What is read in a state: a byte, JSON with its length, the client's cookie, an error's numbers.
BYTE, JSON, COOKIE, ERROR = const(0), const(1), const(2), const(3)

# State: (what the server sends, the state that it leads to). None: it is we who go on.
CLIENT = {
    IPERF_START: (BYTE, PARAM_EXCHANGE),
    PARAM_EXCHANGE: (BYTE, CREATE_STREAMS),
    CREATE_STREAMS: (BYTE, TEST_START),
    TEST_START: (BYTE, TEST_RUNNING),
    TEST_RUNNING: (BYTE, None),
    TEST_END: (BYTE, EXCHANGE_RESULTS),
    EXCHANGE_RESULTS: (JSON, RESULTS_READ),
    RESULTS_READ: (BYTE, DISPLAY_RESULTS),
}

# State: (what the client sends, the state that it leads to).
SERVER = {
    IPERF_START: (COOKIE, PARAM_EXCHANGE),
    PARAM_EXCHANGE: (JSON, CREATE_STREAMS),
    CREATE_STREAMS: (BYTE, None),
    TEST_RUNNING: (BYTE, TEST_END),
    EXCHANGE_RESULTS: (JSON, DISPLAY_RESULTS),
    DISPLAY_RESULTS: (BYTE, IPERF_DONE),
}
