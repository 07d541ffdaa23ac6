#!/usr/bin/env python3
"""The tables of docs/results/pruning.md, from what Scripts/results-pruning leaves in a folder."""
import pathlib
import statistics
import sys

from results_tables import interval, mean, read

NETWORKS = ("yolov4-tiny", "yolov3", "yolov4")


def spread(values, scale, digits):
    """A figure, or its range where the folds differ."""
    low, high = (f"{bound / scale:.{digits}f}" for bound in (min(values), max(values)))
    return low if low == high else f"{low}–{high}"


def profile(folder, name):
    """Parameters, MACs and milliseconds, median of the rounds, of a row's network in the first fold."""
    rounds = [read(path) for path in folder.glob(f"latency/*/{name}.json")]
    if not rounds:
        return {}
    return rounds[0] | {"milliseconds": statistics.median(r["milliseconds"] for r in rounds)}


def network_table(folder, network):
    compared = read(folder / f"compare-{network}.json")
    if not compared:
        return
    print(f"## {network}\n")
    print("| row | parameters, M | gone | MACs, G | ms | time ratio | √ MACs ratio "
          "| mAP@0.5 after pruning | fine-tuned | Δ mAP@0.5, points | Δ mAP@0.5:0.95, points |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    whole = profile(folder, f"{network}-dense")
    for row in compared["rows"]:
        name = row["name"].rsplit("/", 1)[-1]
        pruned = [
            result for path in sorted(folder.glob(f"{network}/fold-*/{name}/pruned.json"))
            if (result := read(path))]
        own = profile(folder, f"{network}-{name}")
        parameters = [result["after"]["parameters"] for result in pruned]
        macs = [result["after"]["macs"] for result in pruned]
        if not pruned and own:
            parameters, macs = [own["parameters"]], [own["macs"]]
        cells = [name, spread(parameters, 1e6, 2) if parameters else "–", "–",
                 spread(macs, 1e9, 2) if macs else "–", "–", "–", "–"]
        if parameters and whole:
            gone = 100 * (1 - statistics.mean(parameters) / whole["parameters"])
            cells[2] = f"{gone:.1f} %"
        if own.get("milliseconds") and whole.get("milliseconds"):
            cells[4] = f"{own['milliseconds']:.1f}"
            cells[5] = f"{own['milliseconds'] / whole['milliseconds']:.2f}"
            cells[6] = f"{(own['macs'] / whole['macs']) ** 0.5:.2f}"
        cells.append(mean([result["after"]["map50"] for result in pruned]))
        cells.append(f"{row['map50']:.4f}")
        cells += [interval(row, "map50"), interval(row, "map")]
        print("| " + " | ".join(cells) + " |")
    print()


def sparsity_rows(folder, paths):
    """Lines of shares: mAP before and after pruning, and quantiles of |γ|."""
    for kind in ("dense", "sparse"):
        for percent in (50, 70, 85):
            results = [result for path in paths(kind, percent) if (result := read(path))]
            if not results:
                continue
            before = statistics.mean(result["before"]["map50"] for result in results)
            after = statistics.mean(result["after"]["map50"] for result in results)
            quantiles = " ".join(
                f"{entry['share']:.0%}: {entry['scale']:.3f}"
                for entry in results[0].get("scaleQuantiles", []))
            print(f"| {kind} | {percent} % | {before:.4f} | {after:.4f} "
                  f"| {100 * (after - before):+.1f} | {quantiles} |")


def sparsity_table(folder):
    head = ("| network | channels pruned | mAP@0.5 before | after, not tuned | lost, points "
            "| quantiles of \\|γ\\| |\n|---|---|---|---|---|---|")
    if (folder / "synthetic").is_dir():
        print(f"## What sparsity buys: 20 classes of drawn shapes\n\n{head}")
        sparsity_rows(folder, lambda kind, percent: [folder / f"synthetic/{kind}-{percent}.json"])
        print()
    if (folder / "yolov4-tiny").is_dir():
        print(f"## What sparsity buys: bccd, mean of the folds\n\n{head}")
        names = {"dense": "dense-channels", "sparse": "normal-channels"}
        sparsity_rows(folder, lambda kind, percent: sorted(
            folder.glob(f"yolov4-tiny/fold-*/{names[kind]}-{percent}/pruned.json")))
        print()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__ + "\nusage: pruning-tables.py FOLDER")
    root = pathlib.Path(sys.argv[1])
    sparsity_table(root)
    for name in NETWORKS:
        network_table(root, name)
