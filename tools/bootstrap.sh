#!/bin/sh
# Frostnet: Python itself, for a machine without it; everything else is tools/setup.py
# MIT license; Copyright (c) 2026 The Frostnet authors

if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "frostnet: Python is missing: run apt-get install python3 python3-venv" >&2
    exit 1
fi
echo "frostnet: installing python3" >&2
apt-get install -q -y --no-install-recommends python3 python3-venv ||
    { apt-get update -q && apt-get install -q -y --no-install-recommends python3 python3-venv; }
