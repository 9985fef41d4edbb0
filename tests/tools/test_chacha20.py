# Frostnet: the block function of the board's random generator, compiled for this machine
# MIT license; Copyright (c) 2026 The Frostnet authors

import subprocess

import pytest

from common import ROOT

_MAIN = """
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define KEY_SIZE 32
#define BLOCK_SIZE 64
%s
int main(int argc, char **argv) {
    uint32_t key[8] = { 0 }, block[16];
    ((uint8_t *)key)[31] = strtoul(argv[2], NULL, 0);
    chacha20_block(key, strtoul(argv[1], NULL, 0), block);
    fwrite(block, 1, sizeof(block), stdout);
    return argc - 3;
}
"""


# RFC 8439 §A.1, test vectors 1 to 3: counter, last byte of the key, keystream. (The other two have
# a nonce, which the generator does without.)
@pytest.mark.parametrize(
    "counter, last, keystream",
    [
        (
            0,
            0,
            "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
            "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586",
        ),
        (
            1,
            0,
            "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
            "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f",
        ),
        (
            1,
            1,
            "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
            "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0",
        ),
    ],
)
def test_block_function(tmp_path, counter, last, keystream):
    text = (ROOT / "ports" / "qemu_virt" / "random.c").read_text()
    start = text.index("static inline uint32_t rotl")
    functions = text[start : text.index("static uint64_t counter", start)]
    source = tmp_path / "block.c"
    source.write_text(_MAIN % functions)
    program = tmp_path / "block"
    subprocess.run(["cc", "-O2", "-Wall", "-Werror", source, "-o", program], check=True)
    done = subprocess.run([program, str(counter), str(last)], capture_output=True, check=True)
    assert done.stdout.hex() == keystream
