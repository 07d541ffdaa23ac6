"""Runs a network outside of Swift: reference.py REQUEST, a JSON file.

The request names "cfg", "weights" and "runs", each with

    program  "numpy" (darknet.py) or "opencv" (its dnn module)
    input    a file of raw float32 numbers, and "shape", their [N, C, H, W]
    output   the file to write
    layers   indices of the layers whose outputs are wanted; opencv takes heads alone
    single   true to run one picture after the other

A run's output holds raw float32 arrays, one after the other: that of each layer (a head's is what
it decodes) and then all boxes, [N, cells, 5 + classes], heads in the order of the cfg and cells in
the order anchor, row, column. A box is its centre and size in input pixels, objectness, and each
class's score, objectness times probability. OpenCV drops scores below a threshold: they are zero.

Prints one JSON list, the shapes of each run's arrays.
"""

import json
import sys

import numpy as np

import darknet


def is_head(name):
    return name in ("yolo", "Gaussian_yolo", "region")


class NumPyProgram:
    def __init__(self, cfg, weights):
        self.network = darknet.Network(cfg, weights)

    def __call__(self, images, layers):
        outputs = self.network(images)
        pictures, _, height, width = images.shape
        boxes = []
        for index, (name, _) in enumerate(self.network.layers):
            if is_head(name):
                cells = self.network.boxes(index, outputs[index], height, width)
                boxes.append(cells.reshape(pictures, -1, cells.shape[-1]))
        boxes = np.concatenate(boxes, axis=1)
        boxes[..., 5:] *= boxes[..., 4:5]
        return [outputs[layer] for layer in layers] + [boxes]


class OpenCVProgram:
    def __init__(self, cfg, weights):
        import cv2

        self.net = cv2.dnn.readNetFromDarknet(cfg, weights)
        # A faster convolution that is exact to three digits alone.
        self.net.enableWinograd(False)
        self.layers = darknet.read_cfg(cfg)[1:]
        self.names = set(self.net.getLayerNames())

    def __call__(self, images, layers):
        self.net.setInput(images)
        heads = self.net.getUnconnectedOutLayersNames()
        results = self.net.forward([self.source(layer) for layer in layers] + list(heads))
        results = list(results)
        pictures, _, height, width = images.shape
        boxes = []
        for result, grid in zip(results[len(layers) :], results[: len(layers)]):
            rows, columns = grid.shape[2:]
            # OpenCV leaves the picture axis out where there is one picture.
            cells = result.reshape(pictures, rows, columns, -1, result.shape[-1])
            cells = cells.transpose(0, 3, 1, 2, 4).reshape(pictures, -1, result.shape[-1])
            boxes.append(cells * ([width, height] * 2 + [1] * (result.shape[-1] - 4)))
        return results[: len(layers)] + [np.concatenate(boxes, axis=1)]

    def source(self, head):
        """What a head reads, by OpenCV's name; an activation has the next block's number."""
        if not is_head(self.layers[head][0]):
            raise ValueError(f"layer {head} is no head")
        activated = f"logistic_{head}"
        return activated if activated in self.names else f"conv_{head - 1}"


def main(path):
    with open(path, encoding="utf-8") as file:
        request = json.load(file)
    programs = {}
    shapes = []
    for run in request["runs"]:
        name = run["program"]
        if name not in programs:
            kind = {"numpy": NumPyProgram, "opencv": OpenCVProgram}[name]
            programs[name] = kind(request["cfg"], request["weights"])
        images = np.fromfile(run["input"], "<f4").reshape(run["shape"])
        batches = np.split(images, len(images)) if run["single"] else [images]
        parts = [programs[name](batch, run["layers"]) for batch in batches]
        arrays = [np.concatenate(same) for same in zip(*parts)]
        with open(run["output"], "wb") as file:
            for array in arrays:
                file.write(np.ascontiguousarray(array, "<f4").tobytes())
        shapes.append([array.shape for array in arrays])
    json.dump(shapes, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
