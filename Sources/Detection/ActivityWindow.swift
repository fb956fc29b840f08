internal import Glibc
internal import MarketData

/// One second of a session: its last good price (or the one carried) and its volume.
struct SecondCell: BitwiseCopyable {
  var price = 0.0
  var volume = 0.0
}

/// The seconds of one symbol's session, its volatility σ and its relative volume q.
///
/// The cells of the window's seconds lie outside, in the engine's pages, so that this part stays small.
/// - Cost: O(1) a tick within a second; O(W) for a new one, however far it lies ahead, and again where a far larger volume leaves the window.
/// - Source: detectors.md, "Seconds, σ and q".
struct ActivityWindow: BitwiseCopyable {
  /// Outliers are bounded only once this many samples have moved.
  private static let samplesBeforeBound: UInt32 = 30
  private static let boundFactor = 25.0
  /// Where less than this part of a volume that has left stays, its rounding error could be seen.
  private static let exactPart = 1e-6

  private(set) var second: Int64 = 0
  private var firstSecond: Int64 = 0
  /// The last good price: the current second's, or the one carried.
  private(set) var price = 0.0
  /// Of the window.
  private(set) var volume = 0.0
  /// The largest volume that has left since the window's was summed up.
  private var largestLeft = 0.0
  /// Of the current second; its cell gets it when the second closes.
  private(set) var secondVolume = 0.0
  /// Seconds of the window with volume, without the current one.
  private var activeBefore: Int64 = 0
  private(set) var base = Double.nan
  /// R·W; 0 while fewer than W seconds have left the window.
  private(set) var meanVolume = 0.0
  private(set) var sigma = 0.0
  private var head: Int32 = 0
  private var movedSamples: UInt32 = 0
  /// The decayed mean of the volumes that have left the window.
  private var leftSum = 0.0
  private var leftCount = 0.0
  private var secondsLeft: Int64 = 0
  private var sample: Int64 = 0
  private var sampleEnd: Int64 = 0
  /// The price of the last closed sample; 0 = none yet.
  private var samplePrice = 0.0
  /// The last closed sample with a tick.
  private var samplePrevious: Int64 = 0
  private var squareSum = 0.0
  private var squareCount = 0.0

  init() {}

  /// Seconds of the window that have volume.
  var activeSeconds: Int64 { secondVolume > 0 ? activeBefore &+ 1 : activeBefore }

  /// q; finite.
  var relativeVolume: Double { meanVolume > 0 ? min(.greatestFiniteMagnitude, volume / meanVolume) : 0 }

  /// The session's first good tick.
  mutating func begin(
    second: Int64, price: Double, volume: Double, cells: inout [SecondCell],
    _ settings: CompiledSettings.Activity
  ) {
    self = ActivityWindow()
    self.second = second
    firstSecond = second
    self.price = price
    self.volume = volume
    secondVolume = volume
    for index in 0..<cells.count { cells[index] = SecondCell() }
    sample = floorDivide(second, settings.sampleSeconds)
    sampleEnd = (sample &+ 1) &* settings.sampleSeconds
  }

  /// A good tick of second `tickSecond`, not before the current one.
  mutating func add(
    second tickSecond: Int64, price: Double, volume: Double, cells: inout [SecondCell],
    _ settings: CompiledSettings.Activity
  ) {
    if tickSecond > second {
      if tickSecond >= sampleEnd { closeSamples(before: tickSecond, settings) }
      closeSeconds(before: tickSecond, &cells, settings)
    }
    self.price = price
    add(volume: volume)
  }

  /// The size of a tick whose price does not count.
  mutating func add(volume: Double) {
    self.volume += volume
    secondVolume += volume
  }

  /// The end of the current second, in nanoseconds of the session's time.
  var secondEnd: Int64 {
    let (end, overflow) = (second &+ 1).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : end
  }

  mutating func takeOver(_ range: QuietRange) {
    price = range.price
    volume = range.windowVolume
    secondVolume = range.secondVolume
  }

  private mutating func closeSeconds(
    before tickSecond: Int64, _ cells: inout [SecondCell], _ settings: CompiledSettings.Activity
  ) {
    let window = settings.windowSeconds
    let steps = tickSecond &- second
    cells[Int(head)] = SecondCell(price: price, volume: secondVolume)
    if secondVolume > 0 { activeBefore &+= 1 }
    secondVolume = 0
    for _ in 0..<min(steps, window) {
      second &+= 1
      head = Int64(head) + 1 == window ? 0 : head &+ 1
      let index = Int(head)
      // Subtraction leaves rounding errors behind: once a window the sum is made afresh.
      var isExact = index != 0
      // The cell of the second that leaves becomes the cell of the one that enters.
      if second &- window >= firstSecond {
        let leaving = cells[index]
        base = leaving.price
        if leaving.volume > 0 { activeBefore &-= 1 }
        volume -= leaving.volume
        largestLeft = max(largestLeft, leaving.volume)
        // Infinite ones leave what is no number.
        if !(volume >= Self.exactPart * largestLeft) { isExact = false }
        leftSum = leftSum * settings.secondDecay + leaving.volume
        leftCount = leftCount * settings.secondDecay + 1
        secondsLeft &+= 1
      }
      cells[index] = SecondCell(price: price, volume: 0)
      if !isExact {
        volume = total(cells)
        largestLeft = 0
      }
    }
    if steps > window {
      // Everything in the window is empty and carries the price: the rest in closed form.
      let rest = steps &- window
      let decay = exp(-Double(rest) / settings.volumeTime)
      leftSum *= decay
      leftCount = leftCount * decay + (1 - decay) / (1 - settings.secondDecay)
      secondsLeft &+= rest
      second = tickSecond
      base = price
      volume = 0
      activeBefore = 0
    }
    let mean = secondsLeft >= window && leftCount > 0 ? leftSum / leftCount * Double(window) : 0
    // What has decayed beyond a double's precision is none.
    meanVolume = mean >= .leastNormalMagnitude ? mean : 0
  }

  private func total(_ cells: [SecondCell]) -> Double {
    var sum = 0.0
    for index in 0..<cells.count { sum += cells[index].volume }
    return sum
  }

  private mutating func closeSamples(before tickSecond: Int64, _ settings: CompiledSettings.Activity) {
    if samplePrice > 0 {
      let change = log(price / samplePrice)
      var square = change * change
      if movedSamples >= Self.samplesBeforeBound, squareCount > 0 {
        let mean = squareSum / squareCount
        if mean > 0 { square = min(square, Self.boundFactor * Double(sample &- samplePrevious) * mean) }
      }
      squareSum = squareSum * settings.sampleDecay + square
      squareCount = squareCount * settings.sampleDecay + 1
      if square > 0 { movedSamples &+= 1 }
    }
    let next = floorDivide(tickSecond, settings.sampleSeconds)
    let empty = next &- sample &- 1
    if empty > 0 {
      let decay = exp(-Double(empty) * Double(settings.sampleSeconds) / settings.sigmaTime)
      squareSum *= decay
      squareCount = squareCount * decay + (1 - decay) / (1 - settings.sampleDecay)
    }
    samplePrice = price
    samplePrevious = sample
    sample = next
    sampleEnd = (next &+ 1) &* settings.sampleSeconds
    sigma = squareCount > 0 ? (squareSum / squareCount / Double(settings.sampleSeconds)).squareRoot() : 0
  }
}
