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
