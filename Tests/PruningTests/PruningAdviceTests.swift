import Testing

@testable import Pruning

@Suite struct PruningAdviceTests {
  /// Of twenty scales so many near zero; the ten smallest go.
  private func verdict(silent: Int, going: Int = 10) -> PruningVerdict {
    let scales = (0..<20).map { $0 < silent ? Float(0.0001) : Float($0 + 1) / 10 }
    return PruningVerdict(scales: [scales], classes: 1, going: Array(scales.prefix(going)))
  }

  private func advice(
    silent: Int, _ method: PruningMethod = .normal, pictures: PruningAdvice.Pictures = .labelled,
    lost: Double? = nil, reach: Double? = nil
  ) -> PruningAdvice {
    var advice = PruningAdvice(verdict(silent: silent), method, pictures: pictures)
    advice.loss = lost.map { PruningLoss(before: 0.6, after: 0.6 - $0 / 100) }
    advice.reach = reach
    return advice
  }

  private func scored(_ score: ImportanceScore, _ method: PruningMethod = .normal) -> PruningMethod
  {
    var method = method
    method.score = score
    return method
  }

  @Test func `what was measured counts, whatever the scales say`() {
    for silent in [0, 5, 12, 20] {
      // Tuning is said once, by the next command.
      for lost in [-1, 0.5] {
        #expect(
          "\(advice(silent: silent, lost: lost))"
            == "compare it with the network that you began with, before you use it")
      }
      #expect(!advice(silent: silent, lost: 0.5).callsForTuning)
      #expect(advice(silent: silent, lost: 2).callsForTuning)
    }
  }

  @Test func `a loss that cannot be told on so few pictures is advised on as that`() {
    var advice = advice(silent: 0)
    advice.loss = PruningLoss(before: 0.6, after: 0.5, reach: 0.2)
    #expect("\(advice)" == "measure it on more pictures, or fine-tune to be sure")
    #expect(advice.callsForTuning)
  }

  @Test func `where scales mean nothing the score that does is named`() {
    #expect(
      "\(advice(silent: 0, lost: 50))"
        == "the scales are not sparse, so they do not tell what matters: --score taylor measures it "
        + "on the training pictures; --curve measures other shares, and refuses one beyond the cliff"
    )
    #expect("\(advice(silent: 0, pictures: .unlabelled))".contains("--score rank"))
    #expect(
      "\(advice(silent: 0, pictures: .none))".contains("with pictures (--data) --score taylor"))
    #expect("\(advice(silent: 0, scored(.filterNorm1), lost: 50))".contains("--score taylor"))
    // A measured score is not told to be measured.
    for score in [ImportanceScore.taylor, .hessianDiagonal, .activationRank] {
      #expect(!"\(advice(silent: 0, scored(score), lost: 50))".contains("--score"))
      #expect(!"\(advice(silent: 0, scored(score), lost: 50))".contains("scales"))
    }
  }

  @Test func `a sparse network is not called dense, nor the other way round`() {
    #expect(
      "\(advice(silent: 5, lost: 3))" == "50 % of what went has scales at work: train sparser, or "
        + "fine-tune; --curve measures other shares, and refuses one beyond the cliff")
    #expect("\(advice(silent: 12, lost: 3))".contains("near zero, so --recalibrate may"))
    #expect("\(advice(silent: 20, lost: 3))".contains("the sparsity was too strong"))
    #expect("\(advice(silent: 12, pictures: .none))".contains("near zero, which is no promise; "))
  }

  @Test func `a curve that was measured is quoted and not asked for`() {
    let words = "\(advice(silent: 5, lost: 3, reach: 0.2))"
    #expect(
      words.contains("up to 20 % of the channels loses less than 5 points")
        && !words.contains("--curve"))
    #expect(
      "\(advice(silent: 5, lost: 3, reach: 0))".contains(
        "10 % of the channels already loses more than 5"))
  }

  // Every situation gives one line that contradicts neither the loss nor itself.
  @Test func `no situation is without advice, and none is told two things`() {
    for method in PruningMethod.all {
      for score in ImportanceScore.allCases {
        for silent in [0, 5, 12, 20] {
          for pictures in [PruningAdvice.Pictures.none, .unlabelled, .labelled] {
            for lost in [nil, -1, 0.5, 30] as [Double?] {
              let found = advice(
                silent: silent, scored(score, method), pictures: pictures, lost: lost)
              let words = "\(found)"
              #expect(!words.isEmpty && !words.contains("\n") && !words.contains("safe"))
              let isUsable = words.contains("before you use it")
              #expect(isUsable != found.callsForTuning, "\(words)")
              #expect(!(isUsable && words.contains("expect a loss")), "\(words)")
              #expect(
                !(words.contains("not sparse") && words.contains("train sparser")), "\(words)")
              if pictures != .none { #expect(!words.contains("--data"), "\(words)") }
              if pictures == .unlabelled { #expect(!words.contains("taylor") || score == .taylor) }
            }
          }
        }
      }
    }
    var nothing = advice(silent: 0, lost: 0)
    nothing.removesNothing = true
    #expect(!nothing.callsForTuning && "\(nothing)".hasPrefix("nothing went;"))
    // A search by scales that tell nothing asks for a score that does.
    nothing.isSearched = true
    #expect(
      "\(nothing)"
        == "nothing went, for the scales are not sparse, so they do not tell what matters: --score taylor "
        + "measures it on the training pictures")
    var sparse = advice(silent: 12, lost: 0)
    (sparse.removesNothing, sparse.isSearched) = (true, true)
    #expect("\(sparse)".hasPrefix("nothing went;") && !sparse.wantsOtherScore)
    // A target that is met as it is asks for no other score, which would find the same.
    nothing.targetMet = "the network has 9 parameters, and 10 parameters may remain"
    #expect(
      !nothing.wantsOtherScore && "\(nothing)".hasPrefix("the target is met without pruning;"))
    // What cost nothing by itself may be short of what there was before.
    var short = advice(silent: 12, lost: 0.5)
    short.isShort = true
    #expect(short.callsForTuning && !"\(short)".contains("before you use it"))
    short.loss = PruningLoss(before: 0.6, after: 0.59, reach: 0.2)
    #expect("\(short)".hasPrefix("train it, then compare it"))
  }
}
