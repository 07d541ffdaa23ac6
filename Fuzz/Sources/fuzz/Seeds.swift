/// A small network of every block but the rarer heads.
let everyBlock = """
  # every block
  [net]
  batch=64
  subdivisions=16
  width=32
  height=16
  channels=3
  momentum=0.9
  decay=.0005
  learning_rate=0.001
  burn_in=1000
  max_batches = 5000
  policy=steps
  steps=400,450
  scales=.1,.1
  hue=.1 ; shift
  mosaic=1

  [convolutional]
  batch_normalize=1
  filters=8
  size=3
  stride=1
  pad=1
  activation=mish
  [depthwise]
  batch_normalize=1
  filters=8
  size=3
  pad=1
  activation=relu6
  [reorg]
  stride=2
  [reorg3d]
  stride=2
  [upsample]
  stride=4
  scale=1
  [route]
  layers=-1,0
  groups=2
  group_id=1
  [convolutional]
  filters=4
  size=1
  activation=h_swish
  [shortcut]
  from=-2,0
  activation=leaky
  weights_type=per_channel
  weights_normalization=softmax
  [shortcut]
  from=-1
  weights_type=per_feature
  weights_normalizion=relu
  [se]
  reduction=2
  [avgpool]
  [scale_channels]
  from=-2
  scale_wh=0
  [batchnorm]
  [BatchNorm2d]
  activation=swish
  [sam]
  from=-2
  [maxpool]
  antialiasing=1
  size=2
  stride=1
  [local_avgpool]
  size=3
  stride_x=2
  stride_y=2
  [dropout]
  probability=.5
  [convolutional]
  size=1
  filters=21
  activation=linear
  [yolo]
  mask = 0,1,2
  anchors = 10,13,  16,30,  33,23
  classes=2
  num=3
  jitter=.3
  scale_x_y=1.05
  iou_loss=ciou
  nms_kind=greedynms
  max_delta=5
  """

let gaussianHead = """
  [net]
  width=16
  height=16
  channels=1
  [convolutional]
  filters=22
  size=1
  stride_x=2
  stride_y=1
  dilation=2
  padding=1
  activation=linear
  [Gaussian_yolo]
  mask=1,0
  anchors=1,2,3,4
  classes=2
  uc_normalizer=0.5
  yolo_point=left_top
  nms_kind=cornersnms
  """

let regionHead = """
  [net]
  width=16
  height=16
  channels=1
  [convolutional]
  filters=14
  size=3
  pad=1
  stride=2
  antialiasing=1
  activation=linear
  [region]
  anchors=.5,1.5,2,3
  bias_match=1
  classes=2
  coords=4
  num=2
  softmax=1
  rescore=1
  thresh=.6
  """

/// Two heads that are mixed (ASFF).
let mixedHeads = """
  [net]
  width=16
  height=16
  channels=1
  [convolutional]
  filters=8
  size=1
  activation=linear
  [convolutional]
  filters=8
  size=1
  stride=2
  activation=linear
  [yolo]
  from=0,1
  mask=0
  anchors=4,4
  classes=1
  [yolo]
  from=0,1
  mask=0
  anchors=4,4
  classes=1
  """

let sharedWeights = """
  [net]
  width=16
  height=16
  channels=3
  [convolutional]
  filters=3
  size=1
  activation=relu
  [convolutional]
  share_index=0
  filters=3
  size=1
  activation=relu
  [convolutional]
  share_index=-1
  filters=3
  size=1
  activation=relu
  """

/// What grows with every layer.
let tooDeep = """
  [net]
  width=16
  height=16
  channels=3
  [upsample]
  stride=64
  [upsample]
  stride=64
  [route]
  layers=-1,-1,-1,-1
  [convolutional]
  filters=65536
  size=64
  activation=relu
  """
