"""The losses of training_step.py in NumPy and float64 (docs/formulas.md 5.1 to 5.4)."""
import math

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def bce(logits, aim):
    return np.maximum(logits, 0) - logits * aim + np.log1p(np.exp(-np.abs(logits)))


def overlap(a, b, kind, weight=None):
    """GIoU or CIoU of boxes (x, y, w, h); CIoU's weight is a constant, given back to be held."""
    shared = 1.0
    hull = []
    for i in (0, 1):
        low = max(a[i] - a[i + 2] / 2, b[i] - b[i + 2] / 2)
        high = min(a[i] + a[i + 2] / 2, b[i] + b[i + 2] / 2)
        shared *= max(high - low, 0)
        hull.append(max(a[i] + a[i + 2] / 2, b[i] + b[i + 2] / 2)
                    - min(a[i] - a[i + 2] / 2, b[i] - b[i + 2] / 2))
    union = a[2] * a[3] + b[2] * b[3] - shared + 1e-9
    iou = shared / union
    if kind == "iou":
        return iou, None
    if kind == "giou":
        area = hull[0] * hull[1] + 1e-9
        return iou - (area - union) / area, None
    distance = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
    diagonal = hull[0] ** 2 + hull[1] ** 2 + 1e-9
    aspect = 4 / math.pi**2 * (math.atan(b[2] / (b[3] + 1e-9)) - math.atan(a[2] / (a[3] + 1e-9))) ** 2
    if weight is None:
        weight = aspect / (1 - iou + aspect + 1e-9)
    return iou - distance / diagonal - weight * aspect, weight


def shape_overlap(w, h, aw, ah):
    shared = min(w, aw) * min(h, ah)
    return shared / (w * h + aw * ah - shared)


def matches(targets, anchors, grid, nearest):
    """(picture, anchor, row, column, box in cells, class) of every pair that has to match."""
    height, width = grid
    found = []
    for picture, label, cx, cy, w, h in targets:
        x, y, w, h = cx * width, cy * height, w * width, h * height
        column, row = min(int(x), width - 1), min(int(y), height - 1)
        overlaps = [shape_overlap(w, h, *anchor) for anchor in anchors]
        chosen = [int(np.argmax(overlaps))] if nearest else [
            i for i, value in enumerate(overlaps) if value > 0.2]
        for anchor in chosen:
            found.append((picture, anchor, row, column, (x - column, y - row, w, h), label))
    return found


def yolo_loss(raw, key, size, targets, kind, ramp, held):
    """Box, objectness and class terms; `held` keeps the constants of the unmoved network."""
    classes = int(key["classes"])
    pairs = np.array([float(v) for v in key["anchors"].split(",")]).reshape(-1, 2)
    mask = [int(v) for v in key["mask"].split(",")]
    n, _, height, width = raw.shape
    stride = np.array([size[0] / width, size[1] / height])
    anchors = [pairs[i] / stride for i in mask]
    cells = raw.reshape(n, len(mask), 5 + classes, height, width)
    scale = float(key.get("scale_x_y", 1))
    smoothing = float(key.get("label_smooth_eps", 0))
    found = matches(targets, anchors, (height, width), nearest=False)
    aim = np.zeros((n, len(mask), height, width))
    boxes, labels, weights = [], [], held.get("weights", [])
    for number, (picture, anchor, row, column, truth, label) in enumerate(found):
        value = cells[picture, anchor, :, row, column]
        center = sigmoid(value[:2]) * scale - (scale - 1) / 2
        extent = np.minimum(np.exp(value[2:4]), 1000) * anchors[anchor]
        fixed = weights[number] if number < len(held.get("weights", [])) else None
        measure, weight = overlap([*center, *extent], truth, kind, fixed)
        if "aim" not in held:
            weights = weights + [weight]
            place = (picture, anchor, row, column)
            aim[place] = max(aim[place], (1 - ramp) + ramp * max(measure, 0))
        boxes.append(1 - measure)
        wanted = np.full(classes, smoothing / 2)
        wanted[label] = 1 - smoothing / 2
        labels.append(bce(value[5:], wanted))
    if "aim" not in held:
        held["aim"], held["weights"] = aim, weights
    objectness = 64.3 * bce(cells[:, :, 4], held["aim"]).mean()
    box = 3.54 * np.mean(boxes) if boxes else 0.0
    kinds = 37.4 * classes / 80 * np.mean(labels) if labels and classes > 1 else 0.0
    return np.array([box, objectness, kinds])


def region_loss(raw, key, size, targets, held):
    classes = int(key["classes"])
    anchors = np.array([float(v) for v in key["anchors"].split(",")]).reshape(-1, 2)
    n, _, height, width = raw.shape
    cells = raw.reshape(n, len(anchors), 5 + classes, height, width)
    found = matches(targets, anchors, (height, width), nearest=True)
    objectness = sigmoid(cells[:, :, 4])
    if "covers" not in held:
        covers = np.zeros(objectness.shape, dtype=bool)
        for place in np.ndindex(*objectness.shape):
            picture, anchor, row, column = place
            value = cells[picture, anchor, :, row, column]
            mine = [sigmoid(value[0]) + column, sigmoid(value[1]) + row,
                    math.exp(value[2]) * anchors[anchor][0], math.exp(value[3]) * anchors[anchor][1]]
            for p, _, cx, cy, w, h in targets:
                if p == picture:
                    other = [cx * width, cy * height, w * width, h * height]
                    covers[place] |= overlap(mine, other, "iou")[0] > float(key["thresh"])
        wanted, scale = np.zeros(objectness.shape), np.where(covers, 0, float(key["noobject_scale"]))
        for picture, anchor, row, column, truth, _ in found:
            value = cells[picture, anchor, :, row, column]
            mine = [*sigmoid(value[:2]), *(np.exp(value[2:4]) * anchors[anchor])]
            place = (picture, anchor, row, column)
            wanted[place] = max(wanted[place], overlap(mine, truth, "iou")[0])
            scale[place] = float(key["object_scale"])
        held.update(covers=covers, wanted=wanted, scale=scale)
    box = kinds = 0.0
    for picture, anchor, row, column, truth, label in found:
        value = cells[picture, anchor, :, row, column]
        weight = 2 - truth[2] * truth[3] / (width * height)
        errors = np.concatenate(
            [sigmoid(value[:2]) - truth[:2], value[2:4] - np.log(truth[2:] / anchors[anchor])])
        box += float(key["coord_scale"]) * weight * (errors**2).sum() / 2 / n
        scores = value[5:] - value[5:].max()
        kinds += float(key["class_scale"]) * (np.log(np.exp(scores).sum()) - scores[label]) / n
    term = ((held["wanted"] - objectness) ** 2 * held["scale"]).sum() / 2 / n
    return np.array([box, term, kinds])
