/// The help screen of every command at 80 columns, by the words that name it.
let helpScreens: [String: String] = [
  "": """
  OVERVIEW: Makes YOLO detectors small: trains, prunes, tests and runs them.

  A network is always a pair of files: a Darknet cfg and its weights. Results go
  to stdout, progress and warnings to stderr.

  USAGE: pare <subcommand>

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  SUBCOMMANDS:
    config                  Writes and checks cfg files.
    dataset                 Imports, checks, splits and draws labelled data sets.
    anchors                 Finds box shapes (anchors) that suit a data set, and
                            says how well they do.
    profile                 Counts a network's parameters, multiplications and
                            activations, layer by layer.
    convert                 Converts weights between Darknet, safetensors and
                            PyTorch's names.
    train                   Trains a network, and makes it sparse where asked.
    test                    Measures precision, recall and mAP on a labelled data
                            set.
    detect                  Finds objects in pictures and videos, draws and lists
                            them.
    prune                   Writes a smaller network and proves that it computes
                            the same.
    compare                 Puts two or more networks side by side.
    doctor                  Checks the machine, the libraries, and a network and
                            data set where given.

  EXAMPLES:
    pare dataset import voc pictures --output cells
    pare config new yolov4-tiny --classes 3 --output cells.cfg
    pare train --cfg cells.cfg --data cells/cells.data --output runs/dense
    pare detect --model runs/dense --source photos

    See 'pare help <subcommand>' for detailed help.
  """,
  "config": """
  OVERVIEW: Writes and checks cfg files.

  USAGE: pare config <subcommand>

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  SUBCOMMANDS:
    new                     Writes the cfg of a built-in network.
    check                   Looks for mistakes in a cfg: unknown keys, wrong
                            references, shapes that do not fit.

    See 'pare help config <subcommand>' for detailed help.
  """,
  "config new": """
  OVERVIEW: Writes the cfg of a built-in network.

  The networks, their own input size and millions of parameters:

    yolov2                       416   51.0  Darknet-19, one region head
    yolov2-tiny                  416   11.2  nine convolutions, one region head
    yolov3                       416   61.9  Darknet-53, heads on three grids
    yolov3-spp                   608   63.0  with spatial pyramid pooling
    yolov3-spp3                  608   64.3  with a pyramid in each head
    yolov3-tiny                  416    8.9  thirteen convolutions, two heads
    yolov3-tiny-3l               608    9.2  with a third, finer head
    yolov3-5l                    416   62.3  heads of strides 32 to 2
    yolov3-asff                  608   63.0  SPP, adaptive fusion of the heads
    yolov3-spp-pan-scale         544   98.2  SPP, a path down through every stage
    yolov3-spp-matrix            416   69.4  SPP, heads for tall and wide boxes
    yolov3-mobilenet             416   24.2  on MobileNetV3-large
    yolov3-tiny-mobilenet-small  416    3.0  on MobileNetV3-small
    yolov3-ghost                 416   23.9  on GhostNet
    yolov3-tiny-efficientnet-b0  416    4.8  on EfficientNet-B0
    enet-coco                    416    4.8  the same, masks of its own weights
    yolov4                       608   64.4  CSPDarknet-53, mish in the backbone
    yolov4-leaky                 608   64.4  leaky ReLU throughout
    yolov4-relu                  608   64.4  ReLU throughout
    yolov4-leaky-dpu             512   64.4  leaky, pools of at most 7 for DPUs
    yolov4-tiny                  416    6.1  halved cross stages, two heads
    yolov4-tiny-3l               608    6.3  with a third, finer head
    yolov4-csp                   512   52.9  cross stages in the neck too, mish
    yolov4-csp-swish             640   52.9  the same with swish
    yolov4x-mish                 640   99.8  YOLOv4-CSP, wider and deeper
    yolov7-tiny                  416    6.2  ELAN blocks, three heads
    yolo-fastest-1.1             320    0.3  depthwise throughout, for phones

  USAGE: pare config new <name> --classes <n> [--anchors <pairs>]
         [--img-size <pixels> ...] [--channels <n>] [--masks <kind>]
         [--width-multiple <factor>] --output <file> [--overwrite] [--json <file>]
         [--quiet]

  ARGUMENTS:
    <name>                  The network. (values: yolov2, yolov2-tiny, yolov3,
                            yolov3-spp, yolov3-spp3, yolov3-tiny, yolov3-tiny-3l,
                            yolov3-5l, yolov3-asff, yolov3-spp-pan-scale,
                            yolov3-spp-matrix, yolov3-mobilenet,
                            yolov3-tiny-mobilenet-small, yolov3-ghost,
                            yolov3-tiny-efficientnet-b0, enet-coco, yolov4,
                            yolov4-leaky, yolov4-relu, yolov4-leaky-dpu,
                            yolov4-tiny, yolov4-tiny-3l, yolov4-csp,
                            yolov4-csp-swish, yolov4x-mish, yolov7-tiny,
                            yolo-fastest-1.1)

  OPTIONS:
    --classes <n>           Number of classes.
    --anchors <pairs>       Anchors in pixels, "w,h w,h ...", or those of a data
                            set, scaled to the input size: oxfordhand, bdd100k,
                            dior, visdrone, uav, screw. The network's own unless
                            given.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --channels <n>          Input channels: 3 for colour, 1 for gray. (default: 3)
    --masks <kind>          Anchors of a tiny network's fine head: official as the
                            published weights have them, legacy each anchor once.
                            As the network was published unless given, legacy with
                            other anchors. (values: official, legacy)
    --width-multiple <factor>
                            Factor of every layer's width, at most 1. (default:
                            1.0)
    --output <file>         File to write.
    --overwrite             Replace the output file.
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare config new yolov4-tiny --classes 3 --output cells.cfg
    pare config new yolov3 --classes 1 --anchors oxfordhand --output hand.cfg
  """,
  "config check": """
  OVERVIEW: Looks for mistakes in a cfg: unknown keys, wrong references, shapes
  that do not fit.

  USAGE: pare config check <file> [--strict] [--img-size <pixels> ...]
         [--json <file>] [--quiet]

  ARGUMENTS:
    <file>                  The cfg file.

  OPTIONS:
    --strict                Refuse unknown keys, repeated keys and unknown values,
                            which are warnings else.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare config check cells.cfg --strict
  """,
  "dataset": """
  OVERVIEW: Imports, checks, splits and draws labelled data sets.

  USAGE: pare dataset <subcommand>

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  SUBCOMMANDS:
    import                  Writes a data set in Darknet's form; the originals
                            stay untouched.
    check                   Looks for broken pictures, labels that cannot be
                            right, and copies across splits.
    stats                   Counts pictures, boxes, classes and sizes, and draws
                            them.
    split                   Divides all pictures of a set into train, valid and
                            test, or into folds.
    merge                   Puts several data sets together into one; the
                            originals stay untouched.
    export                  Writes a data set in the form of VOC, COCO or YOLO
                            with a data.yaml.
    synthetic               Draws a labelled set of shapes on textured
                            backgrounds.

    See 'pare help dataset <subcommand>' for detailed help.
  """,
  "dataset import": """
  OVERVIEW: Writes a data set in Darknet's form; the originals stay untouched.

  What is wrong with single records is skipped, counted and listed.
  docs/datasets.md shows the folders that each form is expected in.

  USAGE: pare dataset import [<options>] --output <dir> <format> <source>

  ARGUMENTS:
    <format>                The form that the set is in. (values: voc, coco,
                            oxfordhand, bdd100k, visdrone, dior, yolo, darknet)
    <source>                Folder of the set; for coco, bdd100k, yolo and darknet
                            also one file.

  OPTIONS:
    --keep-difficult        Keep boxes that the set marks as difficult.
    --keep-crowds           Keep COCO's crowd regions, each one box around many
                            objects.
    --allow-outside         Take pictures outside of the source, and folders above
                            it, that an annotation names.
    --name <name>           Name of the set; the output folder's unless given.
    --names <file>          File with the only classes to take, in order; all
                            unless given.
    --splits <from=to> ...  Lists to put elsewhere, such as valid=train
                            test=valid.
    --copy                  Copy the pictures; they are linked otherwise.
    --output <dir>          Folder to write.
    --overwrite             Replace what pare wrote in the output folder.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare dataset import voc pictures --output cells
    pare dataset import voc pictures --copy --output cells
  """,
  "dataset check": """
  OVERVIEW: Looks for broken pictures, labels that cannot be right, and copies
  across splits.

  Decodes every picture. Errors are list entries without a picture, pictures that
  cannot be decoded or have another format's extension, labels that cannot be
  right, and pictures that are in two splits, be it recompressed, resized or
  cropped by up to 5 %: with any of them the exit status is 1. Warnings are copies
  within a split, boxes that are tiny, huge, doubled or over the edge, and classes
  with few boxes.

  USAGE: pare dataset check --data <file> [--cfg <file>] [--img-size <pixels> ...]
         [--workers <n>] [--max-pixels <n>] [--json <file>] [--quiet]

  OPTIONS:
    --data <file>           The data set's .data file.
    --cfg <file>            A cfg to take the input size and the number of anchors
                            from.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's, or 416.
    --workers <n>           Threads that decode pictures; as many as the machine
                            has cores unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare dataset check --data cells/cells.data
  """,
  "dataset stats": """
  OVERVIEW: Counts pictures, boxes, classes and sizes, and draws them.

  The table goes to stdout. report.html in the output folder shows the
  distributions and a mosaic of labelled pictures; it needs no network.

  USAGE: pare dataset stats --data <file> [--pictures <n>] [--seed <n>]
         [--output <dir>] [--overwrite] [--max-pixels <n>] [--json <file>]
         [--quiet]

  OPTIONS:
    --data <file>           The data set's .data file.
    --pictures <n>          Pictures in the mosaic. (default: 24)
    --seed <n>              Seed that chooses the pictures. (default: 0)
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare dataset stats --data cells/cells.data --output page
  """,
  "dataset split": """
  OVERVIEW: Divides all pictures of a set into train, valid and test, or into
  folds.

  With --folds, every fold gets a .data file: the fold is its test part, the
  others are its train part. So each picture is tested once, by a network that
  never saw it. Which fold a picture is in depends on its file name alone, and
  stays when pictures are added.

  USAGE: pare dataset split --data <file> [--ratios <fraction> ...]
         [--stratified|--no-stratified] [--keep-test] [--seed <n>] [--folds <n>]
         [--validation-share <fraction>] --output <dir> [--overwrite]
         [--json <file>] [--quiet]

  OPTIONS:
    --data <file>           The data set's .data file.
    --ratios <fraction> ... Parts of train, valid and test. (default: 0.8, 0.1,
                            0.1)
    --stratified/--no-stratified
                            Spread each class evenly over the parts. (default:
                            --stratified)
    --keep-test             Leave the test pictures as they are, and divide the
                            others into train and valid.
    --seed <n>              Seed of the division. (default: 0)
    --folds <n>             Make this many folds in place of one division.
    --validation-share <fraction>
                            Part of the other folds that is set aside as 'valid'.
                            (default: 0.0)
    --output <dir>          Folder to write.
    --overwrite             Replace what pare wrote in the output folder.
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare dataset split --data cells/cells.data --ratios 0.7 0.2 0.1 --output parts
    pare dataset split --data cells/cells.data --ratios 0.9 0.1 --keep-test \\
      --output parts
    pare dataset split --data cells/cells.data --folds 5 --output folds
  """,
  "dataset merge": """
  OVERVIEW: Puts several data sets together into one; the originals stay
  untouched.

  Classes of the same name become one; '--map' renames them before. Pictures of
  the same file name are kept apart, and those with the same contents are
  reported. VOC07+12 is the sets of 2007 and 2012 merged with '--splits
  valid=train test=valid'.

  USAGE: pare dataset merge <sources> ... [--map <old=new> ...] [--name <name>]
         [--names <file>] [--splits <from=to> ...] [--copy] --output <dir>
         [--overwrite] [--json <file>] [--quiet]

  ARGUMENTS:
    <sources> ...           The sets' .data files.

  OPTIONS:
    --map <old=new> ...     Classes to rename, such as motorbike=motorcycle.
    --name <name>           Name of the set; the output folder's unless given.
    --names <file>          File with the only classes to take, in order; all
                            unless given.
    --splits <from=to> ...  Lists to put elsewhere, such as valid=train
                            test=valid.
    --copy                  Copy the pictures; they are linked otherwise.
    --output <dir>          Folder to write.
    --overwrite             Replace what pare wrote in the output folder.
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare dataset merge cells/cells.data more/more.data --output both
    pare dataset merge cells/cells.data more/more.data --map circle=cell \\
      --output both
  """,
  "dataset export": """
  OVERVIEW: Writes a data set in the form of VOC, COCO or YOLO with a data.yaml.

  Boxes in whole pixels come out as they went in. VOC's boxes are in whole pixels
  always.

  USAGE: pare dataset export <format> [<data-file>] [--data <file>] [--copy]
         --output <dir> [--overwrite] [--max-pixels <n>] [--json <file>] [--quiet]

  ARGUMENTS:
    <format>                The form to write. (values: voc, coco, yolo)
    <data-file>             The set's .data file; the same as '--data'.

  OPTIONS:
    --data <file>           The set's .data file.
    --copy                  Copy the pictures; they are linked otherwise.
    --output <dir>          Folder to write.
    --overwrite             Replace what pare wrote in the output folder.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare dataset export yolo --data cells/cells.data --output cells-yolo
  """,
  "dataset synthetic": """
  OVERVIEW: Draws a labelled set of shapes on textured backgrounds.

  USAGE: pare dataset synthetic [--classes <n>] [--images <n>] [--validation <n>]
         [--test <n>] [--size <pixels>] [--seed <n>] --output <dir> [--overwrite]
         [--json <file>] [--quiet]

  OPTIONS:
    --classes <n>           Number of classes, each a shape. (default: 4)
    --images <n>            Pictures to train on. (default: 800)
    --validation <n>        Pictures to choose checkpoints on. (default: 100)
    --test <n>              Pictures held out. (default: 200)
    --size <pixels>         Width and height of the pictures. (default: 416)
    --seed <n>              Seed of everything drawn. (default: 0)
    --output <dir>          Folder to write.
    --overwrite             Replace what pare wrote in the output folder.
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare dataset synthetic --classes 3 --size 160 --output shapes
  """,
  "anchors": """
  OVERVIEW: Finds box shapes (anchors) that suit a data set, and says how well
  they do.

  The anchors are printed as 'pare config new --anchors' takes them. They are
  clusters of the sizes that the boxes have in the network's input, improved by
  random changes.

  USAGE: pare anchors --data <file> [--split <part>] [--cfg <file>]
         [--img-size <pixels> ...] [--clusters <n>] [--method <kind>]
         [--mutations <n>] [--seed <n>] [--max-pixels <n>] [--json <file>]
         [--quiet]

  OPTIONS:
    --data <file>           The data set's .data file.
    --split <part>          The part of the data set to fit. (values: train,
                            valid, test; default: train)
    --cfg <file>            A cfg to take the input size and the number of anchors
                            from.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's, or 416.
    --clusters <n>          Number of anchors; 9 without '--cfg'.
    --method <kind>         How boxes are grouped: iou by overlap, legacy by
                            distance. (values: iou, legacy; default: iou)
    --mutations <n>         Random changes that are tried after clustering.
                            (default: 1000)
    --seed <n>              Seed of every random choice. (default: 0)
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare anchors --data cells/cells.data --cfg cells.cfg
  """,
  "profile": """
  OVERVIEW: Counts a network's parameters, multiplications and activations, layer
  by layer.

  Parameters are the numbers that training changes. MACs are multiplications, each
  with an addition, for one picture; BFLOPs, as Darknet prints them, are twice as
  many. Activations are the memory of one picture's feature maps: the peak is what
  detecting needs, the sum what training needs.

  USAGE: pare profile [--model <dir>] [--cfg <file>] [--img-size <pixels> ...]
         [--latency] [--repeats <n>] [--device <device>] [--threads <n>]
         [--json <file>] [--quiet]

  OPTIONS:
    --model <dir>           A run folder, in place of --cfg.
    --cfg <file>            The network's cfg file.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --latency               Also measure each layer: the median of several passes
                            of one picture, batch normalization folded, under
                            random weights.
    --repeats <n>           Timed passes of --latency. (default: 20)
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare profile --cfg cells.cfg
    pare profile --cfg cells.cfg --latency
  """,
  "convert": """
  OVERVIEW: Converts weights between Darknet, safetensors and PyTorch's names.

  The output's name says what is written:

    NAME.weights      Darknet's form
    NAME.conv.N       the first N layers in Darknet's form
    NAME.safetensors  arrays with names
    NAME.bin          NAME_weights.bin and NAME_bias.bin, normalization folded in

  Without --output, weights/CFG-best.weights and weights/CFG.bin are written. With
  --standard the network is rewritten into Darknet's own blocks, so that other
  programs can read it. Its outputs stay the same. NAME.cfg is then written too.

  USAGE: pare convert [--model <dir>] [--cfg <file>] [--weights <file>]
         [--output <file>] [--tensor-names <naming>] [--standard] [--overwrite]
         [--json <file>] [--quiet]

  OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --output <file>         File to write.
    --tensor-names <naming> Names in a .safetensors: 12.gamma, or
                            module_list.12.BatchNorm2d.weight. (values: pare,
                            state-dict)
    --standard              Rewrite extension blocks (depthwise, se, BatchNorm2d,
                            h_swish) into Darknet's own, and write the cfg too.
    --overwrite             Replace the output file.
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare convert --cfg yolov4-tiny.cfg --weights yolov4-tiny.weights \\
      --output yolov4-tiny.safetensors
    pare convert --cfg yolov4-tiny.cfg --weights yolov4-tiny.weights \\
      --output yolov4-tiny.conv.29
  """,
  "train": """
  OVERVIEW: Trains a network, and makes it sparse where asked.

  Writes a run folder: the network with its best weights (model.weights) and those
  of the last epoch (last.weights), figures of every epoch (results.csv,
  report.html), and the checkpoint that --resume needs (last.safetensors). Ctrl-C
  saves, and says how to go on.

  USAGE: pare train [<options>] --cfg <file> --data <file>

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder to start from, in place of --cfg and
                            --weights; from its best weights unless '--weights
                            last' asks for the last epoch's.
    --cfg <file>            The network's cfg file.
    --data <file>           The data set's .data file.
    --weights <file>        Weights to start from; 'None' and '' load nothing.
    -pt, --pretrain         Load the layers that fit, and list those that do not.
    --img-size <pixels> ... Training sizes in pixels: smallest, largest and test
                            size. One value trains at one size.
    --multi-scale           Change the training size every few steps.
    --rect                  Put pictures of similar proportions into one batch,
                            with little padding; without mosaics.
    --resize <mode>         How pictures are brought to the input size; what the
                            model that training starts from says unless given,
                            else letter_box of the cfg, else letterbox. (values:
                            letterbox, stretch, darknet)
    --single-cls            Treat all classes of the data set as one; the cfg must
                            have one class then.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)

  SCHEDULE OPTIONS:
    --epochs <n>            How often every picture is seen. (default: 300)
    --batch-size <n>        Pictures per pass through the network. (default: 16)
    --nominal-batch <n>     Pictures per optimizer step; batches are added up
                            until there are as many. (default: 64)
    --accumulate <n>        Batches per optimizer step, in place of
                            '--nominal-batch'.
    --optimizer <name>      The optimizer. (values: sgd, adam; default: sgd)
    --learning-rate, --lr0 <rate>
                            Learning rate after warm-up, for '--nominal-batch'
                            pictures a step. (default: 0.01)
    --final-learning-rate <fraction>
                            Last learning rate, as a fraction of
                            '--learning-rate'. (default: 0.05)
    --momentum <x>          Momentum of the optimizer. (default: 0.937)
    --weight-decay <x>      Weight decay of convolution weights. (default: 0.0005)
    --warmup-epochs <epochs>
                            Epochs in which the learning rate rises; at least 500
                            batches. (default: 3.0)
    --warmup-steps <batches>
                            Batches in which the learning rate rises, in place of
                            '--warmup-epochs'.
    --ema/--no-ema          Test and keep a moving average of the weights.
                            (default: --no-ema)

  LOSS OPTIONS:
    --loss <preset>         Preset of the loss. (values: legacy; default: legacy)
    --iou-loss <overlap>    Measure of overlap that the box loss improves; the
                            preset's unless given. (values: giou, ciou)
    --class-gain <gain>     Weight of the class term for 80 classes; it is scaled
                            by classes / 80. (default: 37.4)

  SPARSITY OPTIONS:
    --sparsity <strength>   Strength of the L1 penalty per optimizer step, the
                            greatest one with 'auto'; 0.001 is usual, 0 is off.
    --sparsity-scope <scope>
                            Layers that are made sparse; 'all' unless given.
                            (values: normal, shortcut, layer, all)
    --sparsity-schedule <schedule>
                            How the strength changes: 'global' lowers it after
                            half of the epochs, 'local' and 'local-early' for the
                            largest scales alone, 'auto' starts small and follows
                            the validation; 'constant' unless given. (values:
                            constant, global, local, local-early, auto)
    --sparsity-keep <fraction>
                            With a local schedule, the share of the scales that
                            recovers, the largest: as many as pruning is to leave.
                            0.15, or 0.35 with 'local-early', unless given.
    --sparsity-band <points>
                            With 'auto', points of mAP@0.5 below the best that the
                            strength may cost; 2 unless given.
    --sparsity-update <kind>
                            Whether the penalty is added to gradients, or shrinks
                            scales to exact zeros; 'subgradient' unless given.
                            (values: subgradient, proximal)
    --sparsity-rescale <factor>
                            With 'proximal', what scales are multiplied by while
                            training, and the weights after them divided by: below
                            1 scales reach zero sooner.

  AUGMENTATION OPTIONS:
    --mosaic/--no-mosaic    Put four pictures together; done unless the cfg's
                            mosaic is 0.
    --hsv <gain> ...        Largest change of hue, saturation and value; 0.0138,
                            0.678 and 0.36 unless given, none where the cfg's hue
                            is 0, its saturation or exposure 1.
    --degrees <degrees>     Largest rotation in degrees; the cfg's angle, or 0,
                            unless given.
    --translate <fraction>  Largest shift, as a fraction of the size. (default:
                            0.0)
    --scale <fraction>      Largest change of scale, as a fraction. (default: 0.0)
    --shear <degrees>       Largest shear in degrees. (default: 0.0)
    --flip <probability>    Probability of mirroring left to right; 0.5 unless
                            given, 0 where the cfg's flip is 0.

  RUN OPTIONS:
    --name <name>           Name of the run folder under runs/; it is numbered
                            when it exists.
    --output <dir>          Folder of the run; a new numbered one under runs/
                            unless given.
    --overwrite             Replace what pare wrote in the output folder.
    --resume                Continue the run in '--output', or the newest of
                            '--name' or of all, with its own options; '--epochs'
                            may be another number.
    --save-every <epochs>   Epochs between checkpoints and last weights; 0 writes
                            them at the end only. (default: 1)
    --evaluate-every <epochs>
                            Epochs between tests on 'valid'; 0 tests at the end
                            only. (default: 1)
    --seed <n>              Seed of every random choice. (default: 0)

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --precision <type>      Number type that the network computes with. (values:
                            fp32, bf16, fp16; default: fp32)
    --cache <place>         Where decoded pictures are kept. (values: none, ram,
                            disk, device; default: none)
    --cache-folder <dir>    Folder of '--cache disk'; .pare-cache beside the .data
                            file unless given.
    --workers <n>           Threads that decode pictures; as many as fit the
                            machine unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare train --cfg cells.cfg --weights yolov4-tiny.conv.29 --pretrain \\
      --data cells/cells.data --epochs 200 --output runs/dense
    pare train --resume --output runs/dense
    pare train --model runs/dense --data cells/cells.data --epochs 100 \\
      --nominal-batch 16 --sparsity 0.015 --sparsity-schedule local-early \\
      --output runs/sparse
  """,
  "test": """
  OVERVIEW: Measures precision, recall and mAP on a labelled data set.

  USAGE: pare test [<options>] --data <file>

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --data <file>           The data set's .data file.
    --names <file>          Names of the classes; the data set's unless given.
    --split <part>          The part of the data set to measure on. (values:
                            train, valid, test; default: valid)
    --single-cls            Treat all classes of the data set as one; the cfg must
                            have one class then.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  MEASUREMENT OPTIONS:
    --task <task>           One measurement, or a table of sizes and overlaps.
                            (values: test, benchmark; default: test)
    --ap <kind>             The definition of average precision. (values: coco,
                            voc07, voc12, legacy, darknet; default: coco)

  INPUT OPTIONS:
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)
    --rect                  Test batches of like proportions with the least
                            padding.
    --batch-size <n>        Pictures per pass through the network. (default: 16)

  DETECTION OPTIONS:
    --conf-thres <score>    Lowest confidence of a detection. (default: 0.001)
    --iou-thres <iou>       Overlap from which NMS drops a box; 0.6 unless given.
    --agnostic-nms          Thin out boxes across classes.
    --best-class            Keep only the best class of a box.
    --augment               Also look at each picture flipped and at 0.83 and 0.67
                            of its size.
    --precision <type>      Number type that the network computes with. (values:
                            fp32, bf16, fp16; default: fp32)

  OUTPUT OPTIONS:
    --save-json             Write the detections as COCO results to results.json
                            in the output folder.
    --save-txt              Write the detections as label files into the output
                            folder.
    --save-predictions <file>
                            Keep detections and labels for 'pare compare'.
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare test --model runs/dense --data cells/cells.data --split test
    pare test --model runs/tuned --data cells/cells.data --split test \\
      --save-predictions tuned.json
  """,
  "detect": """
  OVERVIEW: Finds objects in pictures and videos, draws and lists them.

  USAGE: pare detect [<options>] --source <source> ...

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --source <source> ...   Pictures, videos, folders, patterns such as 'a/*.jpg',
                            .txt lists, camera numbers, addresses; '-' reads a
                            picture or a list from the standard input.
    --names <file>          Names of the classes; those beside the cfg unless
                            given.
    --data <file>           A .data file to take the names from.
    --classes <class> ...   Classes to keep, by number, from 0, or by name; all
                            unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  INPUT OPTIONS:
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)
    --rect                  Pad each picture to the network's stride only, not to
                            the whole input size.

  DETECTION OPTIONS:
    --conf-thres <score>    Lowest confidence of a detection. (default: 0.3)
    --iou-thres, --nms-thres <iou>
                            Overlap from which NMS drops a box. (default: 0.6)
    --agnostic-nms          Thin out boxes across classes.
    --best-class            Keep only the best class of a box.
    --augment               Also look at each picture flipped and at 0.83 and 0.67
                            of its size.
    --precision <type>      Number type that the network computes with. (values:
                            fp32, bf16, fp16; default: fp32)

  OUTPUT OPTIONS:
    --save-txt              Write the detections as label files into the output
                            folder.
    --save-json             Write the detections as COCO results to results.json
                            in the output folder.
    --fourcc <fourcc>       Four letters of the codec that videos are written
                            with. (default: mp4v)
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare detect --model runs/tuned --source photos --output found
    pare detect --cfg yolov4-tiny.cfg --weights yolov4-tiny.weights \\
      --names coco.names --source photos --json found.json
  """,
  "prune": """
  OVERVIEW: Writes a smaller network and proves that it computes the same.

  Channel methods take the channels with the smallest scores of all layers. The
  score is the scale of a channel's normalisation unless --score names another
  one; scales tell what matters after sparse training only. Layer methods take
  whole residual blocks, which gives the most speed for what is taken. Each
  method's own help says more.

  With --data a method measures mAP before and after, and prints the loss first.
  --curve measures it at many shares; --max-loss refuses to write what loses more.
  Without pictures nobody can know the loss: fine-tune before use.

  normal, regular: gentle; seconds.
  slim, target: moderate; seconds, minutes for target by latency or by lost mAP.
  shortcut, group: strong; seconds.
  layer: strong, the most speed; seconds; always fine-tune.
  layer-channel, layer-channel-regular: the strongest; seconds; always fine-tune.
  eagleeye: strong, without sparse training; an evaluation a candidate; always
  fine-tune.

  USAGE: pare prune <subcommand>

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  SUBCOMMANDS:
    normal                  Removes the channels with the smallest normalisation
                            scales of all layers.
    regular                 As normal, with widths that are multiples of a number.
    shortcut                As normal, but channels that are added follow the
                            first of their layers.
    slim                    As normal, but channels that are added stay when any
                            of their layers wants them.
    layer                   Removes whole residual blocks, those with the smallest
                            mean scale.
    layer-channel           As slim, then as layer.
    layer-channel-regular   As shortcut with rounded widths, then as layer.
    group                   As slim, with a share for each stage of the network,
                            and votes on added channels.
    eagleeye                Tries many random networks of one size and keeps the
                            best on pictures.
    target                  Prunes until the network is as small or as fast as
                            asked.

  EXAMPLES:
    pare prune normal --model runs/sparse --weights last \\
      --data cells/cells.data --percent 50% --output runs/pruned

    See 'pare help prune <subcommand>' for detailed help.
  """,
  "prune normal": """
  OVERVIEW: Removes the channels with the smallest normalisation scales of all
  layers.

  Gentle. Channels that are added together are judged as one, by the largest of
  their scales, so wide residual chains mostly stay. Without --force no layer
  loses all its channels; what is lost of mAP is another matter, which --data
  measures.

  USAGE: pare prune normal [<options>]

  METHOD OPTIONS:
    --percent, --global_percent <fraction>
                            Channels to remove of those that can be: a fraction
                            such as 0.5, or 50%. What is worth exactly 0 goes in
                            any case. (default: 0.5)

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --data <file>           The data set's .data file; without it, or without
                            labels, mAP is left out.
    --split <part>          The part of the data set to measure on. (values:
                            train, valid, test; default: valid)
    --pictures <n>          Measure mAP on this many pictures of the part, spread
                            over it; on all unless given.
    --single-cls            Treat all classes of the data set as one; the cfg must
                            have one class then.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)

  CHANNEL OPTIONS:
    --scope <scope>         Layers that may lose channels. (values: all, legacy;
                            default: all)
    --score <score>         What a channel is worth; the method's own unless
                            given. taylor, hessian and rank are measured on
                            --data. (values: gamma, l1, l2, geometric-median,
                            taylor, hessian, rank, random)
    --normalize <kind>      What scores are compared over. (values: global, layer;
                            default: global)
    --force                 Go on where a layer would lose all its channels: it
                            keeps the best one. Go on beyond the cliff of --curve.
    --recalibrate           Re-estimate normalisation statistics on training
                            pictures of --data.
    --restore-scales        Multiply the scales that are left, up to about 1, and
                            divide the weights after them: outputs stay,
                            fine-tuning may take fewer epochs.

  JUDGEMENT OPTIONS:
    --max-loss <points>     Refuse to write a network that lost more points of
                            mAP@0.5:0.95 than this, measured on --data.
    --curve                 Measure mAP at shares of 0% to 90% first, as pruned
                            and with re-estimated statistics, and refuse a share
                            at which more than 5 points of mAP@0.5 are lost.
    --explain               Print what is tied, what is kept and why, and the
                            difference to legacy.
    --ap <kind>             The definition of average precision. (values: coco,
                            voc07, voc12, legacy, darknet; default: coco)

  RUN OPTIONS:
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.
    --batch-size <n>        Pictures per pass through the network. (default: 16)
    --seed <n>              Seed of whatever is drawn: random scores and
                            candidates, resamples, pictures for the proof where
                            there is no data. (default: 0)

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare prune normal --model runs/sparse --weights last \\
      --data cells/cells.data --percent 50% --output runs/pruned
  """,
  "prune regular": """
  OVERVIEW: As normal, with widths that are multiples of a number.

  Gentle. For speed: odd widths are slow on most machines. Keeps a little more
  than normal.

  USAGE: pare prune regular [<options>]

  METHOD OPTIONS:
    --percent, --global_percent <fraction>
                            Channels to remove of those that can be: a fraction
                            such as 0.5, or 50%. What is worth exactly 0 goes in
                            any case. (default: 0.5)
    --multiple <n>          What widths are rounded to. (default: 8)

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --data <file>           The data set's .data file; without it, or without
                            labels, mAP is left out.
    --split <part>          The part of the data set to measure on. (values:
                            train, valid, test; default: valid)
    --pictures <n>          Measure mAP on this many pictures of the part, spread
                            over it; on all unless given.
    --single-cls            Treat all classes of the data set as one; the cfg must
                            have one class then.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)

  CHANNEL OPTIONS:
    --scope <scope>         Layers that may lose channels. (values: all, legacy;
                            default: all)
    --score <score>         What a channel is worth; the method's own unless
                            given. taylor, hessian and rank are measured on
                            --data. (values: gamma, l1, l2, geometric-median,
                            taylor, hessian, rank, random)
    --normalize <kind>      What scores are compared over. (values: global, layer;
                            default: global)
    --force                 Go on where a layer would lose all its channels: it
                            keeps the best one. Go on beyond the cliff of --curve.
    --recalibrate           Re-estimate normalisation statistics on training
                            pictures of --data.
    --restore-scales        Multiply the scales that are left, up to about 1, and
                            divide the weights after them: outputs stay,
                            fine-tuning may take fewer epochs.

  JUDGEMENT OPTIONS:
    --max-loss <points>     Refuse to write a network that lost more points of
                            mAP@0.5:0.95 than this, measured on --data.
    --curve                 Measure mAP at shares of 0% to 90% first, as pruned
                            and with re-estimated statistics, and refuse a share
                            at which more than 5 points of mAP@0.5 are lost.
    --explain               Print what is tied, what is kept and why, and the
                            difference to legacy.
    --ap <kind>             The definition of average precision. (values: coco,
                            voc07, voc12, legacy, darknet; default: coco)

  RUN OPTIONS:
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.
    --batch-size <n>        Pictures per pass through the network. (default: 16)
    --seed <n>              Seed of whatever is drawn: random scores and
                            candidates, resamples, pictures for the proof where
                            there is no data. (default: 0)

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare prune regular --model runs/sparse --weights last \\
      --data cells/cells.data --percent 50% --output runs/pruned
  """,
  "prune shortcut": """
  OVERVIEW: As normal, but channels that are added follow the first of their
  layers.

  Strong. The first convolution of a chain decides for all that is added to it, so
  more goes than with slim, and what the others would keep is lost: fine-tune.

  USAGE: pare prune shortcut [<options>]

  METHOD OPTIONS:
    --percent, --global_percent <fraction>
                            Channels to remove of those that can be: a fraction
                            such as 0.5, or 50%. What is worth exactly 0 goes in
                            any case. (default: 0.6)

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --data <file>           The data set's .data file; without it, or without
                            labels, mAP is left out.
    --split <part>          The part of the data set to measure on. (values:
                            train, valid, test; default: valid)
    --pictures <n>          Measure mAP on this many pictures of the part, spread
                            over it; on all unless given.
    --single-cls            Treat all classes of the data set as one; the cfg must
                            have one class then.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)

  CHANNEL OPTIONS:
    --scope <scope>         Layers that may lose channels. (values: all, legacy;
                            default: all)
    --score <score>         What a channel is worth; the method's own unless
                            given. taylor, hessian and rank are measured on
                            --data. (values: gamma, l1, l2, geometric-median,
                            taylor, hessian, rank, random)
    --normalize <kind>      What scores are compared over. (values: global, layer;
                            default: global)
    --force                 Go on where a layer would lose all its channels: it
                            keeps the best one. Go on beyond the cliff of --curve.
    --recalibrate           Re-estimate normalisation statistics on training
                            pictures of --data.
    --restore-scales        Multiply the scales that are left, up to about 1, and
                            divide the weights after them: outputs stay,
                            fine-tuning may take fewer epochs.

  JUDGEMENT OPTIONS:
    --max-loss <points>     Refuse to write a network that lost more points of
                            mAP@0.5:0.95 than this, measured on --data.
    --curve                 Measure mAP at shares of 0% to 90% first, as pruned
                            and with re-estimated statistics, and refuse a share
                            at which more than 5 points of mAP@0.5 are lost.
    --explain               Print what is tied, what is kept and why, and the
                            difference to legacy.
    --ap <kind>             The definition of average precision. (values: coco,
                            voc07, voc12, legacy, darknet; default: coco)

  RUN OPTIONS:
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.
    --batch-size <n>        Pictures per pass through the network. (default: 16)
    --seed <n>              Seed of whatever is drawn: random scores and
                            candidates, resamples, pictures for the proof where
                            there is no data. (default: 0)

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare prune shortcut --model runs/sparse --weights last \\
      --data cells/cells.data --percent 50% --output runs/pruned
  """,
  "prune slim": """
  OVERVIEW: As normal, but channels that are added stay when any of their layers
  wants them.

  Moderate. Every channel has its own verdict; a layer keeps at least a share of
  its channels, so with --force even large shares leave a network.

  USAGE: pare prune slim [<options>]

  METHOD OPTIONS:
    --percent, --global_percent <fraction>
                            Channels to remove of those that can be: a fraction
                            such as 0.5, or 50%. What is worth exactly 0 goes in
                            any case. (default: 0.8)
    --layer-keep <fraction> Share of every layer's channels that stays in any
                            case. (default: 0.01)

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --data <file>           The data set's .data file; without it, or without
                            labels, mAP is left out.
    --split <part>          The part of the data set to measure on. (values:
                            train, valid, test; default: valid)
    --pictures <n>          Measure mAP on this many pictures of the part, spread
                            over it; on all unless given.
    --single-cls            Treat all classes of the data set as one; the cfg must
                            have one class then.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)

  CHANNEL OPTIONS:
    --scope <scope>         Layers that may lose channels. (values: all, legacy;
                            default: all)
    --score <score>         What a channel is worth; the method's own unless
                            given. taylor, hessian and rank are measured on
                            --data. (values: gamma, l1, l2, geometric-median,
                            taylor, hessian, rank, random)
    --normalize <kind>      What scores are compared over. (values: global, layer;
                            default: global)
    --force                 Go on where a layer would lose all its channels: it
                            keeps the best one. Go on beyond the cliff of --curve.
    --recalibrate           Re-estimate normalisation statistics on training
                            pictures of --data.
    --restore-scales        Multiply the scales that are left, up to about 1, and
                            divide the weights after them: outputs stay,
                            fine-tuning may take fewer epochs.

  JUDGEMENT OPTIONS:
    --max-loss <points>     Refuse to write a network that lost more points of
                            mAP@0.5:0.95 than this, measured on --data.
    --curve                 Measure mAP at shares of 0% to 90% first, as pruned
                            and with re-estimated statistics, and refuse a share
                            at which more than 5 points of mAP@0.5 are lost.
    --explain               Print what is tied, what is kept and why, and the
                            difference to legacy.
    --ap <kind>             The definition of average precision. (values: coco,
                            voc07, voc12, legacy, darknet; default: coco)

  RUN OPTIONS:
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.
    --batch-size <n>        Pictures per pass through the network. (default: 16)
    --seed <n>              Seed of whatever is drawn: random scores and
                            candidates, resamples, pictures for the proof where
                            there is no data. (default: 0)

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare prune slim --model runs/sparse --weights last \\
      --data cells/cells.data --percent 50% --output runs/pruned
  """,
  "prune layer": """
  OVERVIEW: Removes whole residual blocks, those with the smallest mean scale.

  Strong, and the most speed for what is removed: layers cost time whatever their
  width. Always fine-tune.

  USAGE: pare prune layer [<options>]

  METHOD OPTIONS:
    --shortcuts, --shortcut <n>
                            Residual blocks to remove. (default: 8)

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --data <file>           The data set's .data file; without it, or without
                            labels, mAP is left out.
    --split <part>          The part of the data set to measure on. (values:
                            train, valid, test; default: valid)
    --pictures <n>          Measure mAP on this many pictures of the part, spread
                            over it; on all unless given.
    --single-cls            Treat all classes of the data set as one; the cfg must
                            have one class then.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)

  CHANNEL OPTIONS:
    --scope <scope>         Layers that may lose channels. (values: all, legacy;
                            default: all)
    --score <score>         What a channel is worth; the method's own unless
                            given. taylor, hessian and rank are measured on
                            --data. (values: gamma, l1, l2, geometric-median,
                            taylor, hessian, rank, random)
    --normalize <kind>      What scores are compared over. (values: global, layer;
                            default: global)
    --force                 Go on where a layer would lose all its channels: it
                            keeps the best one. Go on beyond the cliff of --curve.
    --recalibrate           Re-estimate normalisation statistics on training
                            pictures of --data.
    --restore-scales        Multiply the scales that are left, up to about 1, and
                            divide the weights after them: outputs stay,
                            fine-tuning may take fewer epochs.

  JUDGEMENT OPTIONS:
    --max-loss <points>     Refuse to write a network that lost more points of
                            mAP@0.5:0.95 than this, measured on --data.
    --curve                 Measure mAP at shares of 0% to 90% first, as pruned
                            and with re-estimated statistics, and refuse a share
                            at which more than 5 points of mAP@0.5 are lost.
    --explain               Print what is tied, what is kept and why, and the
                            difference to legacy.
    --ap <kind>             The definition of average precision. (values: coco,
                            voc07, voc12, legacy, darknet; default: coco)

  RUN OPTIONS:
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.
    --batch-size <n>        Pictures per pass through the network. (default: 16)
    --seed <n>              Seed of whatever is drawn: random scores and
                            candidates, resamples, pictures for the proof where
                            there is no data. (default: 0)

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare prune layer --model runs/yolov3 --shortcuts 8 --output runs/pruned
  """,
  "prune layer-channel": """
  OVERVIEW: As slim, then as layer.

  The strongest. Judges blocks by the channels that slim leaves. Always fine-tune.

  USAGE: pare prune layer-channel [<options>]

  METHOD OPTIONS:
    --percent, --global_percent <fraction>
                            Channels to remove of those that can be: a fraction
                            such as 0.5, or 50%. What is worth exactly 0 goes in
                            any case. (default: 0.6)
    --layer-keep <fraction> Share of every layer's channels that stays in any
                            case. (default: 0.01)
    --shortcuts, --shortcut <n>
                            Residual blocks to remove. (default: 8)

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --data <file>           The data set's .data file; without it, or without
                            labels, mAP is left out.
    --split <part>          The part of the data set to measure on. (values:
                            train, valid, test; default: valid)
    --pictures <n>          Measure mAP on this many pictures of the part, spread
                            over it; on all unless given.
    --single-cls            Treat all classes of the data set as one; the cfg must
                            have one class then.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)

  CHANNEL OPTIONS:
    --scope <scope>         Layers that may lose channels. (values: all, legacy;
                            default: all)
    --score <score>         What a channel is worth; the method's own unless
                            given. taylor, hessian and rank are measured on
                            --data. (values: gamma, l1, l2, geometric-median,
                            taylor, hessian, rank, random)
    --normalize <kind>      What scores are compared over. (values: global, layer;
                            default: global)
    --force                 Go on where a layer would lose all its channels: it
                            keeps the best one. Go on beyond the cliff of --curve.
    --recalibrate           Re-estimate normalisation statistics on training
                            pictures of --data.
    --restore-scales        Multiply the scales that are left, up to about 1, and
                            divide the weights after them: outputs stay,
                            fine-tuning may take fewer epochs.

  JUDGEMENT OPTIONS:
    --max-loss <points>     Refuse to write a network that lost more points of
                            mAP@0.5:0.95 than this, measured on --data.
    --curve                 Measure mAP at shares of 0% to 90% first, as pruned
                            and with re-estimated statistics, and refuse a share
                            at which more than 5 points of mAP@0.5 are lost.
    --explain               Print what is tied, what is kept and why, and the
                            difference to legacy.
    --ap <kind>             The definition of average precision. (values: coco,
                            voc07, voc12, legacy, darknet; default: coco)

  RUN OPTIONS:
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.
    --batch-size <n>        Pictures per pass through the network. (default: 16)
    --seed <n>              Seed of whatever is drawn: random scores and
                            candidates, resamples, pictures for the proof where
                            there is no data. (default: 0)

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare prune layer-channel --model runs/yolov3 --percent 50% --shortcuts 8 \\
      --output runs/pruned
  """,
  "prune layer-channel-regular": """
  OVERVIEW: As shortcut with rounded widths, then as layer.

  The strongest, for speed. Always fine-tune.

  USAGE: pare prune layer-channel-regular [<options>]

  METHOD OPTIONS:
    --percent, --global_percent <fraction>
                            Channels to remove of those that can be: a fraction
                            such as 0.5, or 50%. What is worth exactly 0 goes in
                            any case. (default: 0.6)
    --multiple <n>          What widths are rounded to. (default: 8)
    --shortcuts, --shortcut <n>
                            Residual blocks to remove. (default: 8)

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --data <file>           The data set's .data file; without it, or without
                            labels, mAP is left out.
    --split <part>          The part of the data set to measure on. (values:
                            train, valid, test; default: valid)
    --pictures <n>          Measure mAP on this many pictures of the part, spread
                            over it; on all unless given.
    --single-cls            Treat all classes of the data set as one; the cfg must
                            have one class then.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)

  CHANNEL OPTIONS:
    --scope <scope>         Layers that may lose channels. (values: all, legacy;
                            default: all)
    --score <score>         What a channel is worth; the method's own unless
                            given. taylor, hessian and rank are measured on
                            --data. (values: gamma, l1, l2, geometric-median,
                            taylor, hessian, rank, random)
    --normalize <kind>      What scores are compared over. (values: global, layer;
                            default: global)
    --force                 Go on where a layer would lose all its channels: it
                            keeps the best one. Go on beyond the cliff of --curve.
    --recalibrate           Re-estimate normalisation statistics on training
                            pictures of --data.
    --restore-scales        Multiply the scales that are left, up to about 1, and
                            divide the weights after them: outputs stay,
                            fine-tuning may take fewer epochs.

  JUDGEMENT OPTIONS:
    --max-loss <points>     Refuse to write a network that lost more points of
                            mAP@0.5:0.95 than this, measured on --data.
    --curve                 Measure mAP at shares of 0% to 90% first, as pruned
                            and with re-estimated statistics, and refuse a share
                            at which more than 5 points of mAP@0.5 are lost.
    --explain               Print what is tied, what is kept and why, and the
                            difference to legacy.
    --ap <kind>             The definition of average precision. (values: coco,
                            voc07, voc12, legacy, darknet; default: coco)

  RUN OPTIONS:
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.
    --batch-size <n>        Pictures per pass through the network. (default: 16)
    --seed <n>              Seed of whatever is drawn: random scores and
                            candidates, resamples, pictures for the proof where
                            there is no data. (default: 0)

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare prune layer-channel-regular --model runs/yolov3 --percent 50% \\
      --shortcuts 8 --output runs/pruned
  """,
  "prune group": """
  OVERVIEW: As slim, with a share for each stage of the network, and votes on
  added channels.

  Strong. Late stages usually bear more than early ones. Shares and boundaries are
  given in the order of the cfg; without boundaries the stages are runs of layers
  of one grid. A layer keeps its share, or 16 channels where that is none.
  Fine-tune.

  USAGE: pare prune group [<options>]

  METHOD OPTIONS:
    --percent, --global_percent <fraction>
                            Channels to remove of those that can be, in every
                            stage: a fraction such as 0.5, or 50%; 0.8 unless
                            given.
    --percents <fraction> ...
                            A share for each stage, in place of --percent.
    --boundaries <layer> ...
                            Layers before which a new stage starts; the network's
                            own unless given.
    --merge <rule>          How residual chains are judged. (values: union, vote,
                            least; default: vote)
    --layer-keep <fraction> Share of every layer's channels that stays in any
                            case. (default: 0.01)

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --data <file>           The data set's .data file; without it, or without
                            labels, mAP is left out.
    --split <part>          The part of the data set to measure on. (values:
                            train, valid, test; default: valid)
    --pictures <n>          Measure mAP on this many pictures of the part, spread
                            over it; on all unless given.
    --single-cls            Treat all classes of the data set as one; the cfg must
                            have one class then.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)

  CHANNEL OPTIONS:
    --scope <scope>         Layers that may lose channels. (values: all, legacy;
                            default: all)
    --score <score>         What a channel is worth; the method's own unless
                            given. taylor, hessian and rank are measured on
                            --data. (values: gamma, l1, l2, geometric-median,
                            taylor, hessian, rank, random)
    --normalize <kind>      What scores are compared over. (values: global, layer;
                            default: global)
    --force                 Go on where a layer would lose all its channels: it
                            keeps the best one. Go on beyond the cliff of --curve.
    --recalibrate           Re-estimate normalisation statistics on training
                            pictures of --data.
    --restore-scales        Multiply the scales that are left, up to about 1, and
                            divide the weights after them: outputs stay,
                            fine-tuning may take fewer epochs.

  JUDGEMENT OPTIONS:
    --max-loss <points>     Refuse to write a network that lost more points of
                            mAP@0.5:0.95 than this, measured on --data.
    --curve                 Measure mAP at shares of 0% to 90% first, as pruned
                            and with re-estimated statistics, and refuse a share
                            at which more than 5 points of mAP@0.5 are lost.
    --explain               Print what is tied, what is kept and why, and the
                            difference to legacy.
    --ap <kind>             The definition of average precision. (values: coco,
                            voc07, voc12, legacy, darknet; default: coco)

  RUN OPTIONS:
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.
    --batch-size <n>        Pictures per pass through the network. (default: 16)
    --seed <n>              Seed of whatever is drawn: random scores and
                            candidates, resamples, pictures for the proof where
                            there is no data. (default: 0)

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare prune group --model runs/sparse --weights last \\
      --data cells/cells.data --percent 50% --output runs/pruned
  """,
  "prune eagleeye": """
  OVERVIEW: Tries many random networks of one size and keeps the best on pictures.

  Strong, and needs no sparse training. Every candidate's statistics are
  re-estimated on training pictures before it is judged on --split (arXiv
  2007.02491). Takes an evaluation a candidate. Fine-tune.

  USAGE: pare prune eagleeye [<options>]

  METHOD OPTIONS:
    --base <kind>           The layers that are drawn, and their rounding.
                            (values: normal, slim, regular; default: normal)
    --percent <fraction>    Multiplications to remove: a fraction such as 0.5, or
                            50%. (default: 0.5)
    --delta <fraction>      How far a candidate's share of multiplications may be
                            off. (default: 0.05)
    --number <n>            Candidates to judge. (default: 200)
    --multiple, --channel-base <n>
                            What widths are rounded to, with '--base regular'.
                            (default: 8)

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --data <file>           The data set's .data file; without it, or without
                            labels, mAP is left out.
    --split <part>          The part of the data set to measure on. (values:
                            train, valid, test; default: valid)
    --pictures <n>          Measure mAP on this many pictures of the part, spread
                            over it; on all unless given.
    --single-cls            Treat all classes of the data set as one; the cfg must
                            have one class then.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)

  CHANNEL OPTIONS:
    --scope <scope>         Layers that may lose channels. (values: all, legacy;
                            default: all)
    --score <score>         What a channel is worth; the method's own unless
                            given. taylor, hessian and rank are measured on
                            --data. (values: gamma, l1, l2, geometric-median,
                            taylor, hessian, rank, random)
    --normalize <kind>      What scores are compared over. (values: global, layer;
                            default: global)
    --force                 Go on where a layer would lose all its channels: it
                            keeps the best one. Go on beyond the cliff of --curve.
    --recalibrate           Re-estimate normalisation statistics on training
                            pictures of --data.
    --restore-scales        Multiply the scales that are left, up to about 1, and
                            divide the weights after them: outputs stay,
                            fine-tuning may take fewer epochs.

  JUDGEMENT OPTIONS:
    --max-loss <points>     Refuse to write a network that lost more points of
                            mAP@0.5:0.95 than this, measured on --data.
    --curve                 Measure mAP at shares of 0% to 90% first, as pruned
                            and with re-estimated statistics, and refuse a share
                            at which more than 5 points of mAP@0.5 are lost.
    --explain               Print what is tied, what is kept and why, and the
                            difference to legacy.
    --ap <kind>             The definition of average precision. (values: coco,
                            voc07, voc12, legacy, darknet; default: coco)

  RUN OPTIONS:
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.
    --batch-size <n>        Pictures per pass through the network. (default: 16)
    --seed <n>              Seed of whatever is drawn: random scores and
                            candidates, resamples, pictures for the proof where
                            there is no data. (default: 0)

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare prune eagleeye --model runs/sparse --weights last \\
      --data cells/cells.data --percent 50% --output runs/pruned
  """,
  "prune target": """
  OVERVIEW: Prunes until the network is as small or as fast as asked.

  Finds the share by bisection. Of itself it rounds widths to multiples and lets
  channels that are added count together; --base takes another method. --latency
  times candidates on this machine, --max-drop evaluates them: minutes.

  USAGE: pare prune target [<options>]

  METHOD OPTIONS:
    --params <amount>       Parameters that remain, such as 30% or 5M.
    --macs <amount>         Multiplications that remain, such as 30% or 2G.
    --weights-size <amount> Size of the weights that remains, such as 30% or 5MB.
    --latency <time>        Time of a picture, such as 8ms or 50%.
    --max-drop <points>     Points of mAP@0.5:0.95 that may be lost before
                            fine-tuning.
    --base <method>         The method whose share is searched for. (values: sum,
                            normal, regular, shortcut, slim, layer-channel,
                            layer-channel-regular; default: sum)
    --shortcuts, --shortcut <n>
                            Residual blocks that a base with 'layer' in its name
                            removes. (default: 0)
    --multiple <n>          What widths are rounded to. (default: 8)

  NETWORK AND DATA OPTIONS:
    --model <dir>           A run folder, in place of --cfg and --weights; its
                            best weights unless '--weights last' asks for the last
                            epoch's.
    --cfg <file>            The network's cfg file.
    --weights <file>        Its weights: .weights, .safetensors or .pt. A run
                            folder holds model.weights of the best epoch ('best')
                            and last.weights of the last one ('last'); its
                            last.safetensors is the checkpoint that 'train
                            --resume' goes on from, and no weights.
    --data <file>           The data set's .data file; without it, or without
                            labels, mAP is left out.
    --split <part>          The part of the data set to measure on. (values:
                            train, valid, test; default: valid)
    --pictures <n>          Measure mAP on this many pictures of the part, spread
                            over it; on all unless given.
    --single-cls            Treat all classes of the data set as one; the cfg must
                            have one class then.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --input-scale <kind>    How pixel values are scaled: divided by 255, by 256,
                            or to -1...1 (maxabs); the model's own unless given.
                            (values: 255, 256, maxabs)
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)

  CHANNEL OPTIONS:
    --scope <scope>         Layers that may lose channels. (values: all, legacy;
                            default: all)
    --score <score>         What a channel is worth; the method's own unless
                            given. taylor, hessian and rank are measured on
                            --data. (values: gamma, l1, l2, geometric-median,
                            taylor, hessian, rank, random)
    --normalize <kind>      What scores are compared over. (values: global, layer;
                            default: global)
    --force                 Go on where a layer would lose all its channels: it
                            keeps the best one. Go on beyond the cliff of --curve.
    --recalibrate           Re-estimate normalisation statistics on training
                            pictures of --data.
    --restore-scales        Multiply the scales that are left, up to about 1, and
                            divide the weights after them: outputs stay,
                            fine-tuning may take fewer epochs.

  JUDGEMENT OPTIONS:
    --max-loss <points>     Refuse to write a network that lost more points of
                            mAP@0.5:0.95 than this, measured on --data.
    --curve                 Measure mAP at shares of 0% to 90% first, as pruned
                            and with re-estimated statistics, and refuse a share
                            at which more than 5 points of mAP@0.5 are lost.
    --explain               Print what is tied, what is kept and why, and the
                            difference to legacy.
    --ap <kind>             The definition of average precision. (values: coco,
                            voc07, voc12, legacy, darknet; default: coco)

  RUN OPTIONS:
    --output <dir>          Folder to write; a new numbered one under runs/ unless
                            given.
    --overwrite             Replace what pare wrote in the output folder.
    --batch-size <n>        Pictures per pass through the network. (default: 16)
    --seed <n>              Seed of whatever is drawn: random scores and
                            candidates, resamples, pictures for the proof where
                            there is no data. (default: 0)

  MACHINE OPTIONS:
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)

  REPORT OPTIONS:
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.

  OPTIONS:
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare prune target --model runs/sparse --weights last \\
      --data cells/cells.data --params 30% --output runs/pruned
    pare prune target --model runs/sparse --weights last \\
      --data cells/cells.data --macs 70% --output runs/pruned
  """,
  "compare": """
  OVERVIEW: Puts two or more networks side by side.

  Each operand is one of: a run folder; a cfg file or a .weights file with the
  other beside it; a file written by 'pare test --save-predictions'; a folder of
  such files, one for each fold of 'pare dataset split'. The others are compared
  with the first one. Of a run folder the best weights are taken, or those that
  another operand was pruned from.

  USAGE: pare compare [<options>] <operand> ...

  ARGUMENTS:
    <operand> ...           Networks or stored predictions.

  OPTIONS:
    --bootstrap <samples>   Draw this many bootstrap samples of pictures for
                            intervals of the differences.
    --confidence <level>    Confidence of the intervals. (default: 0.95)
    --seed <n>              Seed of the samples. (default: 0)
    --data <file>           Data set to measure networks on; without it they are
                            not run.
    --split <part>          The part of the data set to measure on. (values:
                            train, valid, test; default: valid)
    --single-cls            Treat all classes of the data set as one; the cfgs
                            must have one class then.
    --img-size <pixels> ... Input size in pixels, one value or width and height;
                            the cfg's own unless given.
    --resize <mode>         How pictures are brought to the input size; the
                            model's own unless given: model.json, else letter_box
                            of the cfg, which Darknet takes for 'darknet' where it
                            is not 1. (values: letterbox, stretch, darknet)
    --nms <kind>            How overlapping boxes are thinned out; the model's own
                            unless given: model.json, else nms_kind of the cfg.
                            (values: greedy, merge, soft, diou, fast)
    --ap <kind>             The definition of average precision. (values: coco,
                            voc07, voc12, legacy, darknet; default: coco)
    --device <device>       auto, cpu, cuda or cuda:N. (default: auto)
    --threads <n>           CPU threads of tensor operations; set by the work
                            unless given.
    --max-pixels <n>        Pixels of the largest picture that is opened, such as
                            250M. (default: 100M)
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare compare runs/dense runs/tuned --data cells/cells.data --split test
    pare compare dense.json tuned.json --bootstrap 2000
  """,
  "doctor": """
  OVERVIEW: Checks the machine, the libraries, and a network and data set where
  given.

  Each finding comes with what to do about it. Exits with 1 when one must be
  fixed.

  USAGE: pare doctor [--cfg <file>] [--weights <file>] [--data <file>]
         [--json <file>] [--quiet]

  OPTIONS:
    --cfg <file>            A cfg file to check.
    --weights <file>        Weights to check against the cfg.
    --data <file>           A .data file to check.
    --json <file>           Write the result as JSON; '-' is stdout.
    --quiet                 Show no progress.
    --version               Show the version.
    -h, --help              Show help information.

  EXAMPLES:
    pare doctor
    pare doctor --cfg cells.cfg --data cells/cells.data
  """,
]
