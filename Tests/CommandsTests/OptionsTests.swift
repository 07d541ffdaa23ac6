import ArgumentParsing
import Commands
import Darknet
import Testing

@Suite struct OptionsTests {
  @Test func `resuming needs nothing but the run`() throws {
    let command: TrainCommand = try parse("train --resume --output runs/a")
    #expect(command.run.resume && command.run.output == "runs/a" && command.input.cfg == nil)
  }

  // 0.3 is what detect shows at least.
  @Test func `a best confidence that is not detect's own is asked for, rounded down`() {
    #expect(NextCommand.confidence(best: 0.189) == ["--conf-thres", "0.18"])
    #expect(NextCommand.confidence(best: 0.29) == ["--conf-thres", "0.29"])
    #expect(NextCommand.confidence(best: 0.00456) == ["--conf-thres", "0.0045"])
    #expect(NextCommand.confidence(best: 0.618) == ["--conf-thres", "0.61"])
    #expect(NextCommand.confidence(best: 0.3) == [] && NextCommand.confidence(best: nil) == [])
  }

  @Test func `training's defaults are those of the earlier program`() throws {
    let command: TrainCommand = try parse("train --cfg a --data b")
    #expect(command.schedule.epochs == 300 && command.schedule.batchSize == 16)
    #expect(command.schedule.learningRate == nil && command.schedule.momentum == 0.937)
    #expect(command.schedule.weightDecay == 0.0005 && command.schedule.warmupEpochs == 3)
    #expect(command.sparse.sparsity == nil && command.sparse.sparsityScope == nil)
    #expect(command.augmentation.mosaic == nil && command.augmentation.hsv == [])
    #expect(command.augmentation.flip == nil && command.augmentation.degrees == nil)
    #expect(command.machine.common.device == .automatic && command.machine.precision == .fp32)
    #expect(command.notices == [])
  }

  @Test func `of two options that say one thing the one that does not count is told`() throws {
    let command: TrainCommand = try parse(
      "train --cfg a --data b --accumulate 2 --nominal-batch 64 --warmup-epochs 2 --warmup-steps 9")
    #expect(
      command.notices == [
        "'--nominal-batch' changes nothing beside '--accumulate', which says the same in batches",
        "'--warmup-epochs' changes nothing beside '--warmup-steps', which says the same in batches",
      ])
    let one: TrainCommand = try parse("train --cfg a --data b --accumulate 2 --warmup-steps 9")
    #expect(one.notices == [])
  }

  @Test func `a GPU is suggested where there is one`() {
    func answer(_ text: String, hasGPU: Bool) -> String? {
      do {
        _ = try DeviceSelection(parsing: text, hasGPU: hasGPU)
        return nil
      } catch { return "\(error)" }
    }
    for text in ["gpu", "GPU", "cdua"] {
      #expect(
        answer(text, hasGPU: true)?.contains("did you mean 'cuda'? expected auto, cpu") == true)
      let without = answer(text, hasGPU: false)
      #expect(without?.contains("did you mean") == false)
      #expect(without?.contains("here it is cpu, for there is no GPU that can be used") == true)
    }
    #expect(answer("cuda", hasGPU: false) == nil)
    #expect(answer("cup", hasGPU: false)?.contains("did you mean 'cpu'?") == true)
  }

  @Test(arguments: [
    ("--sparsity 0.01", 0.01, SparsityScopeChoice.all),
    ("--sparsity-scope layer", 0.001, .layer),
    ("--sparsity 0.01 --sparsity-scope normal", 0.01, .normal),
    ("--sparsity-schedule auto", 0.001, .all),
    ("--sparsity-update proximal --sparsity-rescale 0.1", 0.001, .all),
    ("--sparsity 0.01 --s 0.01 --prune 1 --sparsity-scope shortcut", 0.01, .shortcut),
  ])
  func `sparse training has main spellings`(
    options: String, strength: Double, scope: SparsityScopeChoice
  ) throws {
    let command: TrainCommand = try parse("train --cfg a --data b \(options)")
    #expect(command.sparse.sparsity == strength)
    #expect(command.sparse.sparsityScope == scope)
  }

  @Test func `sparse training that is off takes its options along`() throws {
    let command: TrainCommand = try parse(
      "train --cfg a --data b --sparsity 0 --sparsity-schedule auto --sparsity-band 3")
    #expect(command.sparse.sparsity == nil && command.sparse.sparsityScope == nil)
    #expect(command.sparse.sparsitySchedule == nil && command.sparse.sparsityBand == nil)
    let steered: TrainCommand = try parse(
      "train --cfg a --data b --sparsity 0.01 --sparsity-schedule auto --sparsity-band 3")
    #expect(steered.sparse.sparsitySchedule == .auto && steered.sparse.sparsityBand == 3)
    let local: TrainCommand = try parse(
      "train --cfg a --data b --sparsity 0.01 --sparsity-schedule local-early --sparsity-keep 0.25")
    #expect(local.sparse.sparsityKeep == 0.25)
  }

  @Test func `sizes are square or width and height`() throws {
    let square: ProfileCommand = try parse("profile --cfg a --img-size 320")
    #expect(square.inputSize.size?.width == 320 && square.inputSize.size?.height == 320)
    let wide: ProfileCommand = try parse("profile --cfg a --img-size 640 352")
    #expect(wide.inputSize.size?.width == 640 && wide.inputSize.size?.height == 352)
    let own: ProfileCommand = try parse("profile --cfg a")
    #expect(own.inputSize.size == nil)
  }

  @Test func `a file's name chooses what is converted to`() throws {
    func format(_ name: String) throws -> ConvertCommand.Format? {
      let command: ConvertCommand = try parse("convert --cfg a --weights b --output \(name)")
      return command.outputs.first?.format
    }
    #expect(try format("a.weights") == .darknet)
    #expect(try format("a.bin") == .fused)
    #expect(try format("a.safetensors") == .safetensors)
    #expect(try format("yolov4.conv.137") == .backbone(layers: 137))
    #expect(throws: (any Error).self) { try format("a.conv.x") }
    #expect(throws: (any Error).self) { try format("a.conv.0") }
  }

  // As the earlier convert.py: weights/<cfgstem>-best.weights, <cfgstem>_weights.bin and
  // <cfgstem>_bias.bin.
  @Test func `without an output convert writes what convert.py wrote`() throws {
    let command: ConvertCommand = try parse("convert --cfg cfg/hand.cfg --weights last.pt")
    #expect(command.outputs.map(\.path) == ["weights/hand-best.weights", "weights/hand.bin"])
    #expect(command.outputs.map(\.format) == [.darknet, .fused])
    #expect(command.model.weights == "last.pt" && command.tensorNames == nil)
  }

  @Test func `tensors may have the names of a state dict`() throws {
    let line = "convert --cfg a --weights b --output c.safetensors --tensor-names"
    let command: ConvertCommand = try parse(line + " state-dict")
    #expect(command.tensorNames == .stateDictionary)
    let own: ConvertCommand = try parse(line + " pare")
    #expect(own.tensorNames == .pare)
  }

  @Test func `anchors are pairs`() throws {
    let command: ConfigNewCommand = try parse(
      "config new yolov4-tiny --classes 3 --anchors 10,14,23,27.5 --output a.cfg")
    #expect(
      try command.anchorList == [Anchor(width: 10, height: 14), Anchor(width: 23, height: 27.5)])
  }

  // docs/formulas.md 5.9, in pixels at 416. At 832 × 416 the longer side is twice that.
  @Test func `anchors of a data set suit the network and its size`() throws {
    func list(_ arguments: String) throws -> [[Float]]? {
      let command: ConfigNewCommand = try parse(
        "config new \(arguments) --classes 1 --output a.cfg")
      return try command.anchorList?.map { [$0.width, $0.height] }
    }
    #expect(
      try list("yolov3 --anchors dior")
        == [
          [5, 5], [6, 13], [10, 26], [13, 6], [15, 15], [27, 10], [28, 33], [61, 74], [167, 169],
        ])
    #expect(
      try list("yolov3-tiny --anchors oxfordhand --img-size 832 416")
        == [[18, 26], [32, 44], [54, 76], [56, 54], [88, 98], [158, 166]])
    // The network's own size counts where none is given: 608 ÷ 416 · 20 = 29.2 and so on.
    #expect(try list("yolov4 --anchors screw")?.first == [29, 42])
    // A box without width is none.
    #expect(try list("yolov3-tiny --anchors visdrone")?.first == [1, 3])
    #expect(try list("yolov3 --anchors visdrone") == list("yolov3 --anchors \(coco)"))
    #expect(try list("yolov3") == nil)
  }

  private let coco = "10,13,16,30,33,23,30,61,62,45,59,119,116,90,156,198,373,326"

  @Test func `stdout is left to JSON where it is asked for`() throws {
    let plain: ProfileCommand = try parse("profile --cfg a --json b.json")
    #expect(plain.report.printsTables)
    let piped: ProfileCommand = try parse("profile --cfg a --json -")
    #expect(!piped.report.printsTables)
  }
}
