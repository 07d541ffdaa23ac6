"""Darknet's activations in NumPy, by their names in a cfg."""

import numpy as np


def sigmoid(x):
    return 0.5 * (np.tanh(0.5 * x) + 1)


def softplus(x):
    return np.logaddexp(x, 0)


def elu(x, alpha):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def identity(x):
    return x


def hard_swish(x):
    return x * np.clip(x + 3, 0, 6) / 6


def hard_mish(x):
    return x * np.clip(x + 2, 0, 2) / 2


def silu(x):
    return x * sigmoid(x)


ACTIVATIONS = {
    "linear": identity,
    "none": identity,
    "leaky": lambda x: np.where(x > 0, x, 0.1 * x),
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "mish": lambda x: x * np.tanh(softplus(x)),
    "swish": silu,
    "silu": silu,
    "logistic": sigmoid,
    "h_swish": hard_swish,
    "hard_swish": hard_swish,
    "hardswish": hard_swish,
    "hard_mish": hard_mish,
    "hardmish": hard_mish,
    "elu": lambda x: elu(x, 1),
    "selu": lambda x: 1.0507 * elu(x, 1.6732),
    "gelu": lambda x: 0.5 * x * (1 + np.tanh(0.797885 * x + 0.035677 * x**3)),
    "tanh": np.tanh,
}
