# Frostnet: an asyncio event loop in short turns, for functions of services that await something
# MIT license; Copyright (c) 2026 The Frostnet authors

# asyncio has one loop, which belongs to the program: it may run, wait, or never have been started.
# Functions that services call have a loop of their own, whose queues take the place of the
# program's for the length of a turn. So they make progress whatever the program does.

import asyncio.core as core

from micropython import const

from frostnet.timers import Timer
from services import pump

_LOOK = const(5000)  # µs between two looks at streams that tasks wait for


class Loop(pump.Task):
    """`start(coroutine)` runs one as a task."""

    def __init__(self, to_pump):
        self._pump = to_pump
        self._queues = core.TaskQueue(), core.IOQueue()
        self._timer = Timer(self._due)
        self.error = None

    def start(self, coroutine):
        """Run a coroutine as a task from the next turn on, and return the task."""
        self._pump.post(self)
        return self._inside(core.create_task, coroutine)

    def resume(self, task):
        """Have a task that suspended itself run again."""
        self._pump.post(self)
        self._queues[0].push(task)

    def cancel(self, task):
        """Have CancelledError raised in a task that waits."""
        self._pump.post(self)
        self._inside(task.cancel)

    def stop(self):
        """Forget all tasks."""
        self._queues = core.TaskQueue(), core.IOQueue()
        self._pump.rt.stack.timers.cancel(self._timer)

    def run(self):
        """Let each task whose time has come go on until it waits."""
        tasks, streams = self._queues
        if tasks.peek() is None and not streams.map:
            return
        self._inside(_turn)
        task = tasks.peek()
        wait = _LOOK if streams.map else None
        if task is not None:
            due = max(0, core.ticks_diff(task.ph_key, core.ticks())) * 1000
            wait = due if wait is None else min(due, wait)
        if wait == 0:
            self._pump.post(self)
        elif wait is not None:
            rt = self._pump.rt
            rt.lock()
            try:
                rt.stack.timers.set(self._timer, rt.clock() + wait)
            finally:
                rt.unlock()

    def failed(self, error):
        """Something went wrong outside of any task."""
        self.error = error

    # Calls a function with our queues in the place of the program's.
    def _inside(self, function, *args):
        before = core._task_queue, core._io_queue, core.cur_task
        core._task_queue, core._io_queue = self._queues
        try:
            return function(*args)
        finally:
            core._task_queue, core._io_queue, core.cur_task = before

    def _due(self, now):
        self._pump.post(self)


def _turn():
    core.run_until_complete(core.create_task(_nothing()))


# Runs after all whose time has come.
async def _nothing():
    pass
