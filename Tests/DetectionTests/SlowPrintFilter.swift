import Foundation

/// The print filter, written down from detectors.md without regard to cost: every quarantined price and every learned move is kept, and every
/// count is made afresh by walking back over them. With the default settings, and without slack: series that meet thresholds exactly are
/// for hand-worked tests.
struct SlowPrintFilter {
  enum Verdict: Equatable {
    case good
    case quarantined(isFirstOfRun: Bool)
    case confirmed
  }

  private struct Quarantined {
    var time: Int64
    var price: Double
    /// As they were when it came.
    var floor: Double
    var followsGood: Bool
  }

  let jumpPct = 0.5
  let confirm = 5
  let confirmTime = 30.0
  let openJumpPct = 50.0
  let learnedMaxPct = 100.0
  let learnedTime = 600.0

  private(set) var lastGood: (time: Int64, price: Double)?
  private var learned: [(time: Int64, pct: Double)] = []
  private var waiting: (from: Double, to: Double)?
  /// Since the last confirmation.
  private var quarantined: [Quarantined] = []
  private var goodCameLast = true
  private var judgedSession: SlowSession?
  private(set) var limit = 0.0

  private var floor: Double {
    guard let price = lastGood?.price else { return 0 }
    return price >= 1 ? 0.05 : min(0.01, 0.03 * price)
  }

  private func percent(_ from: Double, _ to: Double) -> Double { (to / from - 1).magnitude * 100 }

  /// J: the largest of all learned moves, each as it has decayed.
  func learnedPct(at time: Int64) -> Double {
    learned.map { $0.pct * exp(-Double(time - $0.time) / 1e9 / learnedTime) }.max() ?? 0
  }

  private func limitPct(at time: Int64) -> Double {
    guard let lastGood else { return .infinity }
    let minutes = Double(time - lastGood.time) / 60e9
    return max(jumpPct * max(1, min(20, minutes.squareRoot())), min(learnedMaxPct, 2 * learnedPct(at: time)))
  }

  private func isBeyond(_ price: Double, _ limit: Double) -> Bool {
    guard let good = lastGood?.price else { return false }
    return percent(good, price) > limit && (price - good).magnitude > floor
  }

  func wouldPass(_ price: Double, at time: Int64) -> Bool { !isBeyond(price, limitPct(at: time)) }

  func isNear(_ price: Double) -> Bool { lastGood.map { percent($0.price, price) <= openJumpPct } ?? true }

  /// - Parameter session: nil in CLOSED.
  mutating func judge(time: Int64, price: Double, session: SlowSession?) -> Verdict {
    let isFirst = session != nil && session != judgedSession
    if isFirst { judgedSession = session }
    limit = max(limitPct(at: time), isFirst ? openJumpPct : 0)
    guard let good = lastGood, isBeyond(price, limit) else {
      if let good = lastGood { learnLater(time, from: good.price, to: price, isFirst: isFirst) }
      lastGood = (time, price)
      goodCameLast = true
      return .good
    }
    quarantined.append(Quarantined(time: time, price: price, floor: floor, followsGood: goodCameLast))
    goodCameLast = false
    guard alike >= confirm || isConfirmedByAge(time) else { return .quarantined(isFirstOfRun: run == 1) }
    learned.append((time, percent(good.price, price)))
    return .confirmed
  }

  /// To be called behind a verdict of `confirmed`.
  mutating func accept(time: Int64, price: Double) {
    lastGood = (time, price)
    quarantined = []
    waiting = nil
    goodCameLast = true
  }

  private mutating func learnLater(_ time: Int64, from good: Double, to price: Double, isFirst: Bool) {
    if isFirst {
      waiting = nil
      return
    }
    if let move = waiting {
      waiting = nil
      // Undone: neither it nor the way back teaches.
      guard (price - move.to).magnitude <= (price - move.from).magnitude else { return }
      learned.append((time, percent(move.from, move.to)))
    }
    if percent(good, price) >= jumpPct / 2 { waiting = (good, price) }
  }

  // MARK: - Counts of the quarantined

  private func seconds(_ index: Int) -> Double { Double(quarantined[index].time - quarantined[index - 1].time) / 1e9 }

  private var alike: Int {
    var count = 1
    for index in stride(from: quarantined.count - 1, to: 0, by: -1) {
      let (old, new) = (quarantined[index - 1], quarantined[index])
      guard percent(old.price, new.price) <= jumpPct || (new.price - old.price).magnitude <= new.floor,
        seconds(index) <= confirmTime
      else { break }
      count += 1
    }
    return count
  }

  var run: Int {
    var count = 1
    for index in stride(from: quarantined.count - 1, to: 0, by: -1) {
      guard !quarantined[index].followsGood || seconds(index) <= confirmTime else { break }
      count += 1
    }
    return count
  }

  private func isConfirmedByAge(_ time: Int64) -> Bool {
    guard let first = quarantined.lastIndex(where: \.followsGood) else { return false }
    return quarantined.count - first >= confirm && Double(time - quarantined[first].time) / 1e9 >= confirmTime
  }
}

/// The sessions of Mondays to Fridays in a week of New York's winter time, or UTC's days.
struct SlowSession: Equatable {
  enum Kind { case pre, regular, post, continuous }

  var kind: Kind
  /// Trading date, in days.
  var date: Int64
  var start: Int64
  var end: Int64

  private static let hour: Int64 = 3_600_000_000_000

  /// Nil in CLOSED.
  init?(at time: Int64, isContinuous: Bool) {
    if isContinuous {
      date = time / (24 * Self.hour)
      (kind, start, end) = (.continuous, date * 24 * Self.hour, (date + 1) * 24 * Self.hour)
      return
    }
    date = (time - 5 * Self.hour) / (24 * Self.hour)
    let midnight = date * 24 * Self.hour + 5 * Self.hour
    // 1970-01-01 was a Thursday: days 2 and 3 are Saturday and Sunday.
    guard ![2, 3].contains(date % 7) else { return nil }
    let half = Self.hour / 2
    for (kind, from, to) in [(Kind.pre, 8, 19), (.regular, 19, 32), (.post, 32, 40)] as [(Kind, Int64, Int64)]
    where time >= midnight + from * half && time < midnight + to * half {
      (self.kind, start, end) = (kind, midnight + from * half, midnight + to * half)
      return
    }
    return nil
  }

  /// The local midnight at or before its beginning.
  var midnight: Int64 { date * 24 * Self.hour + (kind == .continuous ? 0 : 5 * Self.hour) }
}
