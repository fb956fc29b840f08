internal import Foundation

/// How values lie, in percent, to one percent of each value: counts of values in bins that grow by 2 %.
///
/// - Memory: bounded by the number of bins, however many values are added.
struct MoveSpread: Equatable {
  /// Magnitudes below it count as 0.
  private static let least = 1e-4
  private static let growth = log(1.02)
  /// 1e-4 % · 1.02^1,400 = 1.1e8 %: nothing that a price does lies beyond.
  private static let binMax = 1_400

  private(set) var count: UInt64 = 0
  /// By bin: 0 holds the zeros, n and -n the magnitudes from least · 1.02^(n - 1) on.
  private var bins: [Int: UInt64] = [:]

  mutating func add(_ percent: Double) {
    count += 1
    bins[Self.bin(of: percent), default: 0] += 1
  }

  /// The value at or below which a part of all values lies, by nearest rank; nil where there are none.
  func quantile(_ part: Double) -> Double? {
    let rank = max(1, UInt64((part * Double(count)).rounded(.up)))
    var reached: UInt64 = 0
    for (bin, values) in bins.sorted(by: { $0.key < $1.key }) {
      reached += values
      if reached >= rank { return Self.middle(of: bin) }
    }
    return nil
  }

  private static func bin(of percent: Double) -> Int {
    // What is no number has no place to lie in; prices are finite and positive, so it does not come.
    guard percent.magnitude >= least else { return 0 }
    let number = 1 + Int(min(log(percent.magnitude / least) / growth, Double(binMax - 1)))
    return percent < 0 ? -number : number
  }

  private static func middle(of bin: Int) -> Double {
    guard bin != 0 else { return 0 }
    let magnitude = least * exp(growth * (Double(bin.magnitude) - 0.5))
    return bin < 0 ? -magnitude : magnitude
  }
}
