#!/usr/bin/env python3
"""Writes the stored results that Tests/BoxesTests compares COCO's average precision with.

    python3 -m venv /tmp/coco && /tmp/coco/bin/pip install pycocotools==2.0.11 numpy==2.4.6
    /tmp/coco/bin/python Scripts/make-coco-cases.py > Tests/BoxesTests/Resources/coco-cases.json

Only needed to add cases: the tests read the stored file. Coordinates are multiples of 0.5, so that
single precision holds them exactly.
"""

import contextlib
import io
import json
import random
from importlib.metadata import version

import numpy
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

SEED = 20


def evaluate(class_count, images):
    """pycocotools' figures for pictures of (ground truths, detections)."""
    truths, found = [], []
    for image, (gts, dts) in enumerate(images, 1):
        for c, x, y, w, h, crowd, area in gts:
            truths.append({
                "id": len(truths) + 1, "image_id": image, "category_id": c, "bbox": [x, y, w, h],
                "iscrowd": crowd, "area": w * h if area is None else area,
            })
        for c, x, y, w, h, score in dts:
            found.append({
                "id": len(found) + 1, "image_id": image, "category_id": c, "bbox": [x, y, w, h],
                "iscrowd": 0, "area": w * h, "score": score,
            })

    def index(annotations):
        coco = COCO()
        coco.dataset = {
            "images": [{"id": i} for i in range(1, len(images) + 1)],
            "categories": [{"id": c, "name": str(c)} for c in range(class_count)],
            "annotations": annotations,
        }
        coco.createIndex()
        return coco

    with contextlib.redirect_stdout(io.StringIO()):
        run = COCOeval(index(truths), index(found), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    precision, recall = run.eval["precision"], run.eval["recall"]  # [T, R, K, A, M], [T, K, A, M]

    def rounded(values):
        return numpy.round(values, 8).tolist()

    return {
        "stats": rounded(run.stats),
        # [class][area][threshold], 100 detections; mean over recall.
        "ap": rounded(precision[:, :, :, :, 2].mean(axis=1).transpose(1, 2, 0)),
        # [class][area][1, 10, 100 detections]; mean over thresholds.
        "ar": rounded(recall.mean(axis=0)),
    }


def gt(x, y, w, h, c=0, crowd=0, area=None):
    return [c, x, y, w, h, crowd, area]


def dt(x, y, w, h, score, c=0):
    return [c, x, y, w, h, score]


def written_cases():
    """Small cases with one thing each."""
    square = gt(10, 10, 50, 50)
    hit, near, miss = dt(10, 10, 50, 50, 0.9), dt(15, 10, 50, 50, 0.8), dt(200, 200, 40, 40, 0.7)
    yield "one found", 1, [([square], [hit])]
    yield "one missed", 1, [([square], [miss])]
    yield "no detection", 1, [([square], [])]
    yield "no ground truth", 1, [([], [hit])]
    yield "nothing at all", 1, [([], [])]
    yield "empty pictures between", 2, [([], []), ([square], [hit]), ([], [near]), ([], [])]
    yield "absent class with detections", 3, [
        ([square, gt(100, 100, 30, 30, c=2)], [hit, dt(5, 5, 20, 20, 0.95, c=1)])]
    yield "duplicates", 1, [([square], [hit, near, dt(10, 10, 50, 50, 0.85), miss])]
    yield "same detection of two classes", 2, [
        ([square, gt(10, 10, 50, 50, c=1)], [hit, dt(10, 10, 50, 50, 0.4, c=1)])]
    yield "wrong class", 2, [([square], [dt(10, 10, 50, 50, 0.9, c=1)])]
    yield "crowd takes many", 1, [(
        [gt(0, 0, 200, 200, crowd=1), gt(300, 300, 40, 40)],
        [dt(10, 10, 30, 30, 0.9), dt(60, 60, 30, 30, 0.8), dt(150, 150, 100, 100, 0.7),
         dt(300, 300, 40, 40, 0.6)])]
    yield "crowd only", 1, [([gt(0, 0, 100, 100, crowd=1)], [dt(10, 10, 30, 30, 0.9)])]
    yield "crowd over an object", 1, [(
        [gt(0, 0, 100, 100, crowd=1), gt(10, 10, 30, 30)],
        [dt(10, 10, 30, 30, 0.9), dt(12, 10, 30, 30, 0.8), dt(10, 12, 30, 30, 0.7)])]
    yield "ties in one picture", 1, [(
        [square, gt(100, 10, 50, 50)],
        [dt(200, 200, 9, 9, 0.5), dt(10, 10, 50, 50, 0.5), dt(12, 10, 50, 50, 0.5),
         dt(100, 12, 50, 50, 0.5)])]
    yield "ties across pictures", 1, [
        ([square], [miss[:5] + [0.5]]), ([square], [hit[:5] + [0.5]]),
        ([square], [near[:5] + [0.5], hit[:5] + [0.5]])]
    yield "two truths, equal overlap", 1, [(
        [gt(0, 0, 20, 20), gt(0, 10, 20, 20)], [dt(0, 5, 20, 20, 0.9), dt(0, 0, 20, 20, 0.8)])]
    yield "a later, better detection", 1, [(
        [gt(0, 0, 40, 40), gt(0, 12, 40, 40)], [dt(0, 6, 40, 40, 0.9), dt(0, 12, 40, 40, 0.8)])]
    # Overlap exactly 0.5 (1000 / 2000), 0.75 (1500 / 2000), 0.95 (1900 / 2000).
    for top in (10, 15, 19):
        yield f"overlap exactly {top / 20}", 1, [
            ([gt(0, 0, 100, 20)], [dt(0, 0, 100, top, 0.9)])]
    for name, w, h in (
        ("32²", 32, 32), ("96²", 96, 96), ("just above 32²", 32, 32.5),
        ("just below 32²", 32, 31.5), ("just above 96²", 96, 96.5), ("just below 96²", 96, 95.5)):
        yield f"object of {name}", 1, [(
            [gt(5, 5, w, h), gt(300, 300, 50, 50)],
            [dt(5, 5, w, h, 0.9), dt(300, 300, 50, 50, 0.8), dt(150, 150, w, h, 0.7)])]
    yield "area of the outline, not of the box", 2, [(
        [gt(0, 0, 40, 40, area=1024.0), gt(100, 0, 40, 40, area=1024.5),
         gt(0, 100, 100, 100, c=1, area=9216.0), gt(200, 100, 100, 100, c=1, area=9216.5)],
        [dt(0, 0, 40, 40, 0.9), dt(100, 0, 40, 40, 0.8), dt(0, 100, 100, 100, 0.7, c=1),
         dt(200, 100, 100, 100, 0.6, c=1)])]
    yield "detections on an object of another size", 1, [(
        [gt(0, 0, 33, 33), gt(100, 100, 30, 30)],
        [dt(0, 0, 31, 31, 0.9), dt(1, 1, 33, 33, 0.8), dt(100, 100, 34, 34, 0.7)])]
    yield "boxes without area", 1, [(
        [gt(10, 10, 0, 0), gt(20, 20, 30, 0), gt(50, 50, 40, 40)],
        [dt(10, 10, 0, 0, 0.9), dt(20, 20, 30, 0, 0.8), dt(50, 50, 40, 40, 0.7)])]
    yield "crowd without area", 1, [(
        [gt(10, 10, 0, 0, crowd=1), gt(50, 50, 40, 40)],
        [dt(10, 10, 5, 5, 0.9), dt(50, 50, 40, 40, 0.7)])]
    boxes = [(40 * (i % 12), 40 * (i // 12)) for i in range(130)]
    yield "130 detections of 130 objects", 1, [(
        [gt(x, y, 30, 30) for x, y in boxes],
        [dt(x, y, 30, 30, round(0.9 - 0.005 * i, 3)) for i, (x, y) in enumerate(boxes)])]
    yield "the right one is the 101st", 1, [(
        [gt(0, 0, 30, 30)],
        [dt(100 + i, 100, 30, 30, 0.5) for i in range(100)] + [dt(0, 0, 30, 30, 0.5)])]
    yield "100 a class, not a picture", 2, [(
        [gt(0, 0, 30, 30), gt(0, 0, 30, 30, c=1)],
        [dt(100 + i, 100, 30, 30, 0.5) for i in range(99)] + [dt(0, 0, 30, 30, 0.4)]
        + [dt(0, 0, 30, 30, 0.3, c=1)])]
    yield "30 classes", 30, [
        ([gt(10 * c, 10, 40 + c, 50, c=c) for c in range(0, 30, 2)],
         [dt(10 * c + c % 5, 10, 40 + c, 50, round(0.99 - c / 50, 2), c=c) for c in range(30)])]
    yield "outside the picture", 1, [(
        [gt(-20, -20, 60, 60), gt(600, 400, 100, 100)],
        [dt(-22, -20, 60, 60, 0.9), dt(600, 400, 80, 100, 0.8)])]
    yield "score 0 and 1", 1, [([square, gt(100, 100, 40, 40)],
                                [hit[:5] + [0.0], dt(100, 100, 40, 40, 1.0), miss[:5] + [0.0]])]


def random_case(seed):
    """Pictures of random objects, found with jitter, doubled, missed, or made up."""
    draw = random.Random(seed)
    classes = draw.randint(1, 6)
    crowd_share = draw.choice([0, 0, 0.1, 0.3])
    steps = draw.choice([5, 20, 1000])  # Few steps give many ties.
    jitter = draw.choice([1, 3, 8])
    clutter = draw.choice([1, 4, 12])

    def half(value):
        return round(value * 2) / 2

    def rectangle():
        size = draw.choice([16, 32, 50, 96, 140])
        w, h = (max(0.5, half(size * draw.uniform(0.7, 1.4))) for _ in range(2))
        if draw.random() < 0.1:
            w = h = float(draw.choice([32, 96]))
        return half(draw.uniform(-10, 400)), half(draw.uniform(-10, 300)), w, h

    def score():
        return round(draw.randint(0, steps) / steps, 3)

    images = []
    for _ in range(draw.randint(1, 14)):
        gts, dts = [], []
        for _ in range(draw.randint(0, 7)):
            x, y, w, h = rectangle()
            c = draw.randrange(classes)
            crowd = int(draw.random() < crowd_share)
            area = half(w * h * draw.uniform(0.5, 1)) if draw.random() < 0.3 else None
            gts.append(gt(x, y, w, h, c, crowd, area))
            for _ in range(draw.choice([0, 1, 1, 1, 2])):
                move = [half(draw.gauss(0, jitter)) for _ in range(4)]
                other = draw.randrange(classes) if draw.random() < 0.1 else c
                dts.append(dt(x + move[0], y + move[1], max(0.5, w + move[2]),
                              max(0.5, h + move[3]), score(), other))
        for _ in range(draw.randint(0, clutter)):
            dts.append(dt(*rectangle(), score(), draw.randrange(classes)))
        if seed % 10 == 0 and not images:
            dts += [dt(*rectangle(), score(), 0) for _ in range(115)]
        draw.shuffle(dts)
        images.append((gts, dts))
    return f"random {seed}", classes, images


def main():
    cases = list(written_cases()) + [random_case(SEED + i) for i in range(40)]
    print('{"header": ' + json.dumps({
        "recipe": "Scripts/make-coco-cases.py",
        "pycocotools": version("pycocotools"), "numpy": version("numpy"), "seed": SEED,
        "groundTruth": "[class, x, y, width, height, crowd, area or null]",
        "detection": "[class, x, y, width, height, score]",
    }) + ',\n"cases": [')
    for position, (name, classes, images) in enumerate(cases):
        case = {"name": name, "classes": classes,
                "images": [{"groundTruths": g, "detections": d} for g, d in images]}
        case |= evaluate(classes, images)
        # Whole numbers need no fraction: a quarter of the file.
        text = json.dumps(case, separators=(",", ":"), ensure_ascii=False)
        text = text.replace(".0,", ",").replace(".0]", "]")
        print(text + ("," if position + 1 < len(cases) else ""))
    print("]}")


if __name__ == "__main__":
    main()
