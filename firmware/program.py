# Frostnet: the program on QEMU's command line, with whose exit status QEMU ends
# MIT license; Copyright (c) 2026 The Frostnet authors

# -fw_cfg name=opt/frostnet/main,file=program.py; see docs/settings.md.

import io
import os
import sys

import _port
import netup
import settings
from frostnet import runtime
from frostnet.wire import addr
from micropython import const

_NETWORK_TIME = const(15000000)  # µs that the program waits for the network
_LINGER = const(10000000)  # µs that what it sent has to be delivered
_OURS = '  File "program.py", '
_FAILED = const(1)
_INTERRUPTED = const(130)  # as shells count a program that Ctrl-C ended


def run(names):
    """Run the program, if one is given, with `names` as its globals, and end QEMU.

    If QEMU cannot end with the status, SystemExit is raised instead, for the prompt to follow.
    """
    try:
        source = settings.program()
        if source is None:
            return
        wait_for_network()
        status = execute(source, names)
    except KeyboardInterrupt:
        status = _INTERRUPTED
    except (ValueError, MemoryError) as e:
        print("main: the program %s" % (e if isinstance(e, ValueError) else "needs more memory"))
        status = _FAILED
    if status and not _port.semihosting():
        # Powering off would end QEMU with 0, which whoever reads it takes for success.
        print(
            "main: ended with status %d; start QEMU with -semihosting, and it ends with that too"
            % status
        )
        raise SystemExit
    try:
        finish()
        netup.stop()
        os.sync()
    except BaseException as e:
        sys.print_exception(e)  # whatever state the program left things in, QEMU ends
    _port.exit(status)


def wait_for_network():
    """Return when an interface has an address, or when it is clear that none will."""
    rt = runtime.current()
    until = rt.clock() + _NETWORK_TIME
    rt.lock()
    try:
        while rt.clock() < until:
            ifaces = [iface for iface in rt.stack.ifaces if iface.up and iface.carrier]
            if any(iface.addr and not addr.is_link_local(iface.addr) for iface in ifaces):
                return
            if not any(rt.dhcp[iface].state for iface in ifaces):
                return
            rt.wait(until)
    finally:
        rt.unlock()
    print("main: no DHCP server answers; the program begins without an address")


def execute(source, names):
    """Run the source of a program; its exit status, after CPython's rules."""
    try:
        exec(compile(source, "main.py", "exec"), names)
    except SystemExit as e:
        return _status(e.args[0] if e.args else None)
    except KeyboardInterrupt as e:
        _show(e)
        return _INTERRUPTED
    except BaseException as e:
        _show(e)
        return _FAILED
    return 0


# The traceback as the program would have it by itself: without the line about execute().
def _show(e):
    try:
        text = io.StringIO()
        sys.print_exception(e, text)
        lines = text.getvalue().split("\n")
        print("\n".join([s for s in lines if not s.startswith(_OURS)]), end="")
    except MemoryError:
        sys.print_exception(e)


def _status(value):
    if value is None:
        return 0
    if isinstance(value, int):
        return value & 255
    print(value)
    return _FAILED


def finish():
    """Close all connections, and wait until what the program sent has left and arrived."""
    try:
        rt = runtime.current()
    except OSError:
        return  # the program stopped the network
    rt.lock()
    try:
        for c in list(rt.stack.tcp.connections()):
            c.close()
        until = rt.clock() + _LINGER
        while rt.clock() < until and _sending(rt.stack):
            rt.wait(until)
    finally:
        rt.unlock()


def _sending(stack):
    return any(c.unfinished() for c in stack.tcp.connections()) or any(
        iface.arp.waiting() for iface in stack.ifaces
    )
