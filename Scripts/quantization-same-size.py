#!/usr/bin/env python3
"""Runs a `pare quantize` that may take no more bytes than another one took.

quantization-same-size.py budget OTHER.json COMMAND...
quantization-same-size.py random OTHER.json SEED BITS.txt COMMAND...

OTHER.json is what the other one wrote by --json. `budget` adds --budget with its bytes. `random`
draws bits for each layer's weights, which fill as many bytes as nearly as they can, and adds
--layer-bits with a file of them.
"""
import os
import pathlib
import random
import sys

from results_tables import read

BITS = range(2, 9)


def drawn(weights, budget, generator):
    """Bits by layer whose codes take at most `budget` bytes, such that one bit more for any does not fit."""
    bits = {layer: generator.choice(BITS) for layer in weights}

    def size():
        return sum((count * bits[layer] + 7) // 8 for layer, count in weights.items())

    while size() > budget:
        bits[generator.choice([layer for layer in bits if bits[layer] > BITS[0]])] -= 1
    open_layers = [layer for layer in bits if bits[layer] < BITS[-1]]
    while open_layers:
        layer = generator.choice(open_layers)
        bits[layer] += 1
        if size() > budget:
            bits[layer] -= 1
            open_layers.remove(layer)
        elif bits[layer] == BITS[-1]:
            open_layers.remove(layer)
    return bits


def main():
    kind, other, *words = sys.argv[1:]
    found = read(pathlib.Path(other))
    if kind == "budget":
        words += ["--budget", str(found["after"]["weightsBytes"])]
    else:
        seed, path, *words = words
        weights = {
            layer["index"]: layer["weights"] for layer in found["layers"] if layer.get("weights")}
        codes = sum((count * found["weightBits"] + 7) // 8 for count in weights.values())
        bits = drawn(weights, codes, random.Random(int(seed)))
        lines = (
            f"{layer} {count} {found['activationBits']}\n" for layer, count in sorted(bits.items()))
        pathlib.Path(path).write_text("# layer weights reads\n" + "".join(lines))
        words += ["--layer-bits", path]
    os.execvp(words[0], words)


main()
