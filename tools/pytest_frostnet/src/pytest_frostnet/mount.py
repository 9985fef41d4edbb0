# Frostnet: a folder of the host, mounted on the board
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The host's end of a mounted folder, in mpremote's protocol and with its code.

mpremote answers while it waits for the board. Here the thread that collects the board's output
answers: files are there whatever the test waits for.
"""

from mpremote.transport_serial import PyboardCommand, fs_hook_code

PLACE = "/remote"  # as in fs_hook_code
MOUNT = fs_hook_code + "\n__mount()\n"
UMOUNT = "import os\nos.chdir('/')\nos.umount(%r)\n" % PLACE

_REQUEST = b"\x18"


class Files:
    """Serves the files of `folder` to the board at the other end of `sock`."""

    def __init__(self, sock, folder, unsafe_links=False):
        self._sock = sock
        self._rest = b""
        self._answer = bytearray()
        self._command = PyboardCommand(self, self, str(folder), unsafe_links=unsafe_links)

    def serve(self, data):
        """Answer the requests in `data`, and in what follows of them; returns what else it has."""
        output = bytearray()
        self._rest = data
        while self._rest:
            before, request, self._rest = self._rest.partition(_REQUEST)
            output += before
            if request:
                number = self.read(1)[0]
                do = PyboardCommand.cmd_table.get(number)
                if do is None:  # the program printed it
                    output += bytes((request[0], number))
                    continue
                self._sock.sendall(_REQUEST)  # go on
                self._answer.clear()
                do(self._command)
                self._sock.sendall(self._answer)
        return bytes(output)

    # PyboardCommand reads requests and writes answers.

    def read(self, size):
        while len(self._rest) < size:
            more = self._sock.recv(65536)
            if not more:
                raise ConnectionError("the board ended within a request")
            self._rest += more
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def write(self, data):
        self._answer += data
