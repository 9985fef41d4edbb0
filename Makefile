# Frostnet: each target is one tool under tools/, which takes $(ARGS) and has --help
# MIT license; Copyright (c) 2026 The Frostnet authors

## Targets (options go into ARGS, for example: make run ARGS=--pty):
##   run            boot the firmware in QEMU, at its prompt; MAIN=program.py runs that instead,
##                  DISK=disk.img is a drive for files that stay
##   repl           mpremote on a board that runs (make run ARGS=--pty)
##   capture        frames of a board that runs: make -s capture | wireshark -k -i -
##   test           run all tests
##   test-upstream  run MicroPython's own tests on the board
##   bench          measure the board: build/bench.json and a table
##   soak           run trials of the stack in the simulator (ARGS="--seeds 100000")
##   throughput     measure TCP under loss, in the simulator: docs/throughput.md
##   firmware       build build/qemu_virt/firmware.elf
##   unix           build build/unix/micropython
##   clean          remove what was built
##   help           show this
## What is missing is installed or named. MICROPY_DIR=/path/to/micropython uses that
## checkout (1.25 or 1.26) instead of Debian's source package. FREEZE=folder puts the
## modules and packages of that folder into what is built.

PYTHON ?= python3
TOOL = @$(PYTHON) tools/

help:
	@sed -n 's/^## \{0,1\}//p' $(firstword $(MAKEFILE_LIST))

run: python
	$(TOOL)$@.py $(if $(MAIN),--main "$(MAIN)") $(if $(DISK),--disk "$(DISK)") $(ARGS)

repl capture test bench: python
	$(TOOL)$@.py $(ARGS)

soak throughput: python
	$(TOOL)build.py unix
	$(TOOL)$@.py $(ARGS)

test-upstream: python
	$(TOOL)test_upstream.py $(ARGS)

unix firmware clean: python
	$(TOOL)build.py $@ $(ARGS)

python:
	@command -v $(PYTHON) > /dev/null || tools/bootstrap.sh

.PHONY: help run repl capture test bench soak throughput test-upstream unix firmware clean python
