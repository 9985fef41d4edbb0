# Frostnet: run the test functions of one file in MicroPython, for tests/conftest.py
# MIT license; Copyright (c) 2026 The Frostnet authors

# Arguments: a word that marks the lines of this script in the output, the file, and the
# functions to run (all if none are given). Lines: "<word> import", "<word> run NAME", and
# after each "<word> ok", "<word> skip REASON" or "<word> fail".

import gc
import sys


def run(mark, fn, *args):
    try:
        value = fn(*args)
    except SystemExit as e:
        reason = str(e)
        if not reason.startswith("SKIP"):
            print(mark, "fail")
            raise
        print(mark, "skip", reason[4:].lstrip(": "))
        return None
    except BaseException as e:
        # The process goes on: one failure says nothing about the other functions.
        sys.print_exception(e)
        print(mark, "fail")
        return None
    print(mark, "ok")
    return value


def main(mark, path, *names):
    folder, _, name = path.rpartition("/")
    sys.path.insert(0, folder)
    print(mark, "import")
    module = run(mark, __import__, name[: -len(".py")])
    if module is None:
        return
    for name in names:
        gc.collect()
        print(mark, "run", name)
        run(mark, getattr(module, name))


main(*sys.argv[1:])
