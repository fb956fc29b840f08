package import Channels
internal import Detection
internal import LockFree
internal import MarketData

// Specifications as responses tell them: every leaf, with its value of now.

extension AdminResponses {
  /// - Parameter rules: by kind, with the router's metrics.
  package static func routing(_ rules: [(type: ChannelType, rule: RoutingRule)], metrics: RouterMetricsSnapshot?)
    -> [UInt8]
  {
    var writer = WireWriter()
    for (type, rule) in rules {
      writer.message(1) { spec in
        spec.enumeration(1, type.rawValue)
        spec.given(2, UInt64(rule.strategy.wireNumber))
        spec.given(3, rule.seed)
      }
    }
    if let metrics { writer.message(2) { metrics.encode(&$0) } }
    return writer.bytes
  }

  /// Of `RebalanceResponse` and `ResetSymbolsResponse`: how many symbols.
  package static func count(_ count: Int) -> [UInt8] {
    var writer = WireWriter()
    writer.unsigned(1, UInt64(count))
    return writer.bytes
  }

  /// - Parameter symbols: the patterns as they were given.
  package static func profile(_ profile: Profile, symbols: [String]) -> [UInt8] {
    var writer = WireWriter()
    writer.message(1) { status in
      status.message(1) { spec in
        spec.text(1, profile.name)
        for symbol in symbols { spec.alwaysText(2, symbol) }
        spec.message(3) { profile.calendar.encode(&$0) }
        spec.givenNanos(4, profile.maxAheadNanos)
        spec.message(5) { detectors in
          detectors.message(1) { profile.tick.encode(&$0) }
          detectors.message(2) { profile.bar.encode(&$0) }
          detectors.message(3) { values in values.message(1) { profile.fairValue.valuation.encode(&$0) } }
        }
      }
      status.unsigned(2, UInt64(profile.configVersion))
    }
    return writer.bytes
  }
}

extension WireWriter {
  /// A member of a oneof: written even where it is 0.
  fileprivate mutating func given(_ number: Int, _ value: UInt64) {
    varint(UInt64(number) << 3)
    varint(value)
  }

  fileprivate mutating func given(_ number: Int, _ value: Bool) { given(number, UInt64(value ? 1 : 0)) }
  fileprivate mutating func given(_ number: Int, _ value: UInt32) { given(number, UInt64(value)) }
  fileprivate mutating func given(_ number: Int, _ value: Double) { alwaysFixed(number, value.bitPattern) }

  fileprivate mutating func givenNanos(_ number: Int, _ value: Int64) {
    alwaysFixed(number, UInt64(bitPattern: value))
  }
}

extension ChannelSettings {
  fileprivate static let idles: [IdleStrategy] = [.park, .yield, .spin]

  func encode(_ spec: inout WireWriter) {
    spec.text(1, name)
    spec.given(2, UInt64(type.rawValue))
    spec.given(3, UInt64(ringCapacity))
    spec.given(4, UInt64((OverflowPolicy.allCases.firstIndex(of: overflow) ?? 0) + 1))
    spec.message(5) { batching in
      batching.given(1, UInt64(self.batching.wireNumber))
      batching.given(2, UInt64(maxBatch))
      batching.given(3, UInt64(maxWaitNanos / 1_000))
    }
    spec.given(6, UInt64((Self.idles.firstIndex(of: idle) ?? 0) + 1))
    spec.message(7) { guarded in
      guarded.givenNanos(1, breaker.windowNanos)
      guarded.given(2, UInt64(breaker.minBatches))
      guarded.given(3, breaker.failureRatePct)
      guarded.given(4, breaker.slowRatePct)
      guarded.givenNanos(5, breaker.slowItemNanos)
      guarded.given(6, UInt64(breaker.consecutiveFailures))
      guarded.givenNanos(7, breaker.openNanos)
      guarded.givenNanos(8, breaker.openMaxNanos)
      guarded.given(9, UInt64(breaker.probeBatches))
    }
    spec.message(8) { judged in
      judged.givenNanos(1, health.stallAfterNanos)
      judged.given(2, health.depthPct)
      judged.givenNanos(3, health.depthForNanos)
      judged.givenNanos(4, health.p99LimitNanos)
    }
    for profile in profiles.sorted() { spec.alwaysText(9, profile) }
  }
}

extension TradingCalendar {
  fileprivate func encode(_ spec: inout WireWriter) {
    guard let rules else { return spec.alwaysText(1, "continuous") }
    spec.alwaysText(1, rules.observesUSEquities ? "us_equities" : "none")
    spec.alwaysText(2, rules.timeZone)
    spec.message(3) { times in
      times.unsigned(1, UInt64(rules.sessions.pre))
      times.unsigned(2, UInt64(rules.sessions.regular))
      times.unsigned(3, UInt64(rules.sessions.post))
      times.unsigned(4, UInt64(rules.sessions.closed))
    }
    for date in rules.holidays.sorted() { spec.alwaysText(4, CalendarText.describe(date)) }
    for (date, minute) in rules.earlyCloses.sorted(by: { $0.key < $1.key }) {
      spec.alwaysText(5, CalendarText.describe(date, minutes: minute))
    }
  }
}

extension TickDetectorSettings {
  fileprivate func encode(_ tick: inout WireWriter) {
    tick.givenNanos(1, latenessToleranceNanos)
    tick.message(2) { part in
      part.given(1, printFilter.enabled)
      part.given(2, printFilter.jumpPct)
      part.given(3, printFilter.floor)
      part.given(4, UInt64(printFilter.confirm))
    }
    tick.message(3) { part in
      part.givenNanos(1, activity.sigmaSampleNanos)
      part.givenNanos(2, activity.sigmaTimeNanos)
      part.givenNanos(3, activity.windowNanos)
      part.givenNanos(4, activity.volumeTimeNanos)
    }
    tick.message(4) { highLow.encode(&$0) }
    tick.message(5) { part in
      part.given(1, surge.enabled)
      part.given(2, surge.z)
      part.given(3, surge.minMovePct)
      part.given(4, surge.volumeRatio)
      part.givenNanos(5, surge.warmUpNanos)
      part.givenNanos(6, surge.cooldownNanos)
    }
    tick.message(6) { part in
      part.given(1, volumeSpike.enabled)
      part.given(2, volumeSpike.multiple)
      part.givenNanos(3, volumeSpike.warmUpNanos)
    }
    tick.message(7) { trend.encode(&$0) }
    tick.message(8) { part in
      part.given(1, vwapCross.enabled)
      part.given(2, vwapCross.bandPct)
      part.givenNanos(3, vwapCross.warmUpNanos)
    }
    tick.message(9) { part in
      part.given(1, openingRange.enabled)
      part.given(2, UInt64(openingRange.minutes))
      part.given(3, openingRange.bandPct)
    }
    tick.message(10) { part in
      part.given(1, gap.enabled)
      part.given(2, gap.gapPct)
    }
    for bar in barsNanos { tick.givenNanos(11, bar) }
  }
}

extension TickDetectorSettings.HighLow {
  fileprivate func encode(_ part: inout WireWriter) {
    part.given(1, enabled)
    for band in bands {
      part.message(2) { inner in
        inner.double(1, band.below.isFinite ? band.below : 0)
        inner.double(2, band.minChange)
        inner.double(3, band.minChangePct)
      }
    }
    part.given(3, extendedHoursFactor)
    part.given(4, openingFactor)
    part.givenNanos(5, openingTimeNanos)
    part.givenNanos(6, cooldownNanos)
    part.givenNanos(7, reversalWindowNanos)
    part.given(8, volumeWeight)
  }
}

extension TickDetectorSettings.Trend {
  fileprivate func encode(_ part: inout WireWriter) {
    part.given(1, enabled)
    for horizon in horizonsNanos { part.givenNanos(2, horizon) }
    for count in minSamples { part.given(3, count) }
    part.given(4, enterR2)
    part.given(5, enterMovePct)
    part.given(6, enterV)
    part.given(7, exitR2)
  }
}

extension BarDetectorSettings {
  fileprivate func encode(_ bar: inout WireWriter) {
    bar.message(1) { part in
      part.given(1, gap.enabled)
      part.given(2, gap.gapPct)
      part.given(3, gap.dailyGapPct)
    }
    bar.message(2) { part in
      part.given(1, significantMove.enabled)
      part.given(2, significantMove.movePct1m)
      part.given(3, significantMove.movePct5m)
      part.given(4, significantMove.movePctIntraday)
      part.given(5, significantMove.movePctDaily)
    }
    bar.message(3) { part in
      part.given(1, volumeSpike.enabled)
      part.given(2, volumeSpike.multiple)
      part.given(4, volumeSpike.history)
    }
    bar.message(4) { part in
      part.given(1, highLow.enabled)
      part.given(2, highLow.closes)
    }
    bar.message(5) { part in
      part.given(1, aggregate.enabled)
      for window in aggregate.windowsNanos { part.givenNanos(2, window) }
    }
  }
}

extension FairValueSettings.Valuation {
  fileprivate func encode(_ part: inout WireWriter) {
    part.given(1, enabled)
    part.given(2, enterPct)
    part.given(3, exitPct)
    part.given(4, minConfidence)
    part.givenNanos(5, maxStalenessNanos)
  }
}

extension RoutingStrategy {
  /// Of `RoutingStrategy` in admin.proto.
  package var wireNumber: UInt8 { UInt8((Self.allCases.firstIndex(of: self) ?? 0) + 1) }

  package init?(wireNumber: Int32) {
    guard let index = Int(exactly: wireNumber), Self.allCases.indices.contains(index - 1) else { return nil }
    self = Self.allCases[index - 1]
  }
}

extension BatchingStrategy {
  /// Of `BatchingStrategy` in admin.proto.
  fileprivate var wireNumber: UInt8 {
    switch self {
    case .immediate: 1
    case .size: 2
    case .time: 3
    case .adaptive: 4
    }
  }
}
