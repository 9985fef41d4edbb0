# Frostnet: the board's prompt
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The prompt on a guest's serial line. mpremote's own raw REPL code drives it."""

from mpremote.transport_serial import SerialTransport

from . import mount
from .errors import ConsoleTimeout, ExecError, TransportError
from .serial import SocketSerial

CTRL_C = b"\x03"
CTRL_D = b"\x04"


class Console(SerialTransport):
    """mpremote's transport over the guest's serial socket, plus the friendly prompt."""

    def __init__(self, sock):
        # SerialTransport's constructor opens a device by name; there is none here.
        self._sock = sock
        self.serial = SocketSerial(sock)
        self.device_name = "qemu"
        self.in_raw_repl = False
        self.use_raw_paste = True
        self.mounted = False
        self._begin = 0  # of the output of what runs

    def close(self):
        self.serial.close()

    def read_until(
        self, min_num_bytes, ending, timeout=10, data_consumer=None, timeout_overall=None
    ):
        # mpremote's polls for every byte.
        data = self.serial.read_until(ending, timeout, timeout_overall)
        if data_consumer:
            data_consumer(data)
        return data

    def raw(self, soft_reset=False):
        """Be in the raw REPL."""
        if soft_reset or not self.in_raw_repl:
            self.enter_raw_repl(soft_reset=soft_reset)

    def friendly(self):
        """Be at the friendly prompt, with nothing running."""
        start = self.serial.mark()
        if self.in_raw_repl:
            # In this order: Ctrl-C takes with it what was typed before.
            self.serial.write(CTRL_C)
            self.exit_raw_repl()
        else:
            self.serial.write(b"\r" + CTRL_C)
        self.serial.expect(b"\r\n>>> ", 10, start)
        # Of the two prompts that '\r' and Ctrl-C may give, wait for the last.
        mark = self.serial.mark()
        self.serial.write(b"0xfacade\r")
        self.serial.expect(b"16435934\r\n>>> ", 10, mark)

    def recover(self):
        """After a test: nothing runs, and the prompt answers."""
        self.friendly()

    def type(self, line, timeout=10.0):
        """Type a line at the friendly prompt; returns what was printed up to the next prompt."""
        start = self.serial.mark()
        self.serial.write(line.encode() + b"\r")
        echoed = self.serial.expect(b"\n", timeout, start)
        end = self.serial.expect(b"\r\n>>> ", timeout, echoed - 2)
        text = self.serial.data(echoed, max(echoed, end - 6))
        return text.decode(errors="replace").replace("\r\n", "\n")

    def run(self, code, timeout=30.0):
        """Run code in the raw REPL; returns its output as text, raises ExecError."""
        self.start(code)
        return self.finish(timeout)

    def start(self, code):
        """Start code in the raw REPL and return at once; see `finish` and `interrupt`."""
        self.raw()
        self._begin = self.serial.mark()
        self.exec_raw_no_follow(code)

    def finish(self, timeout=30.0):
        """The output of what `start` or `run` began, when it has ended. ConsoleTimeout when it
        has not, and nothing was printed for `timeout` seconds."""
        out, err = self._follow(timeout)
        if err:
            raise ExecError(out, err.decode(errors="replace"))
        return out.decode(errors="replace").replace("\r\n", "\n")

    def interrupt(self, timeout=5.0):
        """Ctrl-C for what `start` began; returns the traceback."""
        self.serial.write(CTRL_C)
        _, err = self._follow(timeout)
        return err.decode(errors="replace")

    def _follow(self, timeout):
        # Its output, then its traceback.
        parts = []
        for _ in range(2):
            part = self.serial.read_until(CTRL_D, timeout)
            if not part.endswith(CTRL_D):
                what = "the code did not end"
                if not self.serial.ended:
                    what += ", and printed nothing for %g s" % timeout
                raise self.serial.missing(what, self._begin)
            parts.append(part[:-1])
        return parts

    def mount_local(self, path, unsafe_links=False):
        """Mount a folder of the host at /remote, and go there."""
        self.umount_local()
        self.run(mount.MOUNT)
        self.serial.files = mount.Files(self._sock, path, unsafe_links)
        self.mounted = True

    def umount_local(self):
        if self.mounted:
            self.run(mount.UMOUNT)
            self.forget_mount()

    def forget_mount(self):
        """The board was reset."""
        self.mounted = False
        self.serial.files = None


__all__ = ["CTRL_C", "CTRL_D", "Console", "ConsoleTimeout", "ExecError", "SocketSerial"]
__all__ += ["TransportError"]
