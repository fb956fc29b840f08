import Detection
import MarketData
import Testing

/// SURGE and VOLUME_SPIKE of tick channels by hand-worked series.
@Suite struct ActivityRulesTests {
  private static let second: Int64 = 1_000_000_000
  /// 2023-11-15 00:00 UTC.
  private static let day: Int64 = 1_700_006_400_000_000_000

  private struct Feed {
    var engine: TickEngine
    var events: [MarketEvent] = []

    init(_ calendar: TradingCalendar = .continuous, _ change: (inout TickDetectorSettings) -> Void = { _ in }) {
      var settings = TickDetectorSettings()
      settings.printFilter.enabled = false
      settings.highLow.enabled = false
      settings.vwapCross.enabled = false
      settings.trend.enabled = false
      settings.openingRange.enabled = false
      change(&settings)
      engine = TickEngine(profiles: [TickProfile(name: "p", calendar: calendar, settings: settings)])
    }

    mutating func tick(_ at: Double, _ price: Double, _ size: Double = 10, _ conditions: TickConditions = []) {
      _ = engine.process(
        Tick(
          symbol: SymbolID(0), conditions: conditions, eventTime: UnixNanos(day + Int64(at * 1e9)), price: price,
          size: size), profile: 0, events: &events)
    }

    mutating func taken() -> [MarketEvent] {
      defer { events.removeAll() }
      return events
    }
  }

  // MARK: - SURGE

  /// Five minutes in which the price changes between 50 and 50.01 every ten seconds, ten units a second: σ·√60 is ln(1.0002)·√6 = 0.049 %, so
  /// that z = 4 lies at 0.196 %; and the window's mean volume is 600. From 50.01 on, 50.2 is 0.38 %, 49.8 is −0.42 %.
  private func quiet() -> Feed {
    var feed = Feed { $0.volumeSpike.enabled = false }
    for at in 0..<300 { feed.tick(Double(at), at / 10 % 2 == 0 ? 50 : 50.01) }
    return feed
  }

  @Test func theThirdPrintInARowFires() throws {
    var feed = quiet()
    // 590 + 400 are 1.65 times the mean.
    feed.tick(300, 50.2, 400)
    feed.tick(300.1, 50.2)
    #expect(feed.taken().isEmpty)
    feed.tick(300.2, 50.21)
    let event = try #require(feed.taken().first)
    #expect(event.type == .surge && event.direction == .up && event.price == 50.21)
    guard case .surge(let detail) = event.detail else { return #expect(Bool(false)) }
    #expect(detail.count == 1)
    #expect((detail.sigmaPct - 100 * 0.000_199_98 * 6.0.squareRoot()).magnitude < 1e-5)
  }

  /// One bad print, or two, make no event: what does not hold, and what holds the other way, begin the count anew.
  @Test func thePrintsMustHoldInARow() {
    var feed = quiet()
    feed.tick(300, 50.2, 400)
    feed.tick(300.1, 50.2)
    feed.tick(300.2, 50.01)
    feed.tick(300.3, 50.2)
    feed.tick(300.4, 50.2)
    feed.tick(300.5, 49.8)
    feed.tick(300.6, 49.8)
    // An odd lot is no good print: it neither counts nor ends the row.
    feed.tick(300.65, 50.01, 1, .notEligibleForPrices)
    #expect(feed.taken().isEmpty)
    feed.tick(300.7, 49.8)
    #expect(feed.taken().map(\.direction) == [.down])
  }

  @Test(arguments: [1, 2, 5])
  func howManyMustHoldIsSet(confirm: UInt32) {
    var feed = Feed {
      $0.volumeSpike.enabled = false
      $0.surge.confirm = confirm
    }
    for at in 0..<300 { feed.tick(Double(at), at / 10 % 2 == 0 ? 50 : 50.01) }
    for number in 1...confirm {
      #expect(feed.taken().isEmpty)
      feed.tick(300 + Double(number) / 100, 50.2, 400)
    }
    #expect(feed.taken().map(\.type) == [.surge])
  }

  /// Fired at 300.2; at 360.2 the window's base is 50.2 and z = 0: armed, by a print that does not count.
  @Test func printsWhileDisarmedDoNotCount() {
    var feed = quiet()
    for at in [300, 300.1, 300.2] { feed.tick(at, 50.2, 400) }
    #expect(feed.taken().count == 1)
    for at in 301..<360 { feed.tick(Double(at), 50.2) }
    feed.tick(360.1, 53, 9_000)
    feed.tick(360.15, 53)
    feed.tick(360.2, 50.2)
    feed.tick(360.3, 53, 9_000)
    feed.tick(360.4, 53)
    #expect(feed.taken().isEmpty)
    feed.tick(360.5, 53)
    #expect(feed.taken().map(\.type) == [.surge])
  }

  // MARK: - VOLUME_SPIKE

  private func spikes(_ change: (inout TickDetectorSettings.VolumeSpike) -> Void = { _ in }) -> Feed {
    Feed {
      $0.surge.enabled = false
      change(&$0.volumeSpike)
    }
  }

  /// A print of 10 every 20 s: the window's mean is 30. 200 more make the sevenfold at 420, but in three seconds only: 380, 400, 420. With 421
  /// and 422 they are five.
  @Test func oneLargePrintInADeadHourIsNoSpike() {
    var feed = spikes()
    for at in stride(from: 0.0, to: 420, by: 20) { feed.tick(at, 50) }
    feed.tick(420, 50, 200)
    feed.tick(420.5, 50, 200)
    feed.tick(421, 50)
    feed.tick(421.5, 50)
    // No volume is no activity.
    feed.tick(422, 50, 0)
    #expect(feed.taken().isEmpty)
    // An odd lot's size is, but only a good print is looked at.
    feed.tick(422.2, 50, 1, .notEligibleForPrices)
    #expect(feed.taken().isEmpty)
    feed.tick(422.3, 50, 0)
    #expect(feed.taken().map(\.type) == [.volumeSpike])
  }

  /// Fired at 310; its volume has left the window at 370, and q is below 2. The next burst, at 372, finds it armed after a cooldown of 60 s.
  @Test(arguments: [(0, 2), (60, 2), (61, 2), (62, 1), (120, 1)])
  func aSpikeArmsAgainAfterItsCooldown(seconds: Int64, told: Int) {
    var feed = spikes { $0.cooldownNanos = seconds * Self.second }
    for at in 0..<310 { feed.tick(Double(at), 50) }
    feed.tick(310, 50, 3_000)
    for at in 311..<372 { feed.tick(Double(at), 50) }
    feed.tick(372, 50, 30_000)
    feed.tick(372.5, 50)
    #expect(feed.taken().map(\.type) == Array(repeating: .volumeSpike, count: told))
  }

  /// The mean is 600: 3,000 more make the sixfold, 4,300 the eightfold, which PRE and POST want.
  @Test(arguments: [(10, 3_000, false), (10, 4_300, true), (15, 3_000, true), (22, 3_000, false), (22, 4_300, true)])
  func extendedHoursWantMore(fromHour hour: Int, size: Int, isTold: Bool) {
    let start = Double(hour) * 3_600
    var feed = Feed(.usEquities) { $0.surge.enabled = false }
    for at in 0..<310 { feed.tick(start + Double(at), 50) }
    feed.tick(start + 310, 50, Double(size))
    #expect(feed.taken().map(\.type) == (isTold ? [.volumeSpike] : []))
  }
}
