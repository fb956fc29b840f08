import Channels
import Events
import LockFree
import MarketData
import TestKit
import Testing
import WireCodec

/// What makes an item good, at its borders, and the words for what makes it bad.
@Suite struct ItemRulesTests: ItemDecoding {
  /// Said by bits where ticks are taken, and in words where one is rejected.
  @Test func goodNumbersAreThoseWithoutAProblem() {
    let edges: [Double] = [
      0, -0.0, 1, -1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude, .infinity, -.infinity, .nan, .signalingNaN, -.nan, 1e15, 1e15.nextUp, 1e18,
      1e18.nextUp,
    ]
    // 1971 begins at 365 · 86,400 s.
    let times: [Int64] = [.min, -1, 0, 1, 31_535_999_999_999_999, 31_536_000_000_000_000, Self.now.nanoseconds]
    for price in edges {
      for size in edges {
        for time in times {
          let isGood = price > 0 && price <= 1e15 && size >= 0 && size <= 1e18 && time >= 31_536_000_000_000_000
          let found = decode(
            ClientRequests.publish(batch: [tick(), tick(time: time, price: price, size: size)], sequence: 1),
            by: decoder())
          #expect(found.result?.accepted == (isGood ? 2 : 1), "\(price) \(size) \(time)")
          #expect(found.rejections.count == (isGood ? 0 : 1), "\(price) \(size) \(time)")
        }
      }
    }
  }

  @Test(arguments: [
    (ClientTick(symbol: "", timestampNanos: now.nanoseconds, price: 1, size: 1), RejectionCode.badSymbol),
    (ClientTick(symbol: " A", timestampNanos: now.nanoseconds, price: 1, size: 1), .badSymbol),
    (ClientTick(symbol: "A ", timestampNanos: now.nanoseconds, price: 1, size: 1), .badSymbol),
    (ClientTick(symbol: "A\u{7}", timestampNanos: now.nanoseconds, price: 1, size: 1), .badSymbol),
    (ClientTick(symbol: "A\0B", timestampNanos: now.nanoseconds, price: 1, size: 1), .badSymbol),
    (ClientTick(symbol: "É", timestampNanos: now.nanoseconds, price: 1, size: 1), .badSymbol),
    (
      ClientTick(symbol: String(repeating: "A", count: 65), timestampNanos: now.nanoseconds, price: 1, size: 1),
      .badSymbol
    ),
    (ClientTick(symbol: "A", timestampNanos: now.nanoseconds, price: 0, size: 1), .badPrice),
    (ClientTick(symbol: "A", timestampNanos: now.nanoseconds, price: -1, size: 1), .badPrice),
    (ClientTick(symbol: "A", timestampNanos: now.nanoseconds, price: .nan, size: 1), .badPrice),
    (ClientTick(symbol: "A", timestampNanos: now.nanoseconds, price: .infinity, size: 1), .badPrice),
    (ClientTick(symbol: "A", timestampNanos: now.nanoseconds, price: 1, size: -1), .badSize),
    (ClientTick(symbol: "A", timestampNanos: now.nanoseconds, price: 1, size: .nan), .badSize),
    (ClientTick(symbol: "A", timestampNanos: now.nanoseconds, price: 1, size: .infinity), .badSize),
    (ClientTick(symbol: "A", timestampNanos: 0, price: 1, size: 1), .badTimestamp),
    (ClientTick(symbol: "A", timestampNanos: .min, price: 1, size: 1), .badTimestamp),
    (ClientTick(symbol: "A", timestampNanos: .max, price: 1, size: 1), .badTimestamp),
    (ClientTick(symbol: "A", timestampNanos: now.nanoseconds + 10_000_000_001, price: 1, size: 1), .badTimestamp),
  ])
  func aBadTickIsRejectedAlone(bad: ClientTick, code: RejectionCode) {
    let ticks = [tick(), bad, tick(price: 11)]
    for bytes in [
      ClientRequests.publish(batch: ticks, sequence: 1), ClientRequests.publish(columns: ticks, sequence: 1),
    ] {
      for generally in [false, true] {
        let found = decode(bytes, by: decoder(), generally: generally)
        #expect(found.result?.accepted == 2)
        #expect(found.result?.rejected == 1)
        #expect(found.rejections.map(\.index) == [1])
        #expect(found.rejections.map(\.code) == [code])
        #expect(found.rejections.allSatisfy { !$0.detail.isEmpty })
        #expect(found.ticks.map(\.price) == [10, 11])
      }
    }
  }

  @Test func barsAndFairValuesAreJudgedAndWithoutAChannelTheyHaveNone() {
    func bits(_ value: Double) -> [UInt8] { withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    func bar(low: Double, duration: UInt8 = 1) -> [UInt8] {
      let body: [UInt8] =
        [0x0A, 1, 0x41, 0x11, 5, 0, 0, 0, 0, 0, 0, 0x11, 0x19, duration, 0, 0, 0, 0, 0, 0, 0, 0x21] + bits(2) + [0x29]
        + bits(3) + [0x31] + bits(low) + [0x39] + bits(2)
      return [0x1A, UInt8(body.count)] + body
    }
    func value(_ fair: Double, confidence: Double = 0) -> [UInt8] {
      let body: [UInt8] =
        [0x0A, 1, 0x41, 0x11, 5, 0, 0, 0, 0, 0, 0, 0x11, 0x19] + bits(fair) + [0x29] + bits(confidence)
      return [0x22, UInt8(body.count)] + body
    }
    let cases: [([UInt8], RejectionCode)] = [
      (bar(low: 1), .noChannel), (bar(low: 2.5), .badBar), (bar(low: -1), .badBar), (bar(low: 1, duration: 0), .badBar),
      (value(1), .noChannel), (value(0), .badFairValue), (value(1, confidence: 1.5), .badFairValue),
      (value(.nan), .badFairValue), ([0x1A, 0], .badSymbol), ([0x22, 0], .badSymbol),
    ]
    for (bytes, code) in cases {
      let found = decode(bytes, by: decoder())
      #expect(found.rejections.map(\.code) == [code])
      #expect(found.result?.rejected == 1)
    }
  }

  // MARK: - Words

  /// Times that would be one of our days in another unit say so.
  @Test(
    arguments: [
      (1_700_000_000, "1970-01-01T00:00Z; must be 1971-01-01T00:00Z or later; are these seconds? It takes nanoseconds"),
      (
        1_700_000_000_000,
        "1970-01-01T00:28Z; must be 1971-01-01T00:00Z or later; are these milliseconds? It takes nanoseconds"
      ),
      (
        1_700_000_000_000_000,
        "1970-01-20T16:13Z; must be 1971-01-01T00:00Z or later; are these microseconds? It takes nanoseconds"
      ),
      (5, "1970-01-01T00:00Z; must be 1971-01-01T00:00Z or later"),
      (-1, "1969-12-31T23:59Z; must be 1971-01-01T00:00Z or later"),
    ] as [(Int64, String)])
  func aTimeInAnotherUnitIsTold(time: Int64, words: String) {
    let found = decode(ClientRequests.publish(tick(time: time), sequence: 1), by: decoder())
    #expect(found.rejections.map(\.code) == [.badTimestamp])
    #expect(found.rejections.map(\.detail) == ["timestamp_ns is \(time), " + words])
  }

  /// A bad time is told before a bad price or a bad bar.
  @Test func theTimeIsJudgedFirst() {
    let bad = decode(ClientRequests.publish(tick(time: 5, price: -1, size: -1), sequence: 1), by: decoder())
    #expect(bad.rejections.map(\.code) == [.badTimestamp])
    var bar = ClientBar(
      symbol: "A", startNanos: 5, durationNanos: 0, open: -1, high: 1, low: 1, close: 1, volume: 1)
    #expect(code(bar) == .badTimestamp)
    bar.startNanos = Self.now.nanoseconds
    #expect(code(bar) == .badBar)
    let value = ClientFairValue(symbol: "A", timestampNanos: 5, fairValue: -1)
    let found = decode(ClientRequests.publish(fairValues: [value], sequence: 1), by: decoder())
    #expect(found.rejections.map(\.code) == [.badTimestamp])
  }

  @Test func boundsAreNamed() {
    for (price, size, words) in [
      (1e16, 1, "price is 1e+16; must be > 0 and at most 1e15"),
      (1, 2e18, "size is 2e+18; must be >= 0 and at most 1e18"),
    ] {
      let found = decode(ClientRequests.publish(tick(price: price, size: size), sequence: 1), by: decoder())
      #expect(found.rejections.map(\.detail) == [words])
    }
  }

  // MARK: - Bars

  /// Without a channel for bars, a good one has NO_CHANNEL.
  private func code(_ bar: ClientBar) -> RejectionCode? {
    decode(ClientRequests.publish(bars: [bar], sequence: 1), by: decoder()).rejections.first?.code
  }

  /// A feed that computes in other units may have its close an ulp above its high.
  @Test func barsMayBeOutOfTheirRangeByRounding() {
    var bar = ClientBar(
      symbol: "A", startNanos: Self.now.nanoseconds, durationNanos: 1, open: 50, high: 51, low: 49, close: 50, volume: 1
    )
    #expect(code(bar) == .noChannel)
    for (low, high) in [
      (50.0.nextUp, 51), (49, 50.0.nextDown), (50 * (1 + 0.9e-9), 51), (49, 50 * (1 - 0.9e-9)),
    ] {
      (bar.low, bar.high) = (low, high)
      #expect(code(bar) == .noChannel, "\(low) \(high)")
    }
    for (low, high) in [(50 * (1 + 2e-9), 51.0), (49, 50 * (1 - 2e-9))] {
      (bar.low, bar.high) = (low, high)
      #expect(code(bar) == .badBar, "\(low) \(high)")
    }
    (bar.low, bar.high) = (49, 51)
    for change: (inout ClientBar) -> Void in [
      { $0.high = 2e15 }, { $0.volume = 2e18 }, { $0.vwap = 2e15 }, { $0.volume = -1 }, { $0.vwap = .nan },
    ] {
      var bad = bar
      change(&bad)
      #expect(code(bad) == .badBar, "\(bad)")
    }
  }

  @Test func aBarKeepsThatItIsPartial() throws {
    let decoder = PublishDecoder(
      resolver: SymbolRegistry(
        symbols: SymbolTable(capacity: 10), profiles: [Profile(name: "all", calendar: .continuous)],
        channels: [ChannelSettings(name: "bars", type: .bar)]),
      runs: RunSet(count: 1))
    decoder.begin(now: Self.now, slot: StreamSlot(1), receivedTime: Self.now)
    let bars = [true, false].map {
      ClientBar(
        symbol: "A", startNanos: Self.now.nanoseconds, durationNanos: 1, open: 1, high: 1, low: 1, close: 1, volume: 1,
        isPartial: $0)
    }
    let bytes = ClientRequests.publish(bars: bars, sequence: 1)
    let accepted = try decoder.decode(bytes.span.bytes).accepted
    #expect(accepted == 2)
    let taken = decoder.barRuns.withRun(of: 0) { run in run.indices.map { run[$0].item.isPartial } }
    #expect(taken == [true, false])
  }
}
