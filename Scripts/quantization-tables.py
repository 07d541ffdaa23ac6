#!/usr/bin/env python3
"""The tables of docs/results/quantization.md, from what Scripts/results-quantization leaves in a folder."""
import pathlib
import sys

from results_tables import interval, read


def loss(row):
    """Mean loss of mAP@0.5:0.95 and the upper end of its interval, in points."""
    for entry in row["differences"] or []:
        if entry["metric"] == "map":
            return "{:.2f} | {:.2f}".format(-100 * entry["difference"], -100 * entry["lower"])
    return "– | –"


def table(network, base, folds, compared):
    print(f"## {network}, {base}, {folds.replace('folds', 'folds ')}\n")
    print("| row | pictures | mAP@0.5 | mAP@0.5:0.95 | Δ mAP@0.5, points | Δ mAP@0.5:0.95, points "
          "| mean loss | upper end |")
    print("|---|---|---|---|---|---|---|---|")
    first, *others = compared["rows"]
    for row in [first] + sorted(others, key=lambda row: row["name"]):
        cells = [row["name"].rsplit("/", 1)[-1], str(row["images"]), f"{row['map50']:.4f}",
                 f"{row['map']:.4f}", interval(row, "map50"), interval(row, "map"), loss(row)]
        print("| " + " | ".join(cells) + " |")
    print()


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    prefix = "compare-quantized-"
    found = [
        (*path.stem.removeprefix(prefix).rsplit("-", 2), compared)
        for path in sorted(pathlib.Path(sys.argv[1]).glob(f"{prefix}*.json"))
        if (compared := read(path))]
    if not found:
        sys.exit(f"{sys.argv[1]}: holds no {prefix}*.json")
    for result in found:
        table(*result)


main()
