#!/usr/bin/env python3
"""The tables of docs/results/tuning.md, from what Scripts/results-tuning leaves in a folder."""
import pathlib
import sys

from results_tables import mean, read


def figures(results):
    """Means over the folds, and the least mAP@0.5 of one."""
    if not results:
        return ["–"] * 3
    return [mean([row["map50"] for row in results]), mean([row["map"] for row in results]),
            f"{min(row['map50'] for row in results):.3f}"]


def row(name, best, last):
    print("| " + " | ".join([name, str(len(best)), *figures(best), *figures(last)]) + " |")


def of(folds, path):
    return [result for fold in folds if (result := read(fold / path))]


def table(folder):
    folds = sorted(folder.glob("fold-*"))
    print(f"## {folder.name}\n")
    print("| row | folds | best: mAP@0.5 | mAP@0.5:0.95 | least | last: mAP@0.5 | mAP@0.5:0.95 | least |")
    print("|---|---|---|---|---|---|---|---|")
    for name in ("dense", "sparse"):
        row(name, of(folds, f"{name}/best.json"), of(folds, f"{name}/last.json"))
    for size in sorted({path.parent.name for path in folder.glob("fold-*/*/pruned.json")}, key=int):
        pruned = [result["after"] for result in of(folds, f"{size}/pruned.json")]
        row(f"{size} % left, not trained", pruned, pruned)
        for way in sorted({path.parent.name for path in folder.glob(f"fold-*/{size}/step-*/best.json")}):
            row(f"{size} % left, {way}", of(folds, f"{size}/{way}/best.json"),
                of(folds, f"{size}/{way}/last.json"))
    print()


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    folders = [path for name in ("bccd", "second")
               if any((path := pathlib.Path(sys.argv[1]) / name).glob("fold-*/dense/best.json"))]
    if not folders:
        sys.exit(f"{sys.argv[1]}: holds no results of Scripts/results-tuning")
    for folder in folders:
        table(folder)


main()
