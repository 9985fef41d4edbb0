# Frostnet: the emulator as a process
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Run qemu-system-aarch64 and hold its serial port, its monitor and its lifetime.

Serial port and monitor are socket pairs that QEMU inherits: connected before the first byte, no
names in the filesystem, nothing to wait for, nothing to clean up.
"""

import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

from .errors import QemuError

PROGRAM = os.environ.get("QEMU", "qemu-system-aarch64")
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    # A test run that is killed must not leave an emulator behind.
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Monitor:
    """QEMU's machine protocol (QMP) on a connected socket."""

    def __init__(self, sock, timeout=10.0):
        self._sock = sock
        self._sock.settimeout(timeout)
        self._file = sock.makefile("rwb")
        self.events = []
        self._ready = False

    def _read(self):
        line = self._file.readline()
        if not line:
            raise QemuError("QEMU closed its monitor")
        return json.loads(line)

    def _negotiate(self):
        # Late, so that starting QEMU does not wait for its greeting.
        self._ready = True
        self._read()
        self.command("qmp_capabilities")

    def command(self, name, /, **arguments):
        """Send one command; returns its result. Names with '_' in arguments stand for '-'."""
        if not self._ready:
            self._negotiate()
        request = {"execute": name}
        if arguments:
            request["arguments"] = {k.replace("_", "-"): v for k, v in arguments.items()}
        self._file.write(json.dumps(request).encode() + b"\n")
        self._file.flush()
        while True:
            reply = self._read()
            if "event" in reply:
                self.events.append(reply)
            elif "error" in reply:
                raise QemuError("%s: %s" % (name, reply["error"]["desc"]))
            else:
                return reply["return"]

    def human(self, line):
        """Run a command of the human monitor; returns its text."""
        return self.command("human-monitor-command", command_line=line)

    def close(self):
        try:
            self._file.close()
        except OSError:  # a command that QEMU did not take any more
            pass
        self._sock.close()


class Qemu:
    """One emulator: `args` are added to machine, processor and console.

    `serial="socket"` gives `self.serial`, a connected socket; `serial="pty"` gives `self.pty`,
    the name of a terminal for programs such as mpremote. `prefix` is put in front of the command
    (`ip netns exec NAME`), `program` is another QEMU; `fds` are descriptors that it inherits.
    `started` is the monotonic time of the start.
    """

    def __init__(self, args, serial="socket", prefix=(), memory="128M", fds=(), program=None,
                 cpu="cortex-a72", machine="virt"):  # fmt: skip
        self.serial = self.pty = None
        self._output = None
        command = [*prefix, str(program or PROGRAM), "-M", machine, "-m", memory]
        if machine != "none":
            command += ["-cpu", cpu]
        command += ["-nodefaults", "-display", "none", "-no-user-config"]
        mon_ours, mon_theirs = socket.socketpair()
        inherited = [mon_theirs]
        command += ["-chardev", "socket,id=mon0,fd=%d" % mon_theirs.fileno()]
        command += ["-qmp", "chardev:mon0"]
        if serial == "pty":
            command += ["-chardev", "pty,id=con0"]
        else:
            self.serial, theirs = socket.socketpair()
            inherited.append(theirs)
            command += ["-chardev", "socket,id=con0,fd=%d" % theirs.fileno()]
        command += ["-serial", "chardev:con0", *args]
        self.command = command
        self.started = time.monotonic()
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[s.fileno() for s in inherited] + list(fds),
                preexec_fn=_die_with_parent,
            )
        except OSError as e:
            raise QemuError("%s cannot be run: %s" % (command[0], e.strerror)) from None
        finally:
            for sock in inherited:
                sock.close()
        self.monitor = Monitor(mon_ours)
        if serial == "pty":
            self.pty = self._find_pty()

    def _find_pty(self):
        for device in self.monitor.command("query-chardev"):
            if device["label"] == "con0":
                return device["filename"].partition(":")[2]
        raise QemuError("QEMU made no terminal")

    @property
    def pid(self):
        return self.process.pid

    def cpu_seconds(self):
        """Processor time of all threads so far, in seconds."""
        total = 0
        for task in os.listdir("/proc/%d/task" % self.pid):
            with open("/proc/%d/task/%s/schedstat" % (self.pid, task)) as f:
                total += int(f.read().split()[0])
        return total / 1e9

    def forward(self, proto, guest_port, netdev="n0", guest=""):
        """Forward a free port of 127.0.0.1 to the guest, which may be one of several and has the
        address `guest` then; returns the port."""
        before = self.forwards()
        refusal = self.monitor.human(
            "hostfwd_add %s %s:127.0.0.1:0-%s:%d" % (netdev, proto, guest, guest_port)
        )
        if refusal.strip():
            raise QemuError(refusal.strip())
        (new,) = self.forwards() - before
        return new[1]

    def unforward(self, proto, host_port, netdev="n0"):
        self.monitor.human("hostfwd_remove %s %s:127.0.0.1:%d" % (netdev, proto, host_port))

    def forwards(self):
        """{(protocol, port of this machine, port of the guest), …}"""
        text = self.monitor.human("info usernet")
        rows = re.findall(r"(TCP|UDP)\[HOST_FORWARD\]\s+\d+\s+\S+\s+(\d+)\s+\S+\s+(\d+)", text)
        return {(proto.lower(), int(host), int(guest)) for proto, host, guest in rows}

    def capture(self, path, netdev="n0", name="cap0"):
        """Write the frames of `netdev` to a pcap file until `end_capture`."""
        self.monitor.command(
            "object-add", **{"qom-type": "filter-dump"}, id=name, netdev=netdev, file=str(path)
        )

    def end_capture(self, name="cap0"):
        self.monitor.command("object-del", id=name)

    def set_link(self, up, device="net0"):
        """Plug or unplug the network cable."""
        self.monitor.command("set_link", name=device, up=up)

    def alive(self):
        return self.process.poll() is None

    def printed(self):
        """What an ended QEMU said, to be shown; empty while it runs."""
        return "" if self.alive() else self.wait()[1]

    def wait(self, timeout=10.0):
        """Wait for the end; returns (exit status, what QEMU printed)."""
        if self._output is None:
            self._output = self.process.communicate(timeout=timeout)[0]
        return self.process.returncode, self._output.decode(errors="replace")

    def close(self):
        """End the emulator, whatever state it is in."""
        if self.alive():
            self.process.kill()
        try:
            self.wait()
        finally:
            self.monitor.close()
            if self.serial is not None:
                self.serial.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
