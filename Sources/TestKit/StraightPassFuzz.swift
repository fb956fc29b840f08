internal import Channels
internal import Events
internal import LockFree
internal import MarketData
internal import WireCodec

/// One case of the differential fuzzer: what the straight pass, and the shortcut for plain ticks, say of a request has to be what protobuf-c says.
package enum StraightPassFuzz {
  private struct Outcome: Equatable {
    var result: DecodedPublish?
    var error: DecodeError?
    var rejections: [ItemRejection] = []
    var ticks: [Tick] = []
    /// Of all accepted items.
    var symbols: Set<SymbolID> = []
  }

  private static let now = UnixNanos(1_700_000_000_000_000_000)

  package static func run(_ bytes: [UInt8]) {
    let decoder = makeDecoder()
    let straight = outcome(bytes, by: decoder) { decoder throws(DecodeError) in try decoder.decode(bytes.span.bytes) }
    let general = outcome(bytes, by: makeDecoder()) { decoder throws(DecodeError) in
      try decoder.decodeGenerally(bytes.span.bytes)
    }
    precondition(straight == general, "the passes differ: \(straight) and \(general)")
    // The symbols of the first pass are known by now.
    for counts in [false, true] {
      guard let sequence = decoder.takePlainTick(bytes.span.bytes, above: 0, counts: counts) else { continue }
      let shortcut = ticks(of: decoder)
      precondition(
        general.result?.accepted == 1 && general.result?.rejected == 0 && shortcut == general.ticks,
        "the shortcut took \(shortcut) from \(general)")
      precondition(sequence == (counts ? 1 : general.result?.sequence), "the shortcut found the number \(sequence)")
    }
    checkMemory(bytes)
  }

  /// What a decoder remembers of messages before changes nothing, and it knows no symbol but those of accepted items.
  private static func checkMemory(_ bytes: [UInt8]) {
    let (newSymbols, oldSymbols) = (SymbolTable(capacity: 512), SymbolTable(capacity: 512))
    let experienced = makeDecoder(symbols: oldSymbols)
    for symbol in ["A", "SPY", "FIFTEEN-BYTES-0", "SIXTEEN-BYTES-OK"] {
      let tick = ClientTick(symbol: symbol, timestampNanos: 1_500_000_000_000_000_000, price: 1, size: 1)
      _ = outcome([], by: experienced) { decoder throws(DecodeError) in
        try decoder.decode(ClientRequests.publish(tick, sequence: 1).span.bytes)
      }
    }
    let new = outcome(bytes, by: makeDecoder(symbols: newSymbols)) { decoder throws(DecodeError) in
      try decoder.decode(bytes.span.bytes)
    }
    precondition(newSymbols.count == new.symbols.count, "\(newSymbols.count) symbols became known by \(new)")
    let old = outcome(bytes, by: experienced) { decoder throws(DecodeError) in try decoder.decode(bytes.span.bytes) }
    precondition(
      new.result == old.result && new.error == old.error && new.rejections == old.rejections,
      "a decoder that knows symbols differs: \(new) and \(old)")
    for (outcome, symbols) in [(new, newSymbols), (old, oldSymbols)] {
      precondition(
        outcome.ticks.allSatisfy { Int($0.symbol.index) < symbols.count }, "a symbol that nobody named: \(outcome)")
    }
    let names = { (ticks: [Tick], symbols: SymbolTable) in ticks.map { symbols.name(of: $0.symbol) } }
    precondition(names(new.ticks, newSymbols) == names(old.ticks, oldSymbols), "symbols were confused: \(new), \(old)")
  }

  private static func makeDecoder(symbols: SymbolTable = SymbolTable(capacity: 8)) -> PublishDecoder {
    let decoder = PublishDecoder(
      limits: DecoderLimits(maxItems: 256, arenaBytes: 1 << 20),
      resolver: SymbolRegistry(
        symbols: symbols,
        profiles: [Profile(name: "default", calendar: .continuous, maxAheadNanos: 0)],
        channels: [
          ChannelSettings(name: "ticks"), ChannelSettings(name: "bars", type: .bar),
          ChannelSettings(name: "values", type: .fairMarketValue),
        ]),
      runs: RunSet(count: 3), barRuns: RunSet(count: 3), fairValueRuns: RunSet(count: 3))
    decoder.begin(now: now, slot: StreamSlot(0), receivedTime: now)
    return decoder
  }

  private static func outcome(
    _ bytes: [UInt8], by decoder: PublishDecoder, _ decode: (PublishDecoder) throws(DecodeError) -> DecodedPublish
  ) -> Outcome {
    var outcome = Outcome()
    do {
      outcome.result = try decode(decoder)
      outcome.rejections = decoder.rejections
      outcome.symbols = symbols(of: decoder)
      outcome.ticks = ticks(of: decoder)
    } catch {
      outcome.error = error
    }
    return outcome
  }

  /// The symbols of all that the decoder has accepted.
  private static func symbols(of decoder: PublishDecoder) -> Set<SymbolID> {
    var symbols: Set<SymbolID> = []
    decoder.runs.withRun(of: 0) { run in for index in run.indices { symbols.insert(run[index].item.symbol) } }
    decoder.barRuns.withRun(of: 1) { run in for index in run.indices { symbols.insert(run[index].item.symbol) } }
    decoder.fairValueRuns.withRun(of: 2) { run in for index in run.indices { symbols.insert(run[index].item.symbol) } }
    return symbols
  }

  /// Takes what the decoder has put into its run.
  private static func ticks(of decoder: PublishDecoder) -> [Tick] {
    defer {
      decoder.runs.removeAll()
      decoder.barRuns.removeAll()
      decoder.fairValueRuns.removeAll()
    }
    return decoder.runs.withRun(of: 0) { run in run.indices.map { run[$0].item } }
  }
}
