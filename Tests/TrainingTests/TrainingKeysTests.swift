import Loading
import Testing

@testable import Darknet
@testable import Training

@Suite struct TrainingKeysTests {
  private func network(net: String = "", convolution: String = "", head: String = "") throws
    -> NetworkSpec
  {
    try NetworkSpec(
      Configuration(
        parsing: """
          [net]
          width=32
          height=32
          channels=3
          \(net)
          [convolutional]
          filters=6
          size=16
          stride=16
          activation=linear
          \(convolution)
          [yolo]
          mask=0
          anchors=16,16
          classes=1
          num=1
          \(head)
          """, path: "one.cfg"))
  }

  @Test
  func `keys that change what Darknet learns are named, others are in the report`()
    throws
  {
    let outcome = TrainingKeys.outcome(
      for: try network(
        net: """
          dynamic_minibatch=1
          sequential_subdivisions=2
          try_fix_nan=1
          track=2
          time_steps=3
          loss_scale=128
          label_smooth_eps=0.1
          resize_step=64
          show_details=1
          max_chart_loss=2
          """), options: TrainingOptions())
    #expect(
      outcome.missed == [
        "dynamic_minibatch=1", "sequential_subdivisions=2", "try_fix_nan=1", "track=2",
        "time_steps=3", "loss_scale=128", "label_smooth_eps=0.1",
      ])
    #expect(outcome.ofProgram == ["show_details=1", "max_chart_loss=2"])
    #expect(outcome.line?.contains("dynamic_minibatch=1") == true)
    #expect(outcome.line?.contains("show_details") == false)
    #expect(
      outcome.facts.contains {
        $0.value == "show_details=1, max_chart_loss=2" && $0.name.contains("own program")
      })
    let usual = TrainingKeys.outcome(
      for: try network(net: "time_steps=1\nloss_scale=1\ntrack=0\nresize_step=32"),
      options: TrainingOptions())
    #expect(usual.missed.isEmpty && usual.replaced.isEmpty)
  }

  /// The keys that the reader of a section knows, by the section's name.
  private func knownKeys(_ section: String, _ text: String) throws -> Set<String> {
    let net = section == "net"
    let sections = net ? "[net]\n\(text)\n[avgpool]\n" : "[net]\nwidth=8\n[\(section)]\n\(text)\n"
    let configuration = try Configuration(parsing: sections, path: "one.cfg")
    var reader = SectionReader(configuration.sections[net ? 0 : 1], path: "one.cfg")
    switch section {
    case "net": _ = try NetSpec(&reader)
    default: _ = try LayerSpec(&reader, index: 4, inChannels: 4, rank: 0, layerCount: 9)
    }
    return reader.known
  }

  @Test(
    arguments: [
      ("net", "width=32\nheight=32\nchannels=3", 70),
      ("yolo", "classes=1\nanchors=1,1\nnum=1", 40),
      ("Gaussian_yolo", "classes=1\nanchors=1,1\nnum=1", 40),
      ("region", "classes=1\nnum=1", 25),
      ("convolutional", "filters=4\nsize=1\nactivation=linear", 30),
      ("depthwise", "filters=4\nsize=1\nactivation=linear", 25),
      ("maxpool", "size=2", 15), ("local_avgpool", "size=2", 15), ("avgpool", "", 9),
      ("upsample", "stride=2", 9), ("route", "layers=-1", 9),
      ("shortcut", "from=-1\nactivation=linear", 9),
      ("scale_channels", "from=-1", 9), ("sam", "from=-1", 9), ("dropout", "", 9),
      ("reorg", "", 9), ("batchnorm", "", 5),
    ])
  func `training says something about every key that is known`(
    section: String, text: String, least: Int
  ) throws {
    let keys = try knownKeys(section, text)
    #expect(keys.count >= least, "the reader asked for \(keys.count)")
    for key in keys.sorted() {
      #expect(TrainingKeys.role(of: key, in: section) != nil, "[\(section)] \(key)")
    }
  }

  @Test func `the tables hold no key that no reader knows`() throws {
    let net = try knownKeys("net", "width=32\nheight=32\nchannels=3")
    #expect(Set(TrainingKeys.net.keys).subtracting(net) == [])
    let heads = try knownKeys("Gaussian_yolo", "classes=1\nanchors=1,1\nnum=1")
    #expect(Set(TrainingKeys.heads.keys).subtracting(heads) == [])
    let region = try knownKeys("region", "classes=1\nnum=1")
    #expect(Set(TrainingKeys.region.keys).subtracting(region) == [])
  }

  @Test func `a cfg switches off what training would do`() throws {
    var settings = AugmentationSettings.legacy
    settings.follow(
      try network(
        net: "flip=0\nangle=-12\nmosaic=0\nsaturation=1\nexposure=1\nhue=0"
      ).net)
    var expected = AugmentationSettings()
    expected.degrees = 12
    #expect(settings == expected)

    var untouched = AugmentationSettings.legacy
    untouched.follow(try network(net: "saturation=1.5\nexposure=1.5\nhue=.1\nflip=1").net)
    #expect(untouched == .legacy)
    untouched.follow(try network().net)
    #expect(untouched == .legacy)
  }

  @Test func `a key that nothing knows is said to be ignored`() throws {
    let outcome = TrainingKeys.outcome(
      for: try network(net: "strange=3", head: "weird=2"), options: TrainingOptions())
    #expect(outcome.missed == ["strange=3", "weird=2"])
  }

  @Test func `what is followed and what is not is named, once each`() throws {
    let spec = try network(
      net: "flip=0\nangle=0\nhue=0\nsaturation=1.5\nlearning_rate=0.1\nmixup=1\nblur=0",
      convolution: "stopbackward=1",
      head: "random=1\njitter=0\nresize=1\nignore_thresh=.7\nlabel_smooth_eps=0.1")
    var options = TrainingOptions()
    options.augmentation.follow(spec.net)
    let outcome = TrainingKeys.outcome(for: spec, options: options)
    #expect(
      outcome.line
        == "cfg: flip=0, hue=0 followed; mixup=1, stopbackward=1 ignored; its keys for schedule, "
        + "loss, augmentation do not count, options do (all in report.html)")
    #expect(
      outcome.facts.map(\.value) == [
        "flip=0, hue=0",
        "learning_rate (--learning-rate), saturation (--hsv), random (--multi-scale)",
        "ignore_thresh=.7", "mixup=1, stopbackward=1",
      ])
    // What an option overrules is not said to be followed.
    options.augmentation.horizontalFlip = 0.5
    #expect(TrainingKeys.outcome(for: spec, options: options).followed == ["hue=0"])
  }

  @Test func `ignore_thresh is followed where objectness is smooth`() throws {
    let spec = try network(head: "ignore_thresh=.7\nobjectness_smooth=1\niou_loss=ciou")
    #expect(
      TrainingKeys.outcome(for: spec, options: TrainingOptions()).loss == ["iou_loss=ciou"])
  }

  // Mosaics are made anyhow, and pictures letterboxed.
  @Test func `what says the same as the defaults is not told of at the start`() throws {
    let spec = try network(net: "mosaic=1\nletter_box=1\nflip=1")
    var options = TrainingOptions()
    options.augmentation.follow(spec.net)
    let outcome = TrainingKeys.outcome(for: spec, options: options)
    #expect(outcome.followed == ["mosaic=1", "letter_box=1", "flip=1"] && outcome.line == nil)
  }

  @Test func `a cfg without such keys needs no line`() throws {
    #expect(TrainingKeys.outcome(for: try network(), options: TrainingOptions()).line == nil)
  }
}
