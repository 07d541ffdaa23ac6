"""What the tables of docs/results have in common."""
import json
import statistics


def read(path):
    return json.loads(path.read_text()) if path.is_file() else None


def mean(values, digits=4):
    return f"{statistics.mean(values):.{digits}f}" if values else "–"


def interval(row, metric):
    """The difference to the first row in points, with its interval."""
    for entry in row["differences"] or []:
        if entry["metric"] == metric:
            figures = (100 * entry[key] for key in ("difference", "lower", "upper"))
            return "{:+.2f} ({:+.2f} to {:+.2f})".format(*figures)
    return "–"


def spread(values):
    """The mean of differences in points, with its 95 % interval by Student's t (its quantile by the
    expansion of Abramowitz and Stegun, 26.7.5)."""
    center, count = 100 * statistics.mean(values), len(values)
    if count < 2:
        return f"{center:+.2f}"
    z, v = statistics.NormalDist().inv_cdf(0.975), count - 1
    t = (z + (z**3 + z) / (4 * v) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
         + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3))
    half = 100 * t * statistics.stdev(values) / count**0.5
    return f"{center:+.2f} ({center - half:+.2f} to {center + half:+.2f})"
