import Foundation
import MarketData

/// SURGE, VOLUME_SPIKE and TREND of one symbol in one session, written down from detectors.md without regard to cost: every second is
/// kept, and every value is made afresh from all of them. Shares nothing with the engine but the settings' numbers.
struct SlowReference {
  struct Found: Equatable {
    var type: EventType
    var direction: Direction
    var time: Int64
    /// move_pct, multiple, move_pct.
    var value: Double
    /// sigma_pct, mean_volume, r_squared.
    var second: Double
  }

  struct Rules {
    var sample = 10, sigmaTime = 600.0, window = 60, volumeTime = 1200.0
    var z = 4.0, minMovePct = 0.10, volumeRatio = 1.5, surgeWarmUp = 120.0, cooldown = 60.0
    var multiple = 4.0, spikeWarmUp = 300.0
    var horizons = [120, 600]
    var enterR2 = 0.6, enterMovePct = 0.10, enterV = 0.8, exitR2 = 0.3
  }

  private var rules: Rules
  private var first: (time: Int64, price: Double)?
  private var lastTime: Int64 = 0
  /// Of each second since the session's first: the price carried at its end, its volume, whether it had a tick.
  private var seconds: [(price: Double, volume: Double, traded: Bool)] = []
  private var surgeFired: Int64?
  private var surgeIsDisarmed = false
  private var spikeIsDisarmed = false
  private var trendStates: [Direction]
  /// The sample at which each horizon's fit began.
  private var fitStarts: [Int]
  private(set) var found: [Found] = []

  init(_ rules: Rules = Rules()) {
    self.rules = rules
    trendStates = rules.horizons.map { _ in .flat }
    fitStarts = rules.horizons.map { _ in .min }
  }

  mutating func take(time: Int64, price: Double, size: Double) {
    let before = lastTime
    lastTime = time
    guard let first else {
      first = (time, price)
      seconds = [(price, size, true)]
      for index in fitStarts.indices { fitStarts[index] = Int(time / 5_000_000_000) }
      return
    }
    while firstSecond + seconds.count <= Int(time / 1_000_000_000) {
      seconds.append((seconds[seconds.count - 1].price, 0, false))
    }
    seconds[seconds.count - 1].price = price
    seconds[seconds.count - 1].volume += size
    seconds[seconds.count - 1].traded = true
    let age = Double(time - first.time) / 1e9
    let q = relativeVolume
    let base = base
    let sigma = sigma
    let root = Double(rules.window).squareRoot()
    // SURGE
    if let base {
      let z = sigma > 0 ? log(price / base) / (sigma * root) : 0
      let move = 100 * (price / base - 1)
      if surgeIsDisarmed {
        if z.magnitude < rules.z / 2, Double(time - (surgeFired ?? 0)) / 1e9 >= rules.cooldown {
          surgeIsDisarmed = false
        }
      } else if z.magnitude >= rules.z, move.magnitude >= rules.minMovePct, q.value >= rules.volumeRatio,
        age >= rules.surgeWarmUp
      {
        surgeIsDisarmed = true
        surgeFired = time
        found.append(
          Found(type: .surge, direction: move > 0 ? .up : .down, time: time, value: move, second: 100 * sigma * root))
      }
    }
    // VOLUME_SPIKE
    if spikeIsDisarmed {
      if q.value < rules.multiple / 2 { spikeIsDisarmed = false }
    } else if q.value >= rules.multiple, age >= rules.spikeWarmUp {
      spikeIsDisarmed = true
      let direction: Direction = base.map { price > $0 ? .up : price < $0 ? .down : .flat } ?? .flat
      found.append(Found(type: .volumeSpike, direction: direction, time: time, value: q.value, second: q.mean))
    }
    // TREND: the samples that this tick closes.
    let current = Int(time / 5_000_000_000)
    let last = Int(before / 5_000_000_000)
    guard current > last else { return }
    for (index, horizon) in rules.horizons.enumerated() {
      if time - before > Int64(10 * horizon) * 1_000_000_000 {
        fitStarts[index] = current
        continue
      }
      for closed in last..<current { look(at: closed, index, Double(horizon), sigma, time) }
    }
  }

  private mutating func look(at closed: Int, _ index: Int, _ horizon: Double, _ sigma: Double, _ time: Int64) {
    let samples = Array(fitStarts[index]...closed)
    guard samples.count >= Int(horizon / 5) else { return }
    let points = samples.map { sample in
      (x: Double(sample - closed) * 5, y: log(price(atEndOf: sample * 5 + 4) / (first?.price ?? 0)))
    }
    let weights = points.map { exp($0.x / horizon) }
    let total = weights.reduce(0, +)
    let meanX = zip(points, weights).reduce(0) { $0 + $1.0.x * $1.1 } / total
    let meanY = zip(points, weights).reduce(0) { $0 + $1.0.y * $1.1 } / total
    let sxx = zip(points, weights).reduce(0) { $0 + $1.1 * ($1.0.x - meanX) * ($1.0.x - meanX) }
    let sxy = zip(points, weights).reduce(0) { $0 + $1.1 * ($1.0.x - meanX) * ($1.0.y - meanY) }
    let syy = zip(points, weights).reduce(0) { $0 + $1.1 * ($1.0.y - meanY) * ($1.0.y - meanY) }
    let slope = sxx > 0 ? sxy / sxx : 0
    let fit = sxx > 0 && syy > 0 ? min(1, sxy * sxy / (sxx * syy)) : 0
    let move = 100 * slope * horizon
    let v = sigma > 0 ? slope * horizon / (sigma * horizon.squareRoot()) : 0
    let enters = fit >= rules.enterR2 && move.magnitude >= rules.enterMovePct && v.magnitude >= rules.enterV
    var next = trendStates[index]
    switch trendStates[index] {
    case .up:
      if enters, slope < 0 { next = .down } else if fit < rules.exitR2 || slope <= 0 { next = .flat }
    case .down:
      if enters, slope > 0 { next = .up } else if fit < rules.exitR2 || slope >= 0 { next = .flat }
    default:
      if enters { next = slope > 0 ? .up : .down }
    }
    guard next != trendStates[index] else { return }
    trendStates[index] = next
    found.append(Found(type: .trend, direction: next, time: time, value: move, second: fit))
  }

  // MARK: - Seconds

  private var firstSecond: Int { Int((first?.time ?? 0) / 1_000_000_000) }
  private var second: Int { firstSecond + seconds.count - 1 }

  /// The price carried at the end of a second of the session.
  private func price(atEndOf second: Int) -> Double { seconds[min(second - firstSecond, seconds.count - 1)].price }

  private var base: Double? {
    second - rules.window >= firstSecond ? price(atEndOf: second - rules.window) : nil
  }

  private var relativeVolume: (value: Double, mean: Double) {
    let last = second - rules.window
    guard last - firstSecond + 1 >= rules.window else { return (0, 0) }
    let decay = exp(-1 / rules.volumeTime)
    var sum = 0.0
    var count = 0.0
    for left in seconds[...(last - firstSecond)] {
      sum = sum * decay + left.volume
      count = count * decay + 1
    }
    let mean = sum / count * Double(rules.window)
    return mean > 0 ? (seconds.suffix(rules.window).reduce(0) { $0 + $1.volume } / mean, mean) : (0, 0)
  }

  private var sigma: Double {
    let first = firstSecond / rules.sample
    let current = second / rules.sample
    let decay = exp(-Double(rules.sample) / rules.sigmaTime)
    var sum = 0.0
    var count = 0.0
    var moved = 0
    guard current > first + 1 else { return 0 }
    var lastTraded = first
    for sample in (first + 1)..<current {
      let end = sample * rules.sample + rules.sample - 1
      let change = log(price(atEndOf: end) / price(atEndOf: end - rules.sample))
      var x = change * change
      if moved >= 30, count > 0, sum > 0 { x = min(x, 25 * Double(sample - lastTraded) * sum / count) }
      sum = sum * decay + x
      count = count * decay + 1
      if x > 0 { moved += 1 }
      let ofSample = (sample * rules.sample - firstSecond)..<(end + 1 - firstSecond)
      if seconds[ofSample].contains(where: \.traded) { lastTraded = sample }
    }
    return count > 0 ? (sum / count / Double(rules.sample)).squareRoot() : 0
  }
}
