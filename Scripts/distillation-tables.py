#!/usr/bin/env python3
"""The tables of docs/results/distillation.md, from what Scripts/results-distillation leaves in a folder."""
import pathlib
import sys

from results_tables import interval, read

SETTINGS = {"all-labels": "all labels", "scarce": "a quarter of the labels"}


def table(network, setting, compared):
    print(f"## {network}, {SETTINGS[setting]}\n")
    print("| row | pictures | mAP@0.5 | mAP@0.5:0.95 | Δ mAP@0.5, points | Δ mAP@0.5:0.95, points |")
    print("|---|---|---|---|---|---|")
    first, *others = compared["rows"]
    for row in [first] + sorted(others, key=lambda row: -row["map"]):
        cells = [row["name"].rsplit("/", 1)[-1], str(row["images"]), f"{row['map50']:.4f}",
                 f"{row['map']:.4f}", interval(row, "map50"), interval(row, "map")]
        print("| " + " | ".join(cells) + " |")
    print()


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    folder = pathlib.Path(sys.argv[1])
    found = [
        (network, setting, compared)
        for setting in SETTINGS
        for path in sorted(folder.glob(f"compare-*-{setting}.json"))
        if (network := path.stem.removeprefix("compare-").removesuffix(f"-{setting}"))
        if (compared := read(path))]
    if not found:
        sys.exit(f"{folder}: holds no compare-*.json")
    for result in found:
        table(*result)


main()
