// One import for those who use Pare as a library (docs/library.md). How pictures become batches
// (Loading), and plots and pages (Reports), are products of their own: few programs name them.

@_exported import Boxes
@_exported import Darknet
@_exported import Datasets
@_exported import Distillation
@_exported import Inference
@_exported import Integers
@_exported import Networks
@_exported import Pruning
@_exported import Quantization
@_exported import Runs
@_exported import Torch
@_exported import Training
@_exported import Vision
