internal import MarketData

/// The range in which a symbol's next ticks surely cause nothing, and what such ticks change: two cache lines, all that most ticks touch.
///
/// Every detector says, each time it has looked at a good tick, until when and between which prices and volumes it has nothing to decide; the
/// intersection is kept here. A tick inside only adds to sums. A tick outside, by however little, goes to `TickState`, which takes over the sums and
/// decides: the range is a promise of silence, never a decision, so its bounds may be narrower than need be but not wider. A test holds
/// an engine with and one without it equal.
///
/// An odd lot has a range of its own: no detector looks at it, so it is quiet wherever its price passes the print filter for sure.
struct QuietRange: BitwiseCopyable {
  enum Verdict {
    /// A good tick: it has the symbol's last price.
    case good
    /// One whose price counts for nothing.
    case oddLot
    case no
  }

  // MARK: The range

  /// Exclusive; the smallest time where every good tick needs a look.
  private var until = UnixNanos(.min)
  /// The same for odd lots.
  private var oddLotsUntil = UnixNanos(.min)
  private var lowest = -Double.infinity
  private var highest = Double.infinity
  /// As a part of the last price.
  private var jump = Double.infinity
  /// Exclusive, of the window's volume.
  private var volumeLimit = Double.infinity

  /// Of the session's volume-weighted average price.
  private var averageLow = 0.0
  private var averageHigh = Double.greatestFiniteMagnitude

  // MARK: What quiet ticks change

  private(set) var watermark = UnixNanos(.min)
  /// Of the last good tick, where odd lots came behind it.
  private var timeBeforeOddLots = UnixNanos(.min)
  private(set) var price = 0.0
  private(set) var windowVolume = 0.0
  private(set) var secondVolume = 0.0
  /// Σ price·size and Σ size of the session.
  private(set) var valueSum = 0.0
  private(set) var volumeSum = 0.0
  /// What was taken since the state was asked last, in one byte: a good tick writes it whole.
  private var taken: Taken = []

  private struct Taken: OptionSet, BitwiseCopyable {
    let rawValue: UInt8

    static let any = Taken(rawValue: 1)
    static let good = Taken(rawValue: 2)
    static let oddLotLast = Taken(rawValue: 4)
  }

  /// A range without an inside.
  init() {}

  /// The widest range; detectors narrow it.
  init(
    watermark: UnixNanos, goodTime: UnixNanos, price: Double, windowVolume: Double, secondVolume: Double,
    valueSum: Double, volumeSum: Double, sessionEnd: UnixNanos
  ) {
    until = sessionEnd
    oddLotsUntil = sessionEnd
    self.watermark = watermark
    timeBeforeOddLots = goodTime
    taken = goodTime == watermark ? [] : .oddLotLast
    self.price = price
    self.windowVolume = windowVolume
    self.secondVolume = secondVolume
    self.valueSum = valueSum
    self.volumeSum = volumeSum
  }

  /// Whether any tick was taken since the state was asked last.
  var wasUsed: Bool { taken.contains(.any) }
  /// Whether a good one was among them.
  var tookGood: Bool { taken.contains(.good) }
  /// Of the last good tick: what detectors wait for is judged by it, however far odd lots have moved the watermark.
  var goodTime: UnixNanos { taken.contains(.oddLotLast) ? timeBeforeOddLots : watermark }

  mutating func end(at time: Int64) { until = min(until, UnixNanos(time)) }

  /// Ends `delay` after a moment, unless that has passed: the detectors have looked at it then, with the last good tick.
  mutating func end(after time: UnixNanos, _ delay: Int64) {
    let (end, overflow) = time.nanoseconds.addingReportingOverflow(delay)
    if !overflow, end > goodTime.nanoseconds { self.end(at: end) }
  }

  /// Silence at `low` and `high` too.
  mutating func keep(between low: Double, and high: Double) {
    lowest = max(lowest, low)
    highest = min(highest, high)
  }

  mutating func keepJumps(within part: Double) { jump = min(jump, part) }

  /// Not at the limit itself.
  mutating func keepWindowVolume(below limit: Double) { volumeLimit = min(volumeLimit, limit) }

  /// The average is that with the tick in it.
  mutating func keepAbove(averageTimes factor: Double) { averageLow = max(averageLow, factor) }

  mutating func keepBelow(averageTimes factor: Double) { averageHigh = min(averageHigh, factor) }

  /// Takes the tick if it lies inside.
  @inline(__always)
  mutating func take(_ tick: Tick) -> Verdict {
    let volume = windowVolume + tick.size
    let value = valueSum + tick.price * tick.size
    let sessionVolume = volumeSum + tick.size
    let atPrice = tick.price * sessionVolume
    guard tick.eventTime >= watermark, (tick.price - price).magnitude <= jump * price else { return .no }
    guard tick.conditions.isDisjoint(with: .regarded) else { return takeOddLot(tick, volume, value, sessionVolume) }
    guard tick.eventTime < until, tick.price >= lowest, tick.price <= highest, volume < volumeLimit,
      // Differences, since sums without bound would pass any comparison.
      atPrice - value * averageLow >= 0, value * averageHigh - atPrice >= 0
    else { return .no }
    watermark = tick.eventTime
    price = tick.price
    windowVolume = volume
    secondVolume += tick.size
    valueSum = value
    volumeSum = sessionVolume
    taken = [.any, .good]
    return .good
  }

  @inline(__always)
  private mutating func takeOddLot(_ tick: Tick, _ volume: Double, _ value: Double, _ sessionVolume: Double) -> Verdict
  {
    guard tick.conditions.isOddLotOnly, tick.eventTime < oddLotsUntil else { return .no }
    if !taken.contains(.oddLotLast) { timeBeforeOddLots = watermark }
    watermark = tick.eventTime
    windowVolume = volume
    secondVolume += tick.size
    valueSum = value
    volumeSum = sessionVolume
    taken.formUnion([.any, .oddLotLast])
    return .oddLot
  }
}
