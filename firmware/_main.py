# Frostnet: runs after boot.py, and before main.py
# MIT license; Copyright (c) 2026 The Frostnet authors

# Its globals are the prompt's, and those of the program.

import program

program.run(globals())
del program
