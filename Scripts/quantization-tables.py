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


def table(network, base, folds, rows):
    """Rows, and the one that they are beside."""
    print(f"## {network}, beside {base}, folds {' '.join(folds)}\n")
    print("| row | pictures | mAP@0.5 | mAP@0.5:0.95 | Δ mAP@0.5, points | Δ mAP@0.5:0.95, points "
          "| mean loss | upper end |")
    print("|---|---|---|---|---|---|---|---|")
    first = next(iter(rows.values()))[0]
    for name, row in [(base, first)] + [(name, pair[1]) for name, pair in sorted(rows.items())]:
        cells = [name, str(row["images"]), f"{row['map50']:.4f}", f"{row['map']:.4f}",
                 interval(row, "map50"), interval(row, "map"), loss(row)]
        print("| " + " | ".join(cells) + " |")
    print()


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    groups = {}
    for path in sorted(pathlib.Path(sys.argv[1]).glob("compared/*/*/*/*.json")):
        place = tuple(path.parts[-4:-1])
        groups.setdefault(place, {})[path.stem] = read(path)["rows"]
    if not groups:
        sys.exit(f"{sys.argv[1]}: holds no compared/*/*/*/*.json")
    for place, rows in groups.items():
        table(*place, rows)


main()
