# Frostnet: every target is one tool under tools/ (each has --help)
# MIT license; Copyright (c) 2026 The Frostnet authors

PYTHON ?= python3

help:
	@$(PYTHON) tools/help.py

unix firmware clean:
	@$(PYTHON) tools/build.py $@

.PHONY: help unix firmware clean
