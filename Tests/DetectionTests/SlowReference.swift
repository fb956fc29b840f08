import Foundation
import MarketData

/// All tick detectors but OPENING_RANGE_BREAK of one symbol, written down from detectors.md without regard to cost: every second and every good
/// price is kept, and every value is made afresh from all of them. Shares nothing with the engine but the settings' numbers, and knows no
/// slack: series that meet thresholds exactly are for hand-worked tests.
struct SlowReference {
  struct Found: Equatable {
    var type: EventType
    var direction: Direction
    var time: Int64
    /// Of the detail, as `ReferenceTests` lists them.
    var values: [Double]
  }

  struct Rules {
    var isContinuous = true
    var barSeconds: Int64 = 60
    var sample = 10, sigmaTime = 600.0, window = 60, volumeTime = 1200.0
    var z = 4.0, minMovePct = 0.10, volumeRatio = 1.5, surgeConfirm = 3, surgeWarmUp = 120.0, cooldown = 60.0
    var multiple = 4.0, extendedHours = 2.0, activeSeconds = 5, spikeWarmUp = 300.0, spikeCooldown = 60.0
    var horizons = [120, 600]
    var enterR2 = 0.6, enterMovePct = 0.10, enterV = 0.8, exitR2 = 0.3
    var vwapBandPct = 0.05, vwapHold = 5.0, vwapWarmUp = 300.0
    var gapPct = 1.0
  }

  private struct Extreme {
    var value: Double
    var anchor: Double
    var announced: Int64?
    var pending = false
  }

  private struct Official {
    var price: Double
    /// The REGULAR session that it was printed in.
    var session: SlowSession?
    var regularTicksBefore: Int
  }

  private struct Print {
    var price: Double
    var size: Double
    /// Whether it is a good one, and whether its size counts.
    var isGood: Bool
    var hasVolume: Bool
  }

  private let rules: Rules
  private var firstEver: Int64?
  private var watermark = Int64.min
  private var filter = SlowPrintFilter()
  private(set) var found: [Found] = []

  // Across sessions.
  private var session: SlowSession?
  private var goodTicks: [(session: SlowSession, price: Double)] = []
  private var officials: [Official] = []
  private var bar: (start: Int64, end: Int64, prints: [Print])?

  // Of the session.
  private var first: (time: Int64, price: Double)?
  private var lastTime: Int64 = 0
  /// Of each second since the session's first: the price carried at its end, its volume, whether it had a tick.
  private var seconds: [(price: Double, volume: Double, traded: Bool)] = []
  private var averaged: [(price: Double, size: Double)] = []
  private var high = Extreme(value: 0, anchor: 0)
  private var low = Extreme(value: 0, anchor: 0)
  private var vwapSide: (isAbove: Bool, since: Int64)?
  private var otherSideSince: Int64?
  /// Since the session's beginning, firing or arming: whether each good tick held, with its sign.
  private var holds: [Direction?] = []
  private var surgeFired: Int64?
  private var surgeIsDisarmed = false
  private var spikeFired: Int64 = 0
  private var spikeIsDisarmed = false
  private var trendStates: [Direction]
  /// The sample at which each horizon's fit began.
  private var fitStarts: [Int]

  init(_ rules: Rules = Rules()) {
    self.rules = rules
    trendStates = rules.horizons.map { _ in .flat }
    fitStarts = rules.horizons.map { _ in .min }
  }

  // MARK: - A tick

  mutating func take(_ tick: Tick) {
    firstEver = firstEver ?? tick.eventTime.nanoseconds
    guard watermark == .min || tick.eventTime.nanoseconds >= watermark - 5_000_000_000 else { return }
    let time = max(watermark, tick.eventTime.nanoseconds)
    watermark = time
    let place = SlowSession(at: time, isContinuous: rules.isContinuous)
    let hasVolume = !tick.conditions.contains(.notEligibleForVolume)
    let isOfficial = tick.conditions.contains(.officialClose) && !rules.isContinuous && filter.isNear(tick.price)
    if !tick.conditions.contains(.notEligibleForPrices) {
      takePrice(tick, time, place, hasVolume)
    } else if hasVolume, let place, place == session {
      takeOddLot(tick, time)
    }
    guard isOfficial else { return }
    officials.append(
      Official(
        price: tick.price, session: place?.kind == .regular && place == session ? place : nil,
        regularTicksBefore: regularTicks.count))
  }

  private mutating func takeOddLot(_ tick: Tick, _ time: Int64) {
    seconds[seconds.count - 1].volume += tick.size
    guard filter.wouldPass(tick.price, at: time) else { return }
    averaged.append((tick.price, tick.size))
    if let open = bar, time < open.end {
      bar?.prints.append(Print(price: tick.price, size: tick.size, isGood: false, hasVolume: true))
    }
  }

  private mutating func takePrice(_ tick: Tick, _ time: Int64, _ place: SlowSession?, _ hasVolume: Bool) {
    let (price, before) = (tick.price, filter.lastGood?.price ?? tick.price)
    let verdict = filter.judge(time: time, price: price, session: place)
    if verdict != .good, verdict != .quarantined(isFirstOfRun: false), place != nil {
      let isConfirmed = verdict == .confirmed
      found.append(
        Found(
          type: .quarantine, direction: isConfirmed ? (price > before ? .up : .down) : .flat, time: time,
          values: [before, filter.limit, isConfirmed ? 1 : 0, Double(filter.run)]))
    }
    if case .quarantined = verdict { return }
    if verdict == .confirmed { filter.accept(time: time, price: price) }
    if let open = bar, time >= open.end { closeBar(at: time) }
    guard let place else { return }
    addToBar(Print(price: price, size: tick.size, isGood: true, hasVolume: hasVolume), time, place)
    detect(time: time, price: price, size: hasVolume ? tick.size : 0, place)
    goodTicks.append((place, price))
  }

  // MARK: - Bars

  private mutating func addToBar(_ print: Print, _ time: Int64, _ place: SlowSession) {
    if bar == nil {
      let length = rules.barSeconds * 1_000_000_000
      let aligned = place.midnight + (time - place.midnight) / length * length
      bar = (max(aligned, place.start), min(aligned + length, place.end), [])
    }
    bar?.prints.append(print)
  }

  private mutating func closeBar(at time: Int64) {
    guard let (start, end, prints) = bar else { return }
    bar = nil
    let prices = prints.filter(\.isGood).map(\.price)
    let counted = prints.filter { $0.hasVolume && $0.size > 0 }
    let volume = counted.reduce(0) { $0 + $1.size }
    let value = counted.reduce(0) { $0 + $1.price * $1.size }
    let isIncomplete = firstEver.map { start < $0 && $0 < end } ?? false
    guard let open = prices.first, let close = prices.last, let high = prices.max(), let low = prices.min() else {
      return
    }
    found.append(
      Found(
        type: .barClosed, direction: close > open ? .up : close < open ? .down : .flat, time: time,
        values: [
          Double(start), open, high, low, close, volume, volume > 0 ? value / volume : 0, Double(prints.count),
          isIncomplete ? 1 : 0,
        ]))
  }

  // MARK: - Detectors

  private mutating func detect(time: Int64, price: Double, size: Double, _ place: SlowSession) {
    guard place == session, let first else {
      begin(time: time, price: price, size: size, place)
      return
    }
    let before = lastTime
    lastTime = time
    while firstSecond + seconds.count <= Int(time / 1_000_000_000) {
      seconds.append((seconds[seconds.count - 1].price, 0, false))
    }
    seconds[seconds.count - 1].price = price
    seconds[seconds.count - 1].volume += size
    seconds[seconds.count - 1].traded = true
    averaged.append((price, size))
    let age = Double(time - first.time) / 1e9
    let q = relativeVolume
    let sigma = sigma
    lookAtExtremes(time, price, place, q.value)
    lookAtAverage(time, price, age)
    lookForSurge(time, price, age, q.value, sigma)
    lookForSpike(time, price, age, q, place)
    lookForTrends(time, since: before, sigma)
  }

  private var regularTicks: [(session: SlowSession, price: Double)] { goodTicks.filter { $0.session.kind == .regular } }

  /// What a REGULAR session's first price is compared with.
  private var regularClose: Double? {
    let ticks = regularTicks
    if let official = officials.last {
      if official.session == nil, official.regularTicksBefore == ticks.count { return official.price }
      if let session = official.session, session == ticks.last?.session { return official.price }
    }
    return ticks.last?.price
  }

  private mutating func begin(time: Int64, price: Double, size: Double, _ place: SlowSession) {
    let close =
      place.kind == .regular ? regularClose : place.kind == .continuous ? goodTicks.last?.price : nil
    if let close {
      let gap = 100 * (price - close) / close
      if gap.magnitude >= rules.gapPct {
        found.append(Found(type: .gap, direction: gap > 0 ? .up : .down, time: time, values: [gap, close]))
      }
    }
    session = place
    first = (time, price)
    lastTime = time
    seconds = [(price, size, true)]
    averaged = [(price, size)]
    high = Extreme(value: price, anchor: price)
    low = high
    (vwapSide, otherSideSince, holds, surgeFired) = (nil, nil, [], nil)
    (surgeIsDisarmed, spikeIsDisarmed) = (false, false)
    trendStates = rules.horizons.map { _ in .flat }
    fitStarts = rules.horizons.map { _ in Int(time / 5_000_000_000) }
  }

  /// HIGH, LOW
  private mutating func lookAtExtremes(_ time: Int64, _ price: Double, _ place: SlowSession, _ q: Double) {
    if price > high.value { (high.value, high.pending) = (price, true) }
    if price < low.value { (low.value, low.pending) = (price, true) }
    let ofDate = goodTicks.filter { $0.session.date == place.date }.map(\.price) + [price]
    let factor =
      switch place.kind {
      case .pre, .post: 2.0
      case .regular: time - place.start < 1_800_000_000_000 ? 1.5 : 1
      case .continuous: 1.0
      }
    for (type, direction) in [(EventType.high, Direction.up), (.low, .down)] {
      let side = type == .high ? high : low
      let bands = [(1, 0, 0.2), (5, 0.01, 0.15), (25, 0.02, 0.10), (100, 0.05, 0.08), (.infinity, 0.10, 0.05)]
      guard let band = bands.first(where: { side.value < $0.0 }), side.pending,
        (side.value - side.anchor).magnitude >= factor * max(band.1, band.2 / 100 * side.anchor),
        side.announced.map({ time - $0 >= 1_000_000_000 }) ?? true
      else { continue }
      found.append(
        Found(
          type: type, direction: direction, time: time,
          values: [side.anchor, high.value, low.value, q, ofDate.max() ?? 0, ofDate.min() ?? 0]))
      let told = Extreme(value: side.value, anchor: side.value, announced: time)
      if type == .high { high = told } else { low = told }
    }
  }

  /// VWAP_CROSS
  private mutating func lookAtAverage(_ time: Int64, _ price: Double, _ age: Double) {
    let volume = averaged.reduce(0) { $0 + $1.size }
    guard volume > 0 else { return }
    let vwap = averaged.reduce(0) { $0 + $1.price * $1.size } / volume
    let isAbove = price > vwap * (1 + rules.vwapBandPct / 100)
    guard isAbove || price < vwap * (1 - rules.vwapBandPct / 100) else { return }
    guard let side = vwapSide, side.isAbove != isAbove else {
      if vwapSide == nil { vwapSide = (isAbove, time) }
      otherSideSince = nil
      return
    }
    let start = otherSideSince ?? time
    otherSideSince = start
    guard Double(time - start) / 1e9 >= rules.vwapHold else { return }
    vwapSide = (isAbove, time)
    otherSideSince = nil
    guard age >= rules.vwapWarmUp else { return }
    found.append(
      Found(
        type: .vwapCross, direction: isAbove ? .up : .down, time: time, values: [vwap, Double(time - side.since)]))
  }

  private mutating func lookForSurge(_ time: Int64, _ price: Double, _ age: Double, _ q: Double, _ sigma: Double) {
    let root = Double(rules.window).squareRoot()
    let z = base.map { sigma > 0 ? log(price / $0) / (sigma * root) : 0 } ?? 0
    let move = base.map { 100 * (price / $0 - 1) } ?? 0
    if surgeIsDisarmed {
      if base != nil, z.magnitude < rules.z / 2, Double(time - (surgeFired ?? 0)) / 1e9 >= rules.cooldown {
        surgeIsDisarmed = false
      }
      return
    }
    let doesHold =
      base != nil && z.magnitude >= rules.z && move.magnitude >= rules.minMovePct && q >= rules.volumeRatio
      && age >= rules.surgeWarmUp
    holds.append(doesHold ? (move > 0 ? .up : .down) : nil)
    guard let direction = holds.last ?? nil, holds.count >= rules.surgeConfirm,
      holds.suffix(rules.surgeConfirm).allSatisfy({ $0 == direction })
    else { return }
    holds = []
    surgeIsDisarmed = true
    surgeFired = time
    found.append(Found(type: .surge, direction: direction, time: time, values: [move, 100 * sigma * root]))
  }

  private mutating func lookForSpike(
    _ time: Int64, _ price: Double, _ age: Double, _ q: (value: Double, mean: Double), _ place: SlowSession
  ) {
    let multiple = rules.multiple * (place.kind == .pre || place.kind == .post ? rules.extendedHours : 1)
    if spikeIsDisarmed {
      if q.value < multiple / 2, Double(time - spikeFired) / 1e9 >= rules.spikeCooldown { spikeIsDisarmed = false }
      return
    }
    guard q.value >= multiple, age >= rules.spikeWarmUp,
      seconds.suffix(rules.window).filter({ $0.volume > 0 }).count >= rules.activeSeconds
    else { return }
    spikeIsDisarmed = true
    spikeFired = time
    let direction: Direction = base.map { price > $0 ? .up : price < $0 ? .down : .flat } ?? .flat
    found.append(Found(type: .volumeSpike, direction: direction, time: time, values: [q.value, q.mean]))
  }

  /// TREND: the samples that this tick closes.
  private mutating func lookForTrends(_ time: Int64, since before: Int64, _ sigma: Double) {
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
    found.append(Found(type: .trend, direction: next, time: time, values: [move, fit]))
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
