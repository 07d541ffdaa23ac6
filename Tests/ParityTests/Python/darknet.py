"""Darknet's detectors in plain NumPy: cfg and weights in, every layer's output and boxes out.

Written from what the blocks mean, without a look at the Swift code and without its speed: a
convolution is one matrix product over its windows, a pool is a maximum over them. It reads the cfg
and the weights file itself. Arrays are [pictures, channels, rows, columns] in single precision.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from activations import ACTIVATIONS, sigmoid


# Files ----------------------------------------------------------------------------------------


def read_cfg(path):
    """The sections of a cfg, [(name, {key: value})]; the first of equal keys counts."""
    sections = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.split("#")[0].split(";")[0].strip()
            if line.startswith("["):
                sections.append((line[1 : line.index("]")], {}))
            elif line:
                key, value = line.split("=", 1)
                sections[-1][1].setdefault(key.strip(), value.strip())
    return sections


class Numbers:
    """The numbers of a weights file, taken from the front."""

    def __init__(self, path):
        major, minor = np.fromfile(path, "<i4", 2)
        header = 20 if major * 10 + minor >= 2 else 16
        self.values = np.fromfile(path, "<f4", offset=header)
        self.position = 0

    def take(self, *shape):
        count = int(np.prod(shape))
        values = self.values[self.position : self.position + count]
        self.position += count
        return values.reshape(shape)


class Options(dict):
    """One section's options."""

    def integer(self, key, default=None):
        return int(self[key]) if default is None else int(self.get(key, default))

    def number(self, key, default):
        return float(self.get(key, default))

    def integers(self, key):
        return [int(value) for value in self.get(key, "").split(",") if value.strip()]

    def pairs(self, key):
        values = [float(value) for value in self[key].split(",") if value.strip()]
        return np.array(values, np.float32).reshape(-1, 2)

    def strides(self):
        """Vertical and horizontal."""
        stride = self.integer("stride", 1)
        return self.integer("stride_y", stride), self.integer("stride_x", stride)

    def activation(self, default="linear"):
        return ACTIVATIONS[self.get("activation", default)]


# Blocks ---------------------------------------------------------------------------------------


def channelwise(values):
    return values.reshape(1, -1, 1, 1)


def convolve(x, kernel, strides=(1, 1), padding=0, dilation=1, groups=1):
    pictures, channels = x.shape[:2]
    outputs, depth, size = kernel.shape[:3]
    span = dilation * (size - 1) + 1
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(x, (span, span), axis=(2, 3))
    windows = windows[:, :, :: strides[0], :: strides[1], ::dilation, ::dilation]
    height, width = windows.shape[2:4]
    columns = windows.reshape(pictures, groups, depth, height, width, size, size)
    columns = columns.transpose(0, 1, 2, 5, 6, 3, 4)
    columns = columns.reshape(pictures, groups, depth * size * size, height * width)
    rows = kernel.reshape(groups, outputs // groups, depth * size * size)
    return (rows @ columns).reshape(pictures, outputs, height, width)


def pool_windows(x, options, outside):
    """Windows of a pool, [N, C, H, W, size, size]; half the padding, rounded down, comes first."""
    strides = (1, 1) if options.integer("antialiasing", 0) else options.strides()
    size = options.integer("size", options.integer("stride", 1))
    padding = options.integer("padding", size - 1)
    before, after = padding // 2, padding - padding // 2
    x = np.pad(x, ((0, 0), (0, 0), (before, after), (before, after)), constant_values=outside)
    return sliding_window_view(x, (size, size), axis=(2, 3))[:, :, :: strides[0], :: strides[1]]


def blur(x, kind, strides):
    """Antialiasing: 1 is a 3×3 binomial filter with zeros around, 2 a mean of 2×2."""
    line = np.array([1, 2, 1] if kind == 1 else [1, 1], np.float32)
    kernel = np.outer(line, line) / line.sum() ** 2
    kernel = np.broadcast_to(kernel, (x.shape[1], 1, *kernel.shape))
    return convolve(x, kernel, strides, padding=1 if kind == 1 else 0, groups=x.shape[1])


def normalize(x, parameters, epsilon):
    scale = parameters["gamma"] / np.sqrt(parameters["variance"] + np.float32(epsilon))
    return x * channelwise(scale) + channelwise(parameters["beta"] - parameters["mean"] * scale)


def reorg(x, stride):
    """Darknet's [reorg]: the map's memory is read as one of C/s² channels and sH×sW places."""
    pictures, channels, height, width = x.shape
    few = channels // stride**2
    view = x.reshape(pictures, few, height * stride, width * stride)
    parts = []
    for k in range(channels):
        row, column = divmod(k // few, stride)
        parts.append(view[:, k % few, row::stride, column::stride])
    return np.stack(parts, axis=1).reshape(
        pictures, channels * stride**2, height // stride, width // stride
    )


def space_to_depth(x, stride):
    """[reorg3d]: the channels at offset (0, 0), then those at (0, 1), and so on."""
    return np.concatenate(
        [x[:, :, row::stride, column::stride] for row in range(stride) for column in range(stride)],
        axis=1,
    )


def resize_bilinear(x, height, width):
    """Between pixel centres, borders repeated."""

    def matrix(source, target):
        places = np.clip((np.arange(target) + 0.5) * source / target - 0.5, 0, source - 1)
        left = np.minimum(places.astype(int), source - 1)
        right = np.minimum(left + 1, source - 1)
        result = np.zeros((target, source), np.float32)
        np.add.at(result, (np.arange(target), left), 1 - (places - left))
        np.add.at(result, (np.arange(target), right), places - left)
        return result

    return matrix(x.shape[2], height) @ x @ matrix(x.shape[3], width).T


def shortcut_factors(weights, normalization):
    """Factors of the summands, [1 + sources, channels or 1]."""
    if normalization in ("relu", "avg_relu"):
        weights = np.maximum(weights, 0)
    elif normalization == "softmax":
        weights = np.exp(weights - weights.max(axis=0))
    else:
        return weights
    return weights / (weights.sum(axis=0) + 1e-4)


class Network:
    """A network over its cfg and weights."""

    def __init__(self, cfg, weights):
        sections = [(name, Options(options)) for name, options in read_cfg(cfg)]
        self.layers = sections[1:]
        self.parameters = []
        channels = [sections[0][1].integer("channels", 3)]
        numbers = Numbers(weights)
        for name, options in self.layers:
            inputs = channels[-1]
            parameters, outputs = self.prepare(name, options, inputs, channels[1:], numbers)
            self.parameters.append(parameters)
            channels.append(outputs)
        left = numbers.values.size - numbers.position
        if left != 0:
            raise ValueError(f"{weights}: {left} numbers left over")

    def sources(self, options, key):
        """Layers that the section being prepared refers to, absolute."""
        index = len(self.parameters)
        return [value if value >= 0 else index + value for value in options.integers(key)]

    def prepare(self, name, options, inputs, channels, numbers):
        """A layer's parameters, taken from the file, and its number of output channels."""

        def normalization(count):
            return {key: numbers.take(count) for key in ("beta", "gamma", "mean", "variance")}

        if name in ("convolutional", "depthwise"):
            outputs, size = options.integer("filters"), options.integer("size")
            groups = inputs if name == "depthwise" else options.integer("groups", 1)
            shape = (outputs, inputs // groups, size, size)
            shared = self.sources(options, "share_index")
            if shared and self.parameters[shared[0]]["kernel"].shape == shape:
                return dict(self.parameters[shared[0]], groups=groups), outputs
            if options.integer("batch_normalize", 0):
                parameters = normalization(outputs)
            else:
                parameters = {"bias": numbers.take(outputs)}
            return dict(parameters, kernel=numbers.take(*shape), groups=groups), outputs
        if name in ("batchnorm", "BatchNorm2d"):
            return normalization(inputs), inputs
        if name == "se":
            hidden = inputs // options.integer("reduction", 4)
            fc1, fc2 = numbers.take(hidden, inputs), numbers.take(inputs, hidden)
            return {"fc1": fc1, "fc2": fc2}, inputs
        if name == "route":
            sources = self.sources(options, "layers")
            groups = options.integer("groups", 1)
            outputs = sum(channels[source] // groups for source in sources)
            return {"sources": sources}, outputs
        if name in ("shortcut", "scale_channels", "sam"):
            sources = self.sources(options, "from")
            parameters = {"sources": sources}
            kind = options.get("weights_type", "none")
            if kind != "none":
                width = inputs if kind == "per_channel" else 1
                parameters["weights"] = numbers.take(1 + len(sources), width)
            return parameters, inputs if name == "shortcut" else channels[sources[0]]
        if name in ("reorg", "reorg3d"):
            return {}, inputs * options.integer("stride", 1) ** 2
        if name == "maxpool" and options.integer("maxpool_depth", 0):
            return {}, options.integer("out_channels", 1)
        return {}, inputs

    def __call__(self, images):
        """The outputs of all layers; a head's is what it decodes."""
        outputs = []
        for index in range(len(self.layers)):
            outputs.append(self.run(index, outputs[-1] if outputs else images, outputs))
        for index, (name, options) in enumerate(self.layers):
            if name == "yolo" and "from" in options:
                outputs[index] = self.fused(index, options.integers("from"), outputs)
        return outputs

    def run(self, index, x, outputs):
        """One layer's output, where `x` is the output of the layer before it."""
        name, options = self.layers[index]
        parameters = self.parameters[index]
        if name in ("convolutional", "depthwise"):
            return self.convolution(x, options, parameters)
        if name in ("batchnorm", "BatchNorm2d"):
            epsilon = 1e-4 if name == "BatchNorm2d" else 1e-5
            return options.activation()(normalize(x, parameters, epsilon))
        if name == "maxpool" and options.integer("maxpool_depth", 0):
            count = options.integer("out_channels", 1)
            return np.stack([x[:, k::count].max(axis=1) for k in range(count)], axis=1)
        if name == "maxpool":
            x = pool_windows(x, options, -np.inf).max(axis=(4, 5))
            blurs = options.integer("antialiasing", 0)
            return blur(x, blurs, options.strides()) if blurs else x
        if name == "local_avgpool":
            return np.nanmean(pool_windows(x, options, np.nan), axis=(4, 5))
        if name == "avgpool":
            return x.mean(axis=(2, 3), keepdims=True)
        if name == "upsample":
            stride = options.integer("stride", 2)
            return x.repeat(stride, 2).repeat(stride, 3) * np.float32(options.number("scale", 1))
        if name == "route":
            groups, group = options.integer("groups", 1), options.integer("group_id", 0)
            parts = [outputs[source] for source in parameters["sources"]]
            parts = [np.split(part, groups, axis=1)[group] for part in parts]
            return np.concatenate(parts, axis=1)
        if name == "shortcut":
            return self.shortcut(x, options, parameters, outputs)
        if name in ("scale_channels", "sam"):
            return options.activation()(outputs[parameters["sources"][0]] * x)
        if name == "se":
            hidden = np.maximum(x.mean(axis=(2, 3)) @ parameters["fc1"].T, 0)
            factors = np.clip(hidden @ parameters["fc2"].T + 3, 0, 6) / 6
            return x * factors[:, :, None, None]
        if name == "reorg":
            return reorg(x, options.integer("stride", 1))
        if name == "reorg3d":
            return space_to_depth(x, options.integer("stride", 1))
        if name in ("dropout", "yolo", "Gaussian_yolo", "region"):
            return x
        raise ValueError(f"[{name}] is unknown")

    def convolution(self, x, options, parameters):
        size, dilation = options.integer("size"), options.integer("dilation", 1)
        padding = size // 2 if options.integer("pad", 0) else options.integer("padding", 0)
        strides, blurs = options.strides(), options.integer("antialiasing", 0)
        x = convolve(
            x, parameters["kernel"], (1, 1) if blurs else strides, padding * dilation, dilation,
            parameters["groups"],
        )
        if "bias" in parameters:
            x = x + channelwise(parameters["bias"])
        else:
            x = normalize(x, parameters, 1e-5)
        x = options.activation("logistic")(x)
        return blur(x, blurs, strides) if blurs else x

    def shortcut(self, x, options, parameters, outputs):
        summands = [x] + [outputs[source] for source in parameters["sources"]]
        factors = [1] * len(summands)
        if "weights" in parameters:
            normalization = options.get("weights_normalization", "none")
            factors = shortcut_factors(parameters["weights"], normalization)
            factors = [channelwise(factor) for factor in factors]
        result = factors[0] * x
        for factor, summand in zip(factors[1:], summands[1:]):
            width = min(x.shape[1], summand.shape[1])
            factor = factor if np.size(factor) == 1 else factor[:, :width]
            result[:, :width] += factor * summand[:, :width]
        return options.activation()(result)

    def fused(self, index, sources, outputs):
        """ASFF: the heads' maps, resized and mixed by the last channels of this head's own."""
        count = len(sources)
        heads = [k for k, (name, _) in enumerate(self.layers) if name == "yolo"]
        rank = heads.index(index)
        own = outputs[sources[rank]]
        shares = sigmoid(own[:, -count:]) * (2 / count)
        height, width = own.shape[2:]
        result = np.float32(0)
        for k, source in enumerate(sources):
            part = outputs[source][:, :-count]
            if k != rank:
                part = resize_bilinear(part, height, width)
            result = result + shares[:, k : k + 1] * part
        return result

    # Heads ------------------------------------------------------------------------------------

    def boxes(self, index, x, input_height, input_width):
        """A head's boxes, [N, anchors, H, W, 5 + classes]: centre and size in input pixels,
        objectness, and the classes' probabilities given an object."""
        name, options = self.layers[index]
        pictures, _, height, width = x.shape
        anchors = options.pairs("anchors")
        if name == "region":
            anchors = anchors * [input_width / width, input_height / height]
        elif options.integers("mask"):
            anchors = anchors[options.integers("mask")]
        x = x.reshape(pictures, len(anchors), -1, height, width).transpose(0, 1, 3, 4, 2)
        uncertainty = 0
        if name == "Gaussian_yolo":
            uncertainty = sigmoid(x[..., 1:8:2]).mean(axis=-1)
            x = np.concatenate([x[..., 0:8:2], x[..., 8:]], axis=-1)
        direct = options.integer("new_coords", 0)
        values = x if direct else sigmoid(x)
        stretch = options.number("scale_x_y", 1)
        offsets = values[..., :2] * stretch - (stretch - 1) / 2
        cells = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
        result = np.array(values)
        result[..., :2] = (offsets + cells) * [input_width / width, input_height / height]
        factors = (2 * x[..., 2:4]) ** 2 if direct else np.exp(x[..., 2:4])
        result[..., 2:4] = factors * anchors[:, None, None, :]
        result[..., 4] *= 1 - uncertainty
        shift = {"left_top": 0.5, "right_bottom": -0.5}.get(options.get("yolo_point"), 0)
        result[..., :2] += shift * result[..., 2:4]
        if name == "region" and options.integer("softmax", 0):
            powers = np.exp(x[..., 5:] - x[..., 5:].max(axis=-1, keepdims=True))
            result[..., 5:] = powers / powers.sum(axis=-1, keepdims=True)
        return result
