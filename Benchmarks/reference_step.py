"""One eager PyTorch training step of a Darknet cfg, for comparison with `pare`.

    python3 reference_step.py yolov4-tiny.cfg --batch 8 --size 416 --threads 2 --layout contiguous

Prints pictures per second: median, least and most of the repeats. Needs PyTorch of the version
that pare links (2.11.0) and nothing else. The step is the one that `pare train` makes: forward in
training mode, the loss of the preset `legacy`, backward, SGD with Nesterov momentum.
"""

import argparse
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


def blocks(path):
    result = []
    for line in open(path):
        line = line.split("#")[0].strip()
        if line.startswith("["):
            result.append({"type": line.strip("[]")})
        elif "=" in line:
            key, value = (part.strip() for part in line.split("=", 1))
            result[-1][key] = value
    return result


class Detector(nn.Module):
    def __init__(self, path):
        super().__init__()
        self.blocks = blocks(path)[1:]
        self.modules_ = nn.ModuleList()
        channels = []
        for index, block in enumerate(self.blocks):
            previous = channels[-1] if channels else 3
            module, width = nn.Identity(), previous
            if block["type"] == "convolutional":
                width, size = int(block["filters"]), int(block["size"])
                padding = size // 2 if int(block.get("pad", 0)) else 0
                normalized = int(block.get("batch_normalize", 0))
                parts = [nn.Conv2d(previous, width, size, int(block["stride"]), padding,
                                   groups=int(block.get("groups", 1)), bias=not normalized)]
                if normalized:
                    parts.append(nn.BatchNorm2d(width))
                if block["activation"] == "leaky":
                    parts.append(nn.LeakyReLU(0.1, inplace=True))
                elif block["activation"] == "mish":
                    parts.append(nn.Mish(inplace=True))
                module = nn.Sequential(*parts)
            elif block["type"] == "maxpool":
                size, stride = int(block["size"]), int(block["stride"])
                if stride == 1 and size == 2:
                    module = nn.Sequential(nn.ConstantPad2d((0, 1, 0, 1), float("-inf")),
                                           nn.MaxPool2d(2, 1))
                else:
                    module = nn.MaxPool2d(size, stride, (size - 1) // 2)
            elif block["type"] == "upsample":
                module = nn.Upsample(scale_factor=int(block["stride"]), mode="nearest")
            elif block["type"] == "route":
                sources = [int(s) for s in block["layers"].split(",")]
                block["sources"] = [s if s >= 0 else index + s for s in sources]
                width = sum(channels[s] for s in block["sources"]) // int(block.get("groups", 1))
            elif block["type"] == "shortcut":
                block["sources"] = [index + int(block["from"])]
            elif block["type"] == "yolo":
                numbers = [float(n) for n in block["anchors"].split(",")]
                pairs = list(zip(numbers[::2], numbers[1::2]))
                block["pairs"] = [pairs[int(m)] for m in block["mask"].split(",")]
            self.modules_.append(module)
            channels.append(width)
        self.needed = {s for b in self.blocks for s in b.get("sources", [])}

    def forward(self, x):
        kept, heads = {}, []
        for index, (block, module) in enumerate(zip(self.blocks, self.modules_)):
            if block["type"] == "route":
                parts = [kept[s] for s in block["sources"]]
                groups, group = int(block.get("groups", 1)), int(block.get("group_id", 0))
                if groups > 1:
                    parts = [p.chunk(groups, 1)[group] for p in parts]
                x = parts[0] if len(parts) == 1 else torch.cat(parts, 1)
            elif block["type"] == "shortcut":
                x = x + kept[block["sources"][0]]
            elif block["type"] == "yolo":
                heads.append((x, block))
            else:
                x = module(x)
            if index in self.needed:
                kept[index] = x
        return heads


def giou(a, b):
    ax, ay, aw, ah = a.unbind(1)
    bx, by, bw, bh = b.unbind(1)
    w = (torch.minimum(ax + aw / 2, bx + bw / 2) - torch.maximum(ax - aw / 2, bx - bw / 2))
    h = (torch.minimum(ay + ah / 2, by + bh / 2) - torch.maximum(ay - ah / 2, by - bh / 2))
    inter = w.clamp(min=0) * h.clamp(min=0)
    union = aw * ah + bw * bh - inter + 1e-9
    hull = ((torch.maximum(ax + aw / 2, bx + bw / 2) - torch.minimum(ax - aw / 2, bx - bw / 2))
            * (torch.maximum(ay + ah / 2, by + bh / 2) - torch.minimum(ay - ah / 2, by - bh / 2)))
    return inter / union - (hull - union) / (hull + 1e-9)


def loss(heads, targets, size, classes):
    box = obj = cls = 0.0
    for raw, block in heads:
        n, _, h, w = raw.shape
        anchors = torch.tensor(block["pairs"], device=raw.device) / (size / w)
        a = len(anchors)
        p = raw.float().view(n, a, 5 + classes, h, w).permute(0, 1, 3, 4, 2)
        xy, wh = targets[:, 2:4] * torch.tensor([w, h]), targets[:, 4:6] * torch.tensor([w, h])
        inter = torch.minimum(anchors[:, None], wh[None]).prod(2)
        iou = inter / (anchors.prod(1)[:, None] + wh.prod(1)[None] - inter)
        k, t = torch.where(iou > 0.2)
        image, label, cell = targets[t, 0].long(), targets[t, 1].long(), xy[t].long()
        rows = p[image, k, cell[:, 1], cell[:, 0]]
        scale = float(block.get("scale_x_y", 1))
        found = torch.cat([rows[:, :2].sigmoid() * scale - (scale - 1) / 2,
                           rows[:, 2:4].exp().clamp(max=1e3) * anchors[k]], 1)
        overlap = giou(found, torch.cat([xy[t] - cell, wh[t]], 1))
        box = box + (1 - overlap).mean()
        want = torch.zeros_like(p[..., 4])
        want[image, k, cell[:, 1], cell[:, 0]] = overlap.detach().clamp(min=0)
        obj = obj + F.binary_cross_entropy_with_logits(p[..., 4], want)
        cls = cls + F.binary_cross_entropy_with_logits(rows[:, 5:], F.one_hot(label, classes).float())
    return 3.54 * box + 64.3 * obj + 37.4 * classes / 80 * cls


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cfg")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--size", type=int, default=416)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--layout", choices=["contiguous", "channels_last"], default="contiguous")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = Detector(options.cfg).train()
    images = torch.rand(options.batch, 3, options.size, options.size)
    if options.layout == "channels_last":
        model = model.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    classes = int(model.blocks[-1]["classes"])
    count = options.batch * 8
    targets = torch.cat([
        torch.arange(count)[:, None] % options.batch, torch.arange(count)[:, None] % classes,
        torch.rand(count, 2) * 0.8 + 0.1, torch.rand(count, 2) * 0.4 + 0.05], 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9, nesterov=True,
                                weight_decay=5e-4)
    speeds = []
    for repeat in range(options.repeats + 1):
        start = time.perf_counter()
        loss(model(images), targets, options.size, classes).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if repeat > 0:
            speeds.append(options.batch / (time.perf_counter() - start))
    print(f"{statistics.median(speeds):.3f} {min(speeds):.3f} {max(speeds):.3f}")


if __name__ == "__main__":
    main()
