import Boxes
import Parsing

/// Looks at the boxes of one picture for what is legal but hardly meant.
struct BoxAudit {
  /// Of the picture, in pixels.
  let width, height: Int
  /// Input pixels per picture pixel of a letterbox, at the size that the set is checked for.
  let inputScale: Float

  /// Sides below this are too small to be learned, in pixels.
  static let leastSide: Float = 2
  /// Share of the picture from which a box says little about where the object is.
  static let hugeShare: Float = 0.95
  /// Overlap from which two boxes of one class are the same object.
  static let duplicateOverlap: Float = 0.9

  func findings(_ labels: [Label], path: String) -> [AuditFinding] {
    labels.enumerated().flatMap { index, label in
      findings(label, number: index + 1, path: path)
    } + duplicates(labels, path: path)
  }

  private func findings(_ label: Label, number: Int, path: String) -> [AuditFinding] {
    let box = label.box(pictureWidth: width, pictureHeight: height)
    let size = "box \(number) is \(short(box.width))x\(short(box.height)) pixels"
    var findings: [AuditFinding] = []
    let side = min(box.width, box.height)
    if side < Self.leastSide {
      findings.append(AuditFinding(.tinyBox, path, size))
    } else if side * inputScale < Self.leastSide {
      let (w, h) = (short(box.width * inputScale), short(box.height * inputScale))
      findings.append(AuditFinding(.tinyBox, path, "\(size), \(w)x\(h) in the network's input"))
    }
    let outside = max(-box.x1, -box.y1, box.x2 - Float(width), box.y2 - Float(height))
    if Double(outside) > EdgeReach.toleratedPixels {
      findings.append(
        AuditFinding(
          .outsideBox, path, "box \(number) reaches \(short(outside)) pixels over the edge"))
    }
    let share = box.clipped(width: Float(width), height: Float(height)).area / Float(width * height)
    if share >= Self.hugeShare {
      findings.append(
        AuditFinding(
          .hugeBox, path, "box \(number) covers \(Int((share * 100).rounded())) % of the picture"))
    }
    return findings
  }

  /// Boxes of one class that lie on one another; only neighbours in x are compared.
  private func duplicates(_ labels: [Label], path: String) -> [AuditFinding] {
    let order = labels.indices.sorted {
      (labels[$0].classIndex, labels[$0].centerX, $0)
        < (labels[$1].classIndex, labels[$1].centerX, $1)
    }
    var findings: [AuditFinding] = []
    for (place, first) in order.enumerated() {
      let box = labels[first].box(pictureWidth: width, pictureHeight: height)
      for second in order[(place + 1)...] {
        // Centres further apart than this cannot overlap so much.
        guard labels[second].classIndex == labels[first].classIndex,
          (labels[second].centerX - labels[first].centerX) * Float(width)
            <= (1 - Self.duplicateOverlap) * box.width
        else { break }
        let overlap = box.iou(
          with: labels[second].box(pictureWidth: width, pictureHeight: height))
        guard overlap >= Self.duplicateOverlap else { continue }
        let (low, high) = (min(first, second) + 1, max(first, second) + 1)
        let reason = "boxes \(low) and \(high) of one class overlap by \(short(overlap))"
        findings.append(AuditFinding(.duplicateBox, path, reason))
      }
    }
    return findings
  }

  /// At most two decimals.
  private func short(_ value: Float) -> String { decimal(Double(value), places: 2) }
}
