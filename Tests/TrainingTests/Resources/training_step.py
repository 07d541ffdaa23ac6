#!/usr/bin/env python3
"""Writes training_step.json: two whole training steps of three small networks, worked out in NumPy.

Forward pass, loss, update and average follow docs/formulas.md in float64. Gradients are central
differences of the loss, so no rule of differentiation is shared with the program that is tested.
What is a constant to the gradient (the aims of objectness, CIoU's weight) is held while a parameter
is moved. Run it here after changing it: python3 training_step.py (NumPy 1.26; about two minutes).
"""
import base64
import json
import math
import os

import numpy as np

from training_step_loss import region_loss, yolo_loss

STEP = 1e-6
EPSILON = 1e-5


def numbers(count, seed):
    """Numbers in -1..<1 that a test can make again: a linear congruential generator."""
    state, values = seed, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state / 2**31 - 1)
    return np.array(values)


# Layers ----------------------------------------------------------------------------------------
def convolve(x, w, stride):
    pad = w.shape[2] // 2
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    k = w.shape[2]
    rows, columns = (x.shape[2] - k) // stride + 1, (x.shape[3] - k) // stride + 1
    out = np.zeros((x.shape[0], w.shape[0], rows, columns))
    for i in range(k):
        for j in range(k):
            part = x[:, :, i:i + stride * rows:stride, j:j + stride * columns:stride]
            out += np.einsum("nchw,oc->nohw", part, w[:, :, i, j])
    return out


def activate(x, name):
    if name == "leaky":
        return np.where(x > 0, x, 0.1 * x)
    if name == "mish":
        return x * np.tanh(np.log1p(np.exp(x)))
    assert name == "linear"
    return x


def pooled(x, size, stride):
    """Windows start at -(size - 1) // 2; outside counts as minus infinity."""
    before = (size - 1) // 2
    rows, columns = math.ceil(x.shape[2] / stride), math.ceil(x.shape[3] / stride)
    padded = np.pad(x, ((0, 0), (0, 0), (before, size), (before, size)), constant_values=-np.inf)
    out = np.full((x.shape[0], x.shape[1], rows, columns), -np.inf)
    for i in range(size):
        for j in range(size):
            out = np.maximum(
                out, padded[:, :, i:i + stride * rows:stride, j:j + stride * columns:stride])
    return out


def space_to_depth(x, s):
    n, c, h, w = x.shape
    x = x.reshape(n, c, h // s, s, w // s, s).transpose(0, 3, 5, 1, 2, 4)
    return x.reshape(n, s * s * c, h // s, w // s)


def reorg(x, s):
    n, c, h, w = x.shape
    wide = x.reshape(n, c // (s * s), h * s, w * s)
    return space_to_depth(wide, s).reshape(n, c * s * s, h // s, w // s)


def forward(blocks, parameters, images, statistics=None):
    """All outputs; where `statistics` is a list, (layer, batch mean, unbiased variance) are added."""
    outputs, x = [], images
    for index, (kind, key) in enumerate(blocks):
        if kind == "convolutional":
            p = parameters[index]
            x = convolve(x, p["weight"], int(key.get("stride", 1)))
            if "gamma" in p:
                mean = x.mean(axis=(0, 2, 3), keepdims=True)
                variance = x.var(axis=(0, 2, 3), keepdims=True)
                if statistics is not None:
                    count = x.size / x.shape[1]
                    statistics.append((index, mean.ravel(), variance.ravel() * count / (count - 1)))
                x = (x - mean) / np.sqrt(variance + EPSILON)
                x = x * p["gamma"].reshape(1, -1, 1, 1) + p["beta"].reshape(1, -1, 1, 1)
            else:
                x = x + p["bias"].reshape(1, -1, 1, 1)
            x = activate(x, key["activation"])
        elif kind == "maxpool":
            x = pooled(x, int(key["size"]), int(key["stride"]))
        elif kind == "upsample":
            x = x.repeat(2, axis=2).repeat(2, axis=3)
        elif kind == "reorg":
            x = reorg(x, int(key["stride"]))
        elif kind == "shortcut":
            x = x + outputs[index + int(key["from"])]
        elif kind == "route":
            parts = [outputs[index + int(i)] for i in key["layers"].split(",")]
            groups, part = int(key.get("groups", 1)), int(key.get("group_id", 0))
            parts = [p[:, part * (p.shape[1] // groups):(part + 1) * (p.shape[1] // groups)]
                     for p in parts]
            x = np.concatenate(parts, axis=1)
        else:
            assert kind in ("yolo", "region")
        outputs.append(x)
    return outputs


# Steps -----------------------------------------------------------------------------------------
def parse(cfg):
    sections = []
    for word in cfg.split():
        if word.startswith("["):
            sections.append((word[1:-1], {}))
        else:
            key, value = word.split("=")
            sections[-1][1][key] = value
    return sections[0][1], sections[1:]


def widths(blocks, channels):
    """Channels that each block reads, and its own."""
    own = []
    for index, (kind, key) in enumerate(blocks):
        reads = own[-1][1] if own else channels
        makes = reads
        if kind == "convolutional":
            makes = int(key["filters"])
        elif kind == "reorg":
            makes = reads * int(key["stride"]) ** 2
        elif kind == "route":
            makes = sum(own[index + int(i)][1] for i in key["layers"].split(","))
            makes //= int(key.get("groups", 1))
        own.append((reads, makes))
    return own


def fresh(blocks, channels):
    parameters = []
    for index, ((kind, key), (reads, makes)) in enumerate(zip(blocks, widths(blocks, channels))):
        layer = {}
        if kind == "convolutional":
            size = int(key.get("size", 1))
            shapes = {"weight": (makes, reads, size, size)}
            if key.get("batch_normalize") == "1":
                shapes.update(gamma=(makes,), beta=(makes,), mean=(makes,), variance=(makes,))
            else:
                shapes.update(bias=(makes,))
            for number, (role, shape) in enumerate(shapes.items()):
                count = int(np.prod(shape))
                values = numbers(count, 1000 * index + number)
                if role == "weight":
                    values = values / math.sqrt(reads * size * size)
                elif role in ("gamma", "variance"):
                    values = 1 + values / 4
                else:
                    values = values / 4
                layer[role] = values.astype(np.float32).astype(np.float64).reshape(shape)
        parameters.append(layer)
    return parameters


def work_out(case):
    net, blocks = parse(case["cfg"])
    size = int(net["width"]), int(net["height"])
    shape = (2, int(net["channels"]), size[1], size[0])
    images = ((numbers(int(np.prod(shape)), 77) + 1) / 2).astype(np.float32).astype(float)
    images = images.reshape(shape)
    parameters = fresh(blocks, shape[1])
    average = [{r: v.copy() for r, v in layer.items()} for layer in parameters]
    momentum = [{r: np.zeros_like(v) for r, v in layer.items()} for layer in parameters]
    rates = case["rates"]

    def terms(held):
        outputs, sums, number = forward(blocks, parameters, images), np.zeros(3), 0
        for (kind, key), output in zip(blocks, outputs):
            own = held.setdefault(number, {})
            if kind == "yolo":
                sums += yolo_loss(
                    output, key, size, case["targets"], case["overlap"], rates["ramp"], own)
            elif kind == "region":
                sums += region_loss(output, key, size, case["targets"], own)
            number += 1
        return sums

    steps = []
    for step in (1, 2):
        held, statistics = {}, []
        forward(blocks, parameters, images, statistics)
        losses = terms(held)
        share = shape[0] / 64
        gradients = []
        for layer in parameters:
            own = {}
            for role, values in layer.items():
                if role in ("mean", "variance"):
                    continue
                flat, slope = values.reshape(-1), np.zeros(values.size)
                for place in range(values.size):
                    start = flat[place]
                    flat[place] = start + STEP
                    above = terms(held).sum()
                    flat[place] = start - STEP
                    below = terms(held).sum()
                    flat[place] = start
                    slope[place] = share * (above - below) / (2 * STEP)
                own[role] = slope.reshape(values.shape)
            gradients.append(own)
        for index, mean, variance in statistics:
            for role, new in (("mean", mean), ("variance", variance)):
                parameters[index][role] = 0.9 * parameters[index][role] + 0.1 * new
        for layer, own, moving in zip(parameters, gradients, momentum):
            for role, slope in own.items():
                decay = rates["decay"] if role == "weight" else 0
                rate = rates["bias"] if role in ("bias", "beta") else rates["rate"]
                slope = slope + decay * layer[role]
                moving[role] = rates["momentum"] * moving[role] + slope
                layer[role] = layer[role] - rate * (slope + rates["momentum"] * moving[role])
        keep = 0.9999 * (1 - math.exp(-step / 2000))
        for layer, slow in zip(parameters, average):
            for role in layer:
                slow[role] = keep * slow[role] + (1 - keep) * layer[role]
        steps.append({
            "losses": [*losses, losses.sum()], "gradients": packed(gradients),
            "parameters": packed(parameters), "average": packed(average),
        })
    return {**case, "steps": steps}


def packed(layers):
    """Arrays as base64 of little-endian float32, by layer and role."""
    return {
        f"{index}.{role}": base64.b64encode(values.astype("<f4").tobytes()).decode()
        for index, layer in enumerate(layers) for role, values in layer.items()}


NET = "[net] width=32 height=16 channels=3 "
CONV = "[convolutional] batch_normalize=1 pad=1 "
RATES = {"rate": 0.01, "bias": 0.03, "momentum": 0.9, "decay": 0.05, "ramp": 0.75}
TARGETS = [[0, 0, 0.3, 0.4, 0.35, 0.5], [0, 1, 0.33, 0.45, 0.2, 0.3], [1, 1, 0.7, 0.6, 0.5, 0.7]]
CASES = [
    {"name": "yolov3", "overlap": "giou", "rates": RATES, "targets": TARGETS, "cfg": NET
     + CONV + "filters=4 size=3 stride=2 activation=leaky "
     + CONV + "filters=3 size=1 stride=1 activation=leaky "
     + CONV + "filters=4 size=3 stride=1 activation=leaky "
     + "[shortcut] from=-3 activation=linear "
     + CONV + "filters=6 size=3 stride=2 activation=leaky "
     + "[convolutional] filters=7 size=1 stride=1 activation=linear "
     + "[yolo] mask=1 anchors=5,4,9,8 classes=2 num=2 "
     + "[route] layers=-3 "
     + CONV + "filters=3 size=1 stride=1 activation=leaky "
     + "[upsample] stride=2 "
     + "[route] layers=-1,-7 "
     + "[convolutional] filters=7 size=1 stride=1 activation=linear "
     + "[yolo] mask=0 anchors=5,4,9,8 classes=2 num=2 "},
    {"name": "yolov4", "overlap": "ciou", "rates": RATES, "targets": TARGETS, "cfg": NET
     + CONV + "filters=4 size=3 stride=2 activation=mish "
     + "[route] layers=-1 groups=2 group_id=1 "
     + CONV + "filters=3 size=3 stride=1 activation=mish "
     + "[route] layers=-1,-3 "
     + CONV + "filters=4 size=3 stride=2 activation=mish "
     + "[maxpool] size=3 stride=1 "
     + "[route] layers=-1,-2 "
     + "[convolutional] filters=14 size=1 stride=1 activation=linear "
     + "[yolo] mask=0,1 anchors=5,4,9,8 classes=2 num=2 scale_x_y=1.1 label_smooth_eps=0.1 "},
    {"name": "yolov2", "overlap": "giou", "rates": RATES, "targets": TARGETS, "cfg": NET
     + CONV + "filters=4 size=3 stride=1 activation=leaky "
     + "[maxpool] size=2 stride=2 "
     + CONV + "filters=4 size=3 stride=1 activation=leaky "
     + "[maxpool] size=2 stride=2 "
     + CONV + "filters=5 size=3 stride=1 activation=leaky "
     + "[route] layers=-3 "
     + "[reorg] stride=2 "
     + "[route] layers=-1,-3 "
     + "[convolutional] filters=14 size=1 stride=1 activation=linear "
     + "[region] anchors=1.2,1.1,2.5,1.9 classes=2 num=2 coords=4 softmax=1 rescore=1 "
     + "object_scale=5 noobject_scale=1 class_scale=1 coord_scale=1 thresh=0.6 bias_match=1 "},
]

if __name__ == "__main__":
    place = os.path.join(os.path.dirname(os.path.abspath(__file__)), "training_step.json")
    with open(place, "w") as file:
        json.dump([work_out(case) for case in CASES], file, indent=1)
        file.write("\n")
