internal import Synchronization

/// What a histogram has seen, in nanoseconds.
public struct LatencySummary: Equatable, Sendable {
  public var count: UInt64 = 0
  public var p50: UInt64 = 0
  public var p90: UInt64 = 0
  public var p99: UInt64 = 0
  public var p999: UInt64 = 0
  public var max: UInt64 = 0
  public var sum: UInt64 = 0

  public init() {}
}

/// Latencies in log-linear buckets of at most 1 % width, from 1 ns to 1 h; longer ones count as 1 h.
///
/// One thread records, any thread reads while it does: that is why this is not the HdrHistogram library, which allows neither.
/// - Cost: some ten instructions a record; 37 KiB. Layout: that of HdrHistogram (Tene), 128 sub-buckets an octave.
public final class LatencyHistogram: @unchecked Sendable {
  // @unchecked: every bucket is an atomic with one writer.
  private static let subBuckets = 128
  private static let maxNanos: UInt64 = 3_600_000_000_000
  private static let bucketCount = index(of: maxNanos) + 1

  private let buckets: UnsafeMutablePointer<Atomic<UInt64>>
  private let sum = SingleWriterCounter()
  private let max = SingleWriterCounter()

  public init() {
    buckets = .allocate(capacity: Self.bucketCount)
    for index in 0..<Self.bucketCount { (buckets + index).initialize(to: Atomic(0)) }
  }

  deinit { buckets.deallocate() }

  /// Adds `count` latencies of `nanoseconds` each; negative ones, which a stepped clock may give, count as 0. Writer only.
  public func record(_ nanoseconds: Int64, count: Int = 1) {
    let value = Swift.min(UInt64(Swift.max(0, nanoseconds)), Self.maxNanos)
    let bucket = buckets + Self.index(of: value)
    bucket.pointee.store(bucket.pointee.load(ordering: .relaxed) &+ UInt64(count), ordering: .relaxed)
    sum.add(value &* UInt64(count))
    max.raise(to: value)
  }

  /// The buckets up to the longest latency recorded; beyond lies nothing.
  private var used: Range<Int> { 0..<Self.index(of: max.count) + 1 }

  /// How many latencies lie in each bucket up to the last one used, to compare with later.
  public var counts: [UInt64] { used.map { buckets[$0].load(ordering: .relaxed) } }

  /// The 99th percentile of what was recorded since `earlier`, in nanoseconds; 0 where nothing was.
  public func p99(since earlier: [UInt64]) -> UInt64 {
    var recent = counts
    for index in 0..<Swift.min(recent.count, earlier.count) { recent[index] &-= earlier[index] }
    let total = recent.reduce(0, &+)
    let rank = UInt64((Double(total) * 0.99).rounded(.up))
    var seen: UInt64 = 0
    for (index, count) in recent.enumerated() {
      seen &+= count
      if seen >= rank, seen > 0 { return Self.highest(in: index) }
    }
    return 0
  }

  public var summary: LatencySummary { Self.summary(of: [self]) }

  /// One summary over several histograms.
  public static func summary(of histograms: [LatencyHistogram]) -> LatencySummary {
    var result = LatencySummary()
    let ranges = histograms.map(\.used)
    var counts = [UInt64](repeating: 0, count: ranges.map(\.count).max() ?? 0)
    for (histogram, used) in zip(histograms, ranges) {
      for index in used {
        let count = histogram.buckets[index].load(ordering: .relaxed)
        counts[index] &+= count
        result.count &+= count
      }
      result.sum &+= histogram.sum.count
      result.max = Swift.max(result.max, histogram.max.count)
    }
    func percentile(_ part: Double) -> UInt64 {
      let rank = UInt64((Double(result.count) * part).rounded(.up))
      var seen: UInt64 = 0
      for index in counts.indices {
        seen &+= counts[index]
        if seen >= rank, seen > 0 { return Swift.min(highest(in: index), result.max) }
      }
      return 0
    }
    result.p50 = percentile(0.5)
    result.p90 = percentile(0.9)
    result.p99 = percentile(0.99)
    result.p999 = percentile(0.999)
    return result
  }

  static func index(of value: UInt64) -> Int {
    guard value >= UInt64(2 * subBuckets) else { return Int(value) }
    let shift = 64 - value.leadingZeroBitCount - 8
    return (shift + 1) * subBuckets + Int(value >> UInt64(shift)) - subBuckets
  }

  /// The largest value that falls into a bucket.
  static func highest(in index: Int) -> UInt64 {
    guard index >= 2 * subBuckets else { return UInt64(index) }
    let shift = index / subBuckets - 1
    return (UInt64(index % subBuckets + subBuckets) + 1) << UInt64(shift) - 1
  }
}
