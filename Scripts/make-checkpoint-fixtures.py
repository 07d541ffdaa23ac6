#!/usr/bin/env python3
"""Writes the PyTorch files that the tests of Checkpoints read: make-checkpoint-fixtures.py FOLDER

Needs torch 2.11.0 and NumPy. Numbers count up, so that a test can say what it expects.
"""
import collections
import sys

import numpy
import torch

folder = sys.argv[1]
count = 0


def counting(*shape):
    """The next whole numbers, divided by 64."""
    global count
    size = int(numpy.prod(shape)) if shape else 1
    values = torch.arange(count, count + size, dtype=torch.float32) / 64
    count += size
    return values.reshape(shape)


def normalization(prefix, channels):
    return [
        (f"{prefix}weight", counting(channels)),
        (f"{prefix}bias", counting(channels)),
        (f"{prefix}running_mean", counting(channels)),
        (f"{prefix}running_var", counting(channels)),
        (f"{prefix}num_batches_tracked", torch.tensor(7)),
    ]


# The network `everyKind` of Tests/CheckpointsTests/Support.swift.
layer = "module_list.{}.".format
state = collections.OrderedDict(
    [(layer(0) + "Conv2d.weight", counting(4, 3, 1, 1))]
    + normalization(layer(0) + "BatchNorm2d.", 4)
    + [(layer(1) + "DepthWise2d.weight", counting(4, 1, 3, 3))]
    + normalization(layer(1) + "BatchNorm2d.", 4)
    + [(layer(2) + "w", torch.tensor([0.0, 1.0]))]
    + [(layer(3) + "se.fc.0.weight", counting(1, 4)), (layer(3) + "se.fc.2.weight", counting(4, 1))]
    + normalization(layer(4), 4)
    + [(layer(5) + "Conv2d.weight", counting(18, 4, 1, 1)), (layer(5) + "Conv2d.bias", counting(18))]
)
state._metadata = collections.OrderedDict([("", {"version": 1})])

parameter = torch.nn.Parameter(counting(4))
optimizer = torch.optim.SGD([parameter], lr=0.01, momentum=0.9, nesterov=True)
(parameter * parameter).sum().backward()
optimizer.step()
torch.save(
    {
        "epoch": 41,
        "best_fitness": numpy.array([0.25]),
        "mAP": numpy.float64(0.5),
        "training_results": "  0/299     0G      1.5\n  1/299     0G     1.25\n",
        "model": collections.OrderedDict((f"module.{name}", value) for name, value in state.items()),
        "optimizer": optimizer.state_dict(),
    },
    f"{folder}/checkpoint.pt",
)
torch.save(state, f"{folder}/state.pt")

base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
torch.save(
    {
        "float64": torch.tensor([0.5, -2.0], dtype=torch.float64),
        "float32": torch.tensor([0.5, -2.0]),
        "float16": torch.tensor([0.5, -65504.0, 2.0**-24, float("inf")], dtype=torch.float16),
        "bfloat16": torch.tensor([0.5, -3.0e38], dtype=torch.bfloat16),
        "int64": torch.tensor([1 << 40, -1]),
        "int32": torch.tensor([7, -1], dtype=torch.int32),
        "int16": torch.tensor([7, -1], dtype=torch.int16),
        "int8": torch.tensor([7, -1], dtype=torch.int8),
        "uint8": torch.tensor([7, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "base": base,
        "transposed": base.t(),
        "row": base[1],
        "column": base[:, 1],
        "corner": base[1:, 2:],
        "expanded": torch.tensor([4.0]).expand(2, 3),
        "parameter": torch.nn.Parameter(torch.tensor([1.5])),
        "size": torch.Size([2, 3]),
        "list": [1, 2.5, "text", None, True, (1,), {3}, b"bytes", 1 << 100],
    },
    f"{folder}/types.pt",
)
torch.save(state, f"{folder}/protocol-4.pt", pickle_protocol=4)
small = {"a": torch.tensor([1.0])}
torch.save(small, f"{folder}/before-1.6.pt", _use_new_zipfile_serialization=False)
torch.save({"model": torch.nn.Conv2d(1, 1, 1)}, f"{folder}/module.pt")
torch.jit.save(torch.jit.script(torch.nn.ReLU()), f"{folder}/script.pt")
