// The examples at the end of each command's help. Together they are one story: a set of pictures in
// VOC's form becomes `cells`, a detector is trained on it, made sparse, pruned and tuned. Tests run
// them all, on drawn pictures.

extension PareCommand {
  package static var examples: [String] {
    [
      "pare dataset import voc pictures --output cells",
      "pare config new yolov4-tiny --classes 3 --output cells.cfg",
      "pare train --cfg cells.cfg --data cells/cells.data --output runs/dense",
      "pare detect --model runs/dense --source photos",
    ]
  }
}

extension ConfigCommand {
  package static var examples: [String] { ConfigNewCommand.examples }
}

extension DatasetCommand {
  package static var examples: [String] { DatasetImportCommand.examples }
}

extension ExportCommand {
  package static var examples: [String] { ExportCCommand.examples }
}

extension ConfigNewCommand {
  package static var examples: [String] {
    [
      "pare config new yolov4-tiny --classes 3 --output cells.cfg",
      "pare config new yolov3 --classes 1 --anchors oxfordhand --output hand.cfg",
    ]
  }
}

extension ConfigCheckCommand {
  package static var examples: [String] { ["pare config check cells.cfg --strict"] }
}

// MARK: - Data sets

extension DatasetImportCommand {
  package static var examples: [String] {
    [
      "pare dataset import voc pictures --output cells",
      "pare dataset import voc pictures --copy --output cells",
    ]
  }
}

extension DatasetCheckCommand {
  package static var examples: [String] { ["pare dataset check --data cells/cells.data"] }
}

extension DatasetStatsCommand {
  package static var examples: [String] {
    ["pare dataset stats --data cells/cells.data --output page"]
  }
}

extension DatasetSplitCommand {
  package static var examples: [String] {
    [
      """
      pare dataset split --data cells/cells.data --ratios 0.7 0.2 0.1 \\
        --output splits
      """,
      """
      pare dataset split --data cells/cells.data --ratios 0.8 0.2 --keep-test \\
        --output splits
      """,
      "pare dataset split --data cells/cells.data --folds 5 --output folds",
    ]
  }
}

extension DatasetMergeCommand {
  package static var examples: [String] {
    [
      "pare dataset merge cells/cells.data more/more.data --output both",
      """
      pare dataset merge cells/cells.data more/more.data --map circle=cell \\
        --output both
      """,
    ]
  }
}

extension DatasetExportCommand {
  package static var examples: [String] {
    ["pare dataset export yolo --data cells/cells.data --output cells-yolo"]
  }
}

extension DatasetSyntheticCommand {
  package static var examples: [String] {
    ["pare dataset synthetic --classes 3 --size 160 --output shapes"]
  }
}

extension AnchorsCommand {
  package static var examples: [String] {
    [
      "pare anchors --data cells/cells.data --cfg cells.cfg",
      """
      pare anchors --data cells/cells.data --cfg cells.cfg \\
        --output cells.cfg --overwrite
      """,
    ]
  }
}

// MARK: - Networks

extension ProfileCommand {
  package static var examples: [String] {
    ["pare profile --cfg cells.cfg", "pare profile --cfg cells.cfg --latency"]
  }
}

extension ConvertCommand {
  package static var examples: [String] {
    [
      """
      pare convert --cfg yolov4-tiny.cfg --weights yolov4-tiny.weights \\
        --output yolov4-tiny.safetensors
      """,
      """
      pare convert --cfg yolov4-tiny.cfg --weights yolov4-tiny.weights \\
        --output yolov4-tiny.conv.29
      """,
    ]
  }
}

extension TrainCommand {
  package static var examples: [String] {
    [
      """
      pare train --cfg cells.cfg --weights yolov4-tiny.conv.29 --pretrain \\
        --data cells/cells.data --epochs 200 --output runs/dense
      """,
      "pare train --resume --output runs/dense",
      """
      pare train --model runs/dense --data cells/cells.data --epochs 100 \\
        --nominal-batch 16 --sparsity 0.015 --sparsity-schedule local-early \\
        --output runs/sparse
      """,
      """
      pare train --model runs/dense --data cells/cells.data --quantize lsq \\
        --w-bit 4 --a-bit 8 --epochs 20 --teacher runs/dense --output runs/codes
      """,
    ]
  }
}

extension TestCommand {
  package static var examples: [String] {
    [
      "pare test --model runs/dense --data cells/cells.data --split test",
      """
      pare test --model runs/tuned --data cells/cells.data --split test \\
        --save-predictions tuned.json
      """,
    ]
  }
}

extension DetectCommand {
  package static var examples: [String] {
    [
      "pare detect --model runs/tuned --source photos --output found",
      """
      pare detect --cfg yolov4-tiny.cfg --weights yolov4-tiny.weights \\
        --names coco.names --source photos --json found.json
      """,
    ]
  }
}

extension CompareCommand {
  package static var examples: [String] {
    [
      "pare compare runs/dense runs/tuned --data cells/cells.data --split test",
      "pare compare dense.json tuned.json --bootstrap 2000",
    ]
  }
}

extension QuantizeCommand {
  package static var examples: [String] {
    [
      "pare quantize --model runs/tuned --data cells/cells.data --output runs/int8",
      """
      pare quantize --model runs/tuned --data cells/cells.data --scheme pow2 \\
        --explain --output runs/pow2
      """,
      "pare quantize --model runs/int8 --verify --source photos",
      """
      pare quantize --model runs/tuned --data cells/cells.data --max-drop 0.5 \\
        --output runs/held
      """,
    ]
  }
}

extension ExportCCommand {
  package static var examples: [String] { ["pare export c --model runs/int8 --output c"] }
}

extension ExportFPGACommand {
  package static var examples: [String] {
    ["pare export fpga --model runs/pow2 --output fpga --TN 8 --TM 64"]
  }
}

extension DoctorCommand {
  package static var examples: [String] {
    [
      "pare doctor", "pare doctor --cfg cells.cfg --data cells/cells.data",
      "pare doctor --model runs/dense", "pare doctor --record machine.txt",
      "pare doctor --plan opencv-cuda --source opencv-4.8.0",
      "pare doctor --explain make.log",
    ]
  }
}

// MARK: - Pruning

/// `pare prune METHOD` on the sparse network's last weights, which are the sparsest.
private func prune(_ method: String, _ rest: String) -> String {
  """
  pare prune \(method) --model runs/sparse --weights last \\
    --data cells/cells.data \(rest) --output runs/pruned
  """
}

extension PruneCommand {
  package static var examples: [String] { PruneNormalCommand.examples }
}

extension PruneNormalCommand {
  package static var examples: [String] { [prune("normal", "--percent 50%")] }
}

extension PruneRegularCommand {
  package static var examples: [String] { [prune("regular", "--percent 50%")] }
}

extension PruneShortcutCommand {
  package static var examples: [String] { [prune("shortcut", "--percent 50%")] }
}

extension PruneSlimCommand {
  package static var examples: [String] { [prune("slim", "--percent 50%")] }
}

extension PruneLayerCommand {
  package static var examples: [String] {
    ["pare prune layer --model runs/yolov3 --shortcuts 8 --output runs/pruned"]
  }
}

extension PruneLayerChannelCommand {
  package static var examples: [String] {
    [
      """
      pare prune layer-channel --model runs/yolov3 --percent 50% --shortcuts 8 \\
        --output runs/pruned
      """
    ]
  }
}

extension PruneLayerChannelRegularCommand {
  package static var examples: [String] {
    [
      """
      pare prune layer-channel-regular --model runs/yolov3 --percent 50% \\
        --shortcuts 8 --output runs/pruned
      """
    ]
  }
}

extension PruneGroupCommand {
  package static var examples: [String] { [prune("group", "--percent 50%")] }
}

extension PruneEagleEyeCommand {
  package static var examples: [String] { [prune("eagleeye", "--percent 50%")] }
}

extension PruneTargetCommand {
  package static var examples: [String] {
    [prune("target", "--params 30%"), prune("target", "--macs 70%")]
  }
}
