#!/usr/bin/env python3
"""The tables of docs/results/distillation.md, from what Scripts/results-distillation leaves in a folder."""
import collections
import pathlib
import re
import statistics
import sys

from results_tables import interval, read, spread

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


def seeds(folder, network):
    """Each row beside the one without a teacher of the same fold and seed: these pairs hold the chance
    of a training, which an interval over pictures does not."""
    figures = collections.defaultdict(dict)
    for path in folder.glob(f"{network}/fold-*/*/test.json"):
        fold, (row, seed) = path.parts[-3], re.fullmatch(r"(.*?)(-s\d+)?", path.parts[-2]).groups()
        if (measured := read(path)) and measured["map"] is not None:
            figures[row][fold, seed] = measured["map"]
    for base, names in ("alone", r"(?!scarce|dense|sparse)"), ("scarce-alone", "scarce"):
        if base not in figures:
            continue
        print(f"## {network}, pairs of fold and seed beside `{base}`\n")
        print("| row | pairs | mAP@0.5:0.95 | Δ, points | Δ on the folds 2 to 4 |")
        print("|---|---|---|---|---|")
        lines = []
        for row, measured in figures.items():
            pairs = {key: value - figures[base][key] for key, value in measured.items()
                     if key in figures[base]}
            if not re.match(names, row) or not pairs:
                continue
            told = [value for (fold, _), value in pairs.items() if fold in ("fold-2", "fold-3", "fold-4")]
            mean = statistics.mean(measured[key] for key in pairs)
            cells = [f"`{row}`", str(len(pairs)), f"{mean:.4f}"]
            cells += ["–", "–"] if row == base else [spread(list(pairs.values())),
                                                     spread(told) if told else "–"]
            lines.append((-statistics.mean(pairs.values()), cells))
        for _, cells in sorted(lines):
            print("| " + " | ".join(cells) + " |")
        print()


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    folder = pathlib.Path(sys.argv[1])
    networks = {}
    found = [
        (network, setting, compared)
        for setting in SETTINGS
        for path in sorted(folder.glob(f"compare-*-{setting}.json"))
        if (network := path.stem.removeprefix("compare-").removesuffix(f"-{setting}"))
        if (compared := read(path))]
    if not found and not any(folder.glob("*/fold-*")):
        sys.exit(f"{folder}: holds neither compare-*.json nor runs of folds")
    for result in found:
        table(*result)
    for path in sorted(folder.glob("*/fold-*")):
        networks.setdefault(path.parts[-2])
    for network in networks:
        seeds(folder, network)


main()
