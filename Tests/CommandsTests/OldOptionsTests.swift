import ArgumentParsing
import Commands
import Testing

/// What becomes of an option of the earlier Python programs.
enum Outcome: Sendable {
  /// It has its own meaning here; the function reads it back.
  case means(@Sendable (any ParsableCommand) -> String?, String)
  /// It changes nothing, and this notice says why.
  case noticed(String)
  /// It says "off", which needs no notice.
  case off
  /// It is refused with this text.
  case refused(String)
}

struct OldOption: Sendable, CustomTestStringConvertible {
  var line: String
  var outcome: Outcome

  init(_ line: String, _ outcome: Outcome) {
    self.line = line
    self.outcome = outcome
  }

  var testDescription: String { line }
}

/// Reads a value of a command back as text.
private func means<Command: ParsableCommand>(
  _ expected: String, _ read: @escaping @Sendable (Command) -> any Sendable
) -> Outcome {
  .means({ ($0 as? Command).map { "\(read($0))" } }, expected)
}

private func train(
  _ expected: String, _ read: @escaping @Sendable (TrainCommand) -> any Sendable
) -> Outcome { means(expected, read) }

/// Smallest, largest and test size, of which the last stands for those that follow.
private func sizes(_ expected: String) -> Outcome {
  train(expected) { $0.input.imgSize.map(String.init).joined(separator: " ") }
}

private func sparse(_ strength: Double?, _ scope: SparsityScopeChoice?) -> Outcome {
  train("\(strength as Any) \(scope as Any)") {
    "\($0.sparse.sparsity as Any) \($0.sparse.sparsityScope as Any)"
  }
}

/// Scheme, bits of weights and of activations, and how shortcuts go.
private func quantized(_ expected: String) -> Outcome {
  train(expected) {
    "\($0.quantization.quantize?.rawValue ?? "") \($0.quantization.weightBits ?? 8) "
      + "\($0.quantization.activationBits ?? 8) "
      + ($0.quantization.sharedShortcuts ? "max" : "own")
  }
}

private func strategies(_ expected: String) -> Outcome {
  train(expected) { $0.distillation.strategies.joined(separator: " ") }
}

private func test(
  _ expected: String, _ read: @escaping @Sendable (TestCommand) -> any Sendable
) -> Outcome { means(expected, read) }

private func detect(
  _ expected: String, _ read: @escaping @Sendable (DetectCommand) -> any Sendable
) -> Outcome { means(expected, read) }

private func prune(
  _ expected: String, _ read: @escaping @Sendable (PruneNormalCommand) -> any Sendable
) -> Outcome { means(expected, read) }

private let noRank = "is not supported: this version trains in one process, which needs no rank"
private let elsewhere =
  "is not supported: 'pare quantize --dump' writes every layer's codes, '--layer' those of one"
private let ownCodes =
  "changes nothing: a quantized pair has codes of its own, and others have none"

/// `train.py`.
private let trainOptions: [OldOption] = [
  OldOption("--epochs 273", train("273") { $0.schedule.epochs }),
  OldOption("--batch-size 32", train("32") { $0.schedule.batchSize }),
  OldOption("--accumulate 2", train("2") { $0.schedule.accumulate ?? 0 }),
  OldOption("--cfg cfg/yolov3-hand.cfg", train("cfg/yolov3-hand.cfg") { $0.input.cfg ?? "" }),
  OldOption("--data data/hand.data", train("data/hand.data") { $0.input.data ?? "" }),
  OldOption("--t_cfg \"\"", .off),
  OldOption("--t_weights \"\"", .off),
  OldOption("--t_weights None", .off),
  OldOption(
    "--t_cfg t.cfg --t_weights t.weights --KDstr 3",
    train("[\"t.cfg\"] [\"t.weights\"] [\"box-class\"]") {
      "\($0.distillation.teacherCfg) \($0.distillation.teacherWeights) \($0.distillation.strategies)"
    }),
  OldOption(
    "--t_cfg t.cfg --t_weights t.weights --KDstr 5 --AT_str 10",
    strategies("fine-grained attention-10")),
  OldOption("--t_cfg t.cfg --t_weights t.weights --KDstr -1 --AT_str 3", strategies("attention-3")),
  OldOption("--t_cfg t.cfg --t_weights t.weights", strategies("auto")),
  OldOption("--KDstr -1", .off),
  OldOption("--KDstr 0 --AT_str 0", .off),
  OldOption("--t_cfg t.cfg --t_weights t.weights --KDstr 0 --AT_str 2", strategies("attention-2")),
  OldOption(
    "--t_cfg t.cfg --t_weights t.weights --KDstr 0",
    .refused(
      "'--KDstr 0' asks for no distillation, and a teacher is given: leave one of them out")),
  OldOption(
    "--t_cfg t.cfg --t_weights t.weights --AT_str 0",
    .refused(
      "'--AT_str 0' asks for no distillation, and a teacher is given: leave one of them out")),
  OldOption(
    "--KDstr 3",
    .refused(
      "'--distill' needs a teacher: '--teacher-cfg' with '--teacher-weights', or '--teacher' with a run folder"
    )),
  OldOption("--AT_str -1", .off),
  OldOption("--multi-scale", train("true") { $0.input.multiScale }),
  OldOption(
    "--img-size 320 640",
    sizes("320 640")),
  OldOption(
    "--img-size 320 640 512",
    sizes("320 640 512")),
  OldOption(
    "--img_size 416",
    sizes("416")),
  OldOption("--rect", train("true") { $0.input.rect }),
  OldOption("--resume", train("true") { $0.run.resume }),
  OldOption("--nosave", train("0") { $0.run.saveEvery }),
  OldOption("--notest", train("0") { $0.run.evaluateEvery }),
  OldOption(
    "--evolve",
    .refused(
      "'--evolve' is not supported: one training at a time is run; vary the options in a script")),
  OldOption("--bucket \"\"", .off),
  OldOption(
    "--bucket gs://b",
    .refused(
      "'--bucket gs://b' is not supported: nothing is uploaded; copy the run folder when it is done"
    )),
  OldOption("--cache-images", train("ram") { $0.machine.cache }),
  OldOption("--weights w.weights", train("w.weights") { $0.input.weights ?? "" }),
  OldOption("--weights yolov4.conv.137", train("yolov4.conv.137") { $0.input.weights ?? "" }),
  OldOption("--weights None", train("nil") { $0.input.weights }),
  OldOption("--weights \"\"", train("nil") { $0.input.weights }),
  OldOption("--weights weights/last.pt", train("weights/last.pt") { $0.input.weights ?? "" }),
  OldOption("--name hand", train("hand") { $0.run.name ?? "" }),
  OldOption("--name \"\"", train("nil") { $0.run.name }),
  OldOption("--device \"\"", train("auto") { $0.machine.common.device }),
  OldOption("--device cpu", train("cpu") { $0.machine.common.device }),
  OldOption("--device 0", train("cuda:0") { $0.machine.common.device }),
  OldOption(
    "--device 0,1",
    .refused(
      "The value '0,1' is invalid for '--device <device>': this version works on one device at a "
        + "time")),
  OldOption("--adam", train("adam") { $0.schedule.optimizer }),
  OldOption("--ema", train("true") { $0.schedule.ema }),
  OldOption("--single-cls", train("true") { $0.input.singleCls }),
  OldOption("--pretrain --weights w", train("true") { $0.input.pretrain }),
  OldOption("-pt --weights w", train("true") { $0.input.pretrain }),
  OldOption("--sparsity-regularization", sparse(0.001, .all)),
  OldOption("-sr", sparse(0.001, .all)),
  OldOption("--s 0.0001", sparse(0.0001, .all)),
  OldOption("-sr --s 0.0001", sparse(0.0001, .all)),
  OldOption("--s 0", sparse(nil, nil)),
  OldOption("--prune -1", sparse(nil, nil)),
  OldOption("-sr --prune -1", sparse(0.001, .all)),
  OldOption("--s 0.01 --prune -1", sparse(0.01, .all)),
  OldOption("--prune 0", sparse(0.001, .normal)),
  OldOption("-sr --s 0.002 --prune 1", sparse(0.002, .shortcut)),
  OldOption("--prune 2", sparse(0.001, .layer)),
  OldOption("--prune 3", .refused("'--prune' must be from -1 to 2, not 3")),
  OldOption("--quantized -1", .off),
  OldOption("--quantized 0", .off),
  OldOption("--quantized 1", quantized("google 8 8 own")),
  OldOption("--quantized 2 --w-bit 4", quantized("dorefa 4 8 own")),
  OldOption(
    "--quantized 3",
    .noticed("'--quantized 3' is google, as the earlier program's description said")),
  OldOption(
    "--quantized 4", .refused("'--quantized' must be from -1 to 3, not 4")),
  OldOption("--quantized 1 --FPGA --a_bit 4", quantized("pow2 8 4 own")),
  OldOption(
    "--quantized 2 --FPGA",
    .refused(
      "'--FPGA' asks for powers of two: '--quantize pow2', or 'tpsq' whose steps learn")),
  OldOption("--quantized 1 --shortcut_way 2", quantized("google 8 8 max")),
  OldOption(
    "--quantized 1 --BN_Fold",
    .noticed("'--BN_Fold' changes nothing: normalisation is always folded")),
  OldOption("--a_bit 8", .noticed("'--a-bit' changes nothing without '--quantize'")),
  OldOption("--a-bit 4", .noticed("'--a-bit' changes nothing without '--quantize'")),
  OldOption("--w-bit 8", .noticed("'--w-bit' changes nothing without '--quantize'")),
  OldOption("--w_bit 8", .noticed("'--w-bit' changes nothing without '--quantize'")),
  OldOption("--BN_Fold", .noticed("'--BN_Fold' changes nothing without '--quantize'")),
  OldOption("--BN_Flod", .noticed("'--BN_Fold' changes nothing without '--quantize'")),
  OldOption("--FPGA", .noticed("'--FPGA' changes nothing without '--quantize'")),
  OldOption("--mixedprecision", train("fp16") { $0.machine.precision }),
  OldOption("-mpt", train("fp16") { $0.machine.precision }),
  OldOption("--shortcut_way 1", .noticed("'--shortcut_way' changes nothing without '--quantize'")),
  OldOption(
    "--gray-scale",
    .noticed("'--gray-scale' changes nothing: pictures are read with the cfg's channels")),
  OldOption("--maxabsscaler", train("maxabs") { $0.scale.inputScale?.rawValue ?? "" }),
  OldOption("-mas", train("maxabs") { $0.scale.inputScale?.rawValue ?? "" }),
  OldOption("--rank 0", .off),
  OldOption("--rank 1", .refused("'--rank 1' \(noRank)")),
  OldOption("--local_rank -1", .off),
  OldOption("--local_rank 0", .refused("'--local_rank 0' \(noRank)")),
  OldOption("--local_rank=2", .refused("'--local_rank 2' \(noRank)")),
  OldOption(
    "--transfer",
    .refused(
      "'--transfer' is not supported: '--pretrain' loads what fits and trains every layer")),
  OldOption(
    "--img-weights",
    .refused("'--img-weights' is not supported: every picture is seen once an epoch")
  ),
  OldOption("--arc default", .off),
  OldOption(
    "--arc uFBCEpw", .refused("'--arc uFBCEpw' is not supported: '--loss' chooses the loss")),
  OldOption(
    "--prebias",
    .refused(
      "'--prebias' is not supported: the heads' biases are set to the data's prior, without an "
        + "epoch")),
  OldOption("--var 1", .refused("'--var 1' is not supported: it never had a meaning")),
]

/// `test.py`.
private let testOptions: [OldOption] = [
  OldOption("--cfg c.cfg", test("c.cfg") { $0.model.cfg }),
  OldOption("--data d.data", test("d.data") { $0.data ?? "" }),
  OldOption("--weights w.weights", test("w.weights") { $0.model.weights }),
  OldOption(
    "--weights None", .refused("'--weights None' loads nothing, but this needs weights")),
  OldOption("--batch-size 8", test("8") { $0.batchSize }),
  OldOption("--img-size 512", test("[512]") { $0.inputSize.imgSize }),
  OldOption("--conf-thres 0.01", test("0.01") { $0.confThres }),
  OldOption("--iou-thres 0.7", test("0.7") { $0.suppressionThreshold }),
  OldOption("--nms-thres 0.4", test("0.4") { $0.suppressionThreshold }),
  OldOption("--nms-thres 0.4 --iou-thres 0.5", test("0.4") { $0.suppressionThreshold }),
  OldOption(
    "--nms-thres 0.4 --iou-thres 0.7",
    .refused(
      "with '--nms-thres', '--iou-thres' is the overlap that counts as found, which is 0.5")),
  OldOption("--save-json", test("true") { $0.saveJson }),
  OldOption("--task test", test("test") { $0.task }),
  OldOption("--task benchmark", test("benchmark") { $0.task }),
  OldOption("--device 1", test("cuda:1") { $0.machine.device }),
  OldOption("--augment", test("true") { $0.postprocessing.augment }),
  OldOption("--single-cls", test("true") { $0.singleCls }),
  OldOption("--qlayers -1", .off),
  OldOption("--qlayers 72", .refused("'--qlayers 72' is not supported: it never had a meaning")),
  OldOption("--BN_Fold", .noticed("'--BN_Fold' \(ownCodes)")),
  OldOption("--FPGA", .noticed("'--FPGA' \(ownCodes)")),
  OldOption("--quantized -1", .off),
  OldOption(
    "--quantized 2",
    .refused("'--quantized 2' is not supported: 'pare quantize' quantizes a trained network")),
  OldOption("--a-bit 8", .noticed("'--a-bit' \(ownCodes)")),
  OldOption("--w-bit 8", .noticed("'--w-bit' \(ownCodes)")),
  OldOption("--shortcut_way 1", .noticed("'--shortcut_way' \(ownCodes)")),
  OldOption(
    "--gray-scale",
    .noticed("'--gray-scale' changes nothing: pictures are read with the cfg's channels")),
  OldOption("-mas", test("maxabs") { $0.scale.inputScale?.rawValue ?? "" }),
]

/// `detect.py`.
private let detectOptions: [OldOption] = [
  OldOption("--names data/coco.names", detect("data/coco.names") { $0.names ?? "" }),
  OldOption("--data data/coco.data", detect("data/coco.data") { $0.data ?? "" }),
  OldOption("--source rtsp://camera/1", detect("[\"a.png\", \"rtsp://camera/1\"]") { $0.source }),
  OldOption("--source 0", detect("[\"a.png\", \"0\"]") { $0.source }),
  OldOption("--output output", detect("output") { $0.folder.output ?? "" }),
  OldOption("--img-size 512", detect("[512]") { $0.inputSize.imgSize }),
  OldOption("--conf-thres 0.3", detect("0.3") { $0.confThres }),
  OldOption("--iou-thres 0.5", detect("0.5") { $0.iouThres }),
  OldOption("--nms-thres 0.5", detect("0.5") { $0.iouThres }),
  OldOption("--fourcc mp4v", detect("mp4v") { $0.fourcc }),
  OldOption("--half", detect("fp16") { $0.precision }),
  OldOption("--device cpu", detect("cpu") { $0.machine.device }),
  OldOption(
    "--view-img",
    .refused("'--view-img' is not supported: no window is opened; the drawn pictures are files")),
  OldOption("--save-txt", detect("true") { $0.saveTxt }),
  OldOption("--classes 0 2 5", detect("[\"0\", \"2\", \"5\"]") { $0.classes }),
  OldOption("--agnostic-nms", detect("true") { $0.postprocessing.agnosticNms }),
  OldOption("--augment", detect("true") { $0.postprocessing.augment }),
  OldOption("--rect", detect("true") { $0.rect }),
  OldOption("--quantized -1", .off),
  OldOption("--shortcut_way 1", .noticed("'--shortcut_way' \(ownCodes)")),
  OldOption("--a_bit 8", .noticed("'--a-bit' \(ownCodes)")),
  OldOption("--w_bit 8", .noticed("'--w-bit' \(ownCodes)")),
  OldOption("--FPGA", .noticed("'--FPGA' \(ownCodes)")),
  OldOption("--quantizer_output", .refused("'--quantizer_output' \(elsewhere)")),
  OldOption("--layer_idx -1", .off),
  OldOption("--layer_idx 3", .refused("'--layer_idx 3' \(elsewhere)")),
  OldOption(
    "--reorder",
    .refused(
      "'--reorder' is not supported: 'pare export fpga' writes weights and codes in tiles")),
  OldOption("--TN 32", .noticed("'--TN' changes nothing: 'pare export fpga' writes tiles")),
  OldOption("--TM 32", .noticed("'--TM' changes nothing: 'pare export fpga' writes tiles")),
  OldOption(
    "--gray-scale",
    .noticed("'--gray-scale' changes nothing: pictures are read with the cfg's channels")),
  OldOption("-mas", detect("maxabs") { $0.scale.inputScale?.rawValue ?? "" }),
]

private let readsOnly = "changes nothing: converting reads cfg and weights only"

/// `convert.py`.
private let convertOptions: [OldOption] = [
  OldOption("--data d.data", .noticed("'--data' \(readsOnly)")),
  OldOption("--source data/samples", .noticed("'--source' \(readsOnly)")),
  OldOption("--img_size 416", .noticed("'--img-size' \(readsOnly)")),
  OldOption("--conf-thres 0.6", .noticed("'--conf-thres' \(readsOnly)")),
  OldOption("--nms-thres 0.8", .noticed("'--nms-thres' \(readsOnly)")),
  OldOption("--device 0", .noticed("'--device' \(readsOnly)")),
  OldOption(
    "--half",
    .refused(
      "'--half' is not supported: weights are written in full precision, which every reader "
        + "expects")),
  OldOption(
    "--gray-scale",
    .noticed("'--gray-scale' changes nothing: pictures are read with the cfg's channels")),
]

/// `normal_prune.py` and its variants.
private let pruneOptions: [OldOption] = [
  OldOption("--cfg c.cfg", prune("c.cfg") { $0.options.model.cfg }),
  OldOption("--data d.data", prune("d.data") { $0.options.pictures.data ?? "" }),
  OldOption("--weights w.weights", prune("w.weights") { $0.options.model.weights }),
  OldOption("--percent 0.8", prune("0.8") { $0.percent }),
  OldOption("--percent 50%", prune("0.5") { $0.percent }),
  OldOption("--global_percent 0.8", prune("0.8") { $0.percent }),
  OldOption(
    "--percent 50",
    .refused(
      "The value '50' is invalid for '--percent <fraction>': a number without % is a fraction "
        + "below 1; write '50%' for percent")),
  OldOption("--img-size 608", prune("[608]") { $0.options.inputSize.imgSize }),
  OldOption("--img_size 416", prune("[416]") { $0.options.inputSize.imgSize }),
  OldOption("--batch-size 16", prune("16") { $0.options.run.batchSize }),
  OldOption(
    "--truncated_layer 84",
    .noticed("'--truncated_layer' changes nothing: the limits come from the network")),
]

/// The other pruning programs, each with what is its own.
private let pruneMethodOptions: [(String, OldOption)] = [
  ("regular", OldOption("--percent 0.5", means("0.5") { (c: PruneRegularCommand) in c.percent })),
  ("shortcut", OldOption("", means("0.6") { (c: PruneShortcutCommand) in c.percent })),
  (
    "slim",
    OldOption(
      "",
      means("0.8 0.01") { (c: PruneSlimCommand) in
        "\(c.percent) \(c.layerKeep)"
      })
  ),
  ("slim", OldOption("--layer_keep 0.1", means("0.1") { (c: PruneSlimCommand) in c.layerKeep })),
  ("slim", OldOption("--global_percent 0.7", means("0.7") { (c: PruneSlimCommand) in c.percent })),
  ("layer", OldOption("", means("8") { (c: PruneLayerCommand) in c.shortcuts })),
  ("layer", OldOption("--shortcuts 12", means("12") { (c: PruneLayerCommand) in c.shortcuts })),
  ("layer", OldOption("--shortcut 12", means("12") { (c: PruneLayerCommand) in c.shortcuts })),
  (
    "layer-channel",
    OldOption(
      "",
      means("8 0.6 0.01") { (c: PruneLayerChannelCommand) in
        "\(c.shortcuts) \(c.percent) \(c.layerKeep)"
      })
  ),
  (
    "layer-channel",
    OldOption(
      "--gray-scale",
      .noticed("'--gray-scale' changes nothing: pictures are read with the cfg's channels"))
  ),
  (
    "layer-channel-regular",
    OldOption(
      "--shortcuts 4", means("4") { (c: PruneLayerChannelRegularCommand) in c.shortcuts })
  ),
  (
    "layer-channel-regular",
    OldOption(
      "--layer_keep 0.01",
      .noticed("'--layer_keep' changes nothing: every layer keeps a multiple of its own"))
  ),
  ("group", OldOption("--percent 0.8", means("0.8") { (c: PruneGroupCommand) in c.percent })),
  (
    "group",
    OldOption(
      "--truncated_layer 118",
      .noticed("'--truncated_layer' changes nothing: the limits come from the network"))
  ),
  (
    "eagleeye --data d.data",
    OldOption(
      "",
      means("0.5 0.05 200") { (c: PruneEagleEyeCommand) in
        "\(c.percent) \(c.delta) \(c.number)"
      })
  ),
  (
    "eagleeye --data d.data",
    OldOption(
      "--channel-base 16", means("16") { (c: PruneEagleEyeCommand) in c.multiple })
  ),
]

/// `info.py`.
private let profileOptions: [OldOption] = [
  OldOption(
    "--cfg c.cfg", means("c.cfg") { (command: ProfileCommand) in command.network.cfg }),
  OldOption(
    "--img_size 416", means("[416]") { (command: ProfileCommand) in command.inputSize.imgSize }),
  OldOption(
    "--device 0",
    .noticed("'--device' changes nothing without '--latency': the figures follow from the cfg")),
  OldOption(
    "--latency --device 0",
    means("cuda:0") { (command: ProfileCommand) in command.machine.device }),
]

/// `PTQ.py`.
private let quantizeOptions: [OldOption] = [
  OldOption("--a-bit 4", means("4") { (command: QuantizeCommand) in command.activationBits }),
  OldOption("--w-bit 4", means("4") { (command: QuantizeCommand) in command.weightBits }),
  OldOption("--batch-size 16", means("16") { (command: QuantizeCommand) in command.batchSize }),
  OldOption(
    "--subset_len 32",
    means("32") { (command: QuantizeCommand) in command.calibrationPictures }),
  OldOption(
    "-mas",
    means("maxabs") { (command: QuantizeCommand) in command.scale.inputScale?.rawValue ?? "" }),
  OldOption(
    "--shortcut_way 2", means("true") { (command: QuantizeCommand) in command.sharedShortcuts }),
  OldOption(
    "--gray_scale",
    .noticed("'--gray-scale' changes nothing: pictures are read with the cfg's channels")),
  OldOption(
    "--augment",
    .refused(
      "'--augment' is not supported: 'pare test --augment' measures the quantized pair on flipped "
        + "and smaller pictures too")),
]

/// `convert_FPGA.py` and `convert_FPGA_2.py`.
private let exportOptions: [OldOption] = {
  let pairsCodes = "changes nothing: the codes that the pair has are written"
  return [
    OldOption(
      "--TN 32 --TM 32",
      means("32 32") { (command: ExportFPGACommand) in
        "\(command.tileInputs) \(command.tileOutputs)"
      }),
    OldOption(
      "--source a.png",
      means("a.png") { (command: ExportFPGACommand) in
        command.source ?? ""
      }),
    OldOption(
      "--reorder",
      means("tiles") { (command: ExportFPGACommand) in
        command.layout.rawValue
      }),
    OldOption(
      "--layout plain --reorder", .refused("'--reorder' is '--layout tiles', not plain")),
    OldOption("--data d.data", .noticed("'--data' changes nothing: nothing is detected")),
    OldOption(
      "--conf-thres 0.6", .noticed("'--conf-thres' changes nothing: nothing is detected")),
    OldOption(
      "--nms-thres 0.8", .noticed("'--nms-thres' changes nothing: nothing is detected")),
    OldOption("--device 0", .noticed("'--device' changes nothing: nothing is detected")),
    OldOption("--quantized -1", .noticed("'--quantized' \(pairsCodes)")),
    OldOption("--a-bit 8", .noticed("'--a-bit' \(pairsCodes)")),
    OldOption("--w-bit 8", .noticed("'--w-bit' \(pairsCodes)")),
    OldOption("--shortcut_way -1", .noticed("'--shortcut_way' \(pairsCodes)")),
    OldOption("--FPGA", .off),
    OldOption(
      "--gray-scale",
      .noticed("'--gray-scale' changes nothing: pictures are read with the cfg's channels")),
  ]
}()

@Suite struct OldOptionsTests {
  @Test(arguments: trainOptions)
  func `train.py's options`(option: OldOption) throws {
    try check(option, after: "train --cfg a.cfg --data a.data")
  }

  @Test(arguments: testOptions)
  func `test.py's options`(option: OldOption) throws {
    try check(option, after: "test --cfg a.cfg --weights a.weights --data a.data")
  }

  @Test(arguments: detectOptions)
  func `detect.py's options`(option: OldOption) throws {
    try check(option, after: "detect --cfg a.cfg --weights a.weights --source a.png")
  }

  @Test(arguments: convertOptions)
  func `convert.py's options`(option: OldOption) throws {
    try check(option, after: "convert --cfg a.cfg --weights a.weights --output b.weights")
  }

  @Test(arguments: pruneOptions)
  func `normal_prune.py's options`(option: OldOption) throws {
    try check(option, after: "prune normal --cfg a.cfg --weights a.weights")
  }

  @Test(arguments: pruneMethodOptions)
  func `options of the other pruning programs`(method: String, option: OldOption) throws {
    try check(option, after: "prune \(method) --cfg a.cfg --weights a.weights")
  }

  @Test(arguments: quantizeOptions)
  func `PTQ.py's options`(option: OldOption) throws {
    try check(option, after: "quantize --cfg a.cfg --weights a.weights --data a.data")
  }

  @Test(arguments: exportOptions)
  func `convert_FPGA.py's options`(option: OldOption) throws {
    try check(option, after: "export fpga --cfg a.cfg --weights a.weights --output o")
  }

  @Test(arguments: profileOptions)
  func `info.py's options`(option: OldOption) throws {
    try check(option, after: "profile --cfg a.cfg")
  }

  private func check(_ option: OldOption, after start: String) throws {
    let line = "\(start) \(option.line)"
    let notices: [String]
    switch option.outcome {
    case .refused(let text):
      #expect(message(line) == text)
      #expect(complaint(line).status == 64)
      return
    case .means(let read, let expected):
      let command = try PareCommand.parseAsRoot(words(line))
      #expect(read(command) == expected)
      notices = []
    case .noticed(let notice): notices = [notice]
    case .off: notices = []
    }
    let command = try #require(PareCommand.parseAsRoot(words(line)) as? any EngineCommand)
    #expect(command.notices == notices)
  }
}
