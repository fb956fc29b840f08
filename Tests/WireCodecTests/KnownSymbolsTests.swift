import Channels
import Events
import LockFree
import MarketData
import TestKit
import Testing

@testable import WireCodec

/// A symbol or a model is known once an item with it has been accepted, and not before: what is refused takes nothing of their limits.
@Suite struct KnownSymbolsTests {
  private static let now = UnixNanos(1_700_000_000_000_000_000)

  private let symbols = SymbolTable(capacity: 4)
  private let models = ModelTable(limit: 2)
  private let decoder: PublishDecoder

  init() {
    decoder = PublishDecoder(
      limits: DecoderLimits(maxItems: 10, arenaBytes: 8_192),
      resolver: SymbolRegistry(
        symbols: symbols,
        profiles: [Profile(name: "all", calendar: .continuous, maxAheadNanos: 10_000_000_000)],
        channels: [ChannelSettings(name: "ticks"), ChannelSettings(name: "values", type: .fairMarketValue)]),
      runs: RunSet(count: 2), fairValueRuns: RunSet(count: 2), models: models)
    decoder.begin(now: Self.now, slot: StreamSlot(1), receivedTime: Self.now)
  }

  private func ticks(_ count: Int, from first: Int = 0) -> [ClientTick] {
    (first..<first + count).map {
      ClientTick(symbol: "S\($0)", timestampNanos: Self.now.nanoseconds, price: 1, size: 1)
    }
  }

  private func decode(_ bytes: [UInt8]) throws(DecodeError) -> DecodedPublish { try decoder.decode(bytes.span.bytes) }

  /// A request of one fair value: field 4, its symbol, model, time and value.
  private func value(_ symbol: String, model: String, ahead: Int64 = 0) -> [UInt8] {
    func bits(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    let body =
      [0x0A, UInt8(symbol.utf8.count)] + Array(symbol.utf8)
      + [0x11] + bits(UInt64(Self.now.nanoseconds + ahead)) + [0x19] + bits(1.0.bitPattern)
      + [0x32, UInt8(model.utf8.count)] + Array(model.utf8)
    return [0x22, UInt8(body.count)] + body
  }

  /// A dictionary of one known symbol over and over: put into the cache once for each, it took seconds, and slowed every symbol near it.
  @Test func aRepeatedSymbolIsCachedOnce() throws {
    let registry = SymbolRegistry(
      symbols: symbols, profiles: [Profile(name: "all", calendar: .continuous)],
      channels: [ChannelSettings(name: "ticks")])
    _ = registry.resolve(symbol: "A", type: .tick)
    let fresh = PublishDecoder(resolver: registry, runs: RunSet(count: 2))
    fresh.begin(now: Self.now, slot: StreamSlot(1), receivedTime: Self.now)
    var body: [UInt8] = []
    let count: UInt8 = 100
    for _ in 0..<count { body += [0x0A, 1, UInt8(ascii: "A")] }
    body += [0x12, count] + Array(0..<count)
    func doubles(_ field: UInt8, _ bits: UInt64) -> [UInt8] {
      let one = withUnsafeBytes(of: bits.littleEndian) { Array($0) }
      return [field, 0xA0, 0x06] + (0..<Int(count)).flatMap { _ in one }
    }
    body += doubles(0x1A, UInt64(Self.now.nanoseconds)) + doubles(0x22, 1.0.bitPattern) + doubles(0x2A, 1.0.bitPattern)
    var length = body.count
    var request: [UInt8] = [0x42]
    while length >= 0x80 {
      request.append(UInt8(length & 0x7F) | 0x80)
      length >>= 7
    }
    request.append(UInt8(length))
    let decoded = try fresh.decode((request + body).span.bytes)
    #expect(decoded.accepted == Int(count) && decoded.rejected == 0)
    #expect(fresh.tickRoutes.used == 1)
  }

  @Test func aRefusedMessageMakesNoSymbolKnown() throws {
    let batch = ClientRequests.publish(batch: ticks(3), sequence: 1)
    let refused: [[UInt8]] = [
      ClientRequests.publish(batch: ticks(11), sequence: 1),
      ClientRequests.publish(columns: ticks(11), sequence: 1),
      // The last byte cut off; a field of no known kind behind good ticks.
      Array(batch.dropLast()),
      batch + [0x0F],
      // A symbol longer than the arena, behind a good tick.
      ClientRequests.publish(
        batch: ticks(1) + [
          ClientTick(
            symbol: String(repeating: "L", count: 9_000), timestampNanos: Self.now.nanoseconds, price: 1, size: 1)
        ],
        sequence: 1) + [0x7A, 0x00],
    ]
    for (number, bytes) in refused.enumerated() {
      #expect(throws: DecodeError.self, "\(number)") { try decode(bytes) }
      #expect(symbols.count == 0, "message \(number) made symbols known")
    }
    #expect(decoder.runs.touched.isEmpty)
  }

  @Test func theLimitCountsAcceptedSymbolsOnly() throws {
    #expect(throws: DecodeError.self) { try decode(ClientRequests.publish(batch: ticks(11), sequence: 1)) }
    #expect(try decode(ClientRequests.publish(batch: ticks(4, from: 20), sequence: 2)).accepted == 4)
    #expect(symbols.count == 4)
    let full = try decode(ClientRequests.publish(batch: ticks(2) + ticks(4, from: 20), sequence: 3))
    #expect(full.accepted == 4)
    #expect(decoder.rejections.map(\.code) == [.tooManySymbols, .tooManySymbols])
  }

  @Test func aDictionaryEntryThatNoItemUsesStaysUnknown() throws {
    // Three names, of which the two items use the first: the second item's price is bad.
    let columns: [UInt8] =
      [0x0A, 1, 0x41, 0x0A, 1, 0x42, 0x0A, 1, 0x43, 0x12, 2, 0, 1]
      + [0x1A, 16] + [1, 0, 0, 0, 0, 0, 0, 0x11] + [1, 0, 0, 0, 0, 0, 0, 0x11]
      + [0x22, 16] + [0, 0, 0, 0, 0, 0, 0xF0, 0x3F] + [0, 0, 0, 0, 0, 0, 0xF0, 0xBF]
      + [0x2A, 16] + [UInt8](repeating: 0, count: 16)
    let result = try decode([0x42, UInt8(columns.count)] + columns)
    #expect((result.accepted, result.rejected) == (1, 1))
    #expect(symbols.count == 1 && symbols.id(of: "A") != nil)
  }

  @Test func newSymbolsOfAGoodMessageAreTakenInOrder() throws {
    _ = try decode(ClientRequests.publish(batch: ticks(1), sequence: 1))
    decoder.runs.removeAll()
    let mixed = ticks(2) + ticks(1) + ticks(1, from: 2)
    #expect(try decode(ClientRequests.publish(batch: mixed, sequence: 2)).accepted == 4)
    let names = decoder.runs.withRun(of: 0) { run in run.indices.map { symbols.name(of: run[$0].item.symbol) } }
    #expect(names == ["S0", "S1", "S0", "S2"])
  }

  @Test func aModelBeyondTheLimitMakesItsSymbolNotKnown() throws {
    #expect(try decode(value("A", model: "one")).accepted == 1)
    #expect(try decode(value("B", model: "two")).accepted == 1)
    for symbol in ["C", "A"] {
      #expect(try decode(value(symbol, model: "three")).rejected == 1)
      #expect(decoder.rejections.first?.code == .badFairValue)
      #expect(decoder.rejections.first?.detail == "model 'three' is beyond limits.max_models (2)")
    }
    #expect(symbols.count == 2)
    // A time too far ahead is told first.
    #expect(try decode(value("C", model: "three", ahead: 20_000_000_000)).rejected == 1)
    #expect(decoder.rejections.first?.code == .badTimestamp)
    #expect(try decode(value("C", model: "one")).accepted == 1)
  }

  @Test func anItemThatIsRejectedMakesItsModelNotKnown() throws {
    #expect(try decode(value("A", model: "one", ahead: 20_000_000_000)).rejected == 1)
    #expect(try decode(value("A", model: "two")).accepted == 1)
    #expect(try decode(value("A", model: "three")).accepted == 1)
  }
}
