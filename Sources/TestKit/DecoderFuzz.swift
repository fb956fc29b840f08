internal import Channels
internal import LockFree
internal import MarketData
internal import WireCodec

/// One case of the decoder fuzzer: any bytes, every decoder; what the straight pass says has to be what protobuf-c says.
package enum DecoderFuzz {
  private struct Outcome: Equatable {
    var result: DecodedPublish?
    var error: DecodeError?
    var rejections: [ItemRejection] = []
    var ticks: [Tick] = []
  }

  package static func run(_ bytes: [UInt8]) {
    let straight = outcome(bytes, generally: false)
    let general = outcome(bytes, generally: true)
    precondition(straight == general, "the passes differ: \(straight) and \(general)")
    let requests = RequestDecoder(arenaBytes: 1 << 20)
    _ = try? requests.subscribe(bytes.span.bytes)
    _ = try? requests.clientFrame(bytes.span.bytes)
    _ = try? requests.symbolState(bytes.span.bytes)
    _ = try? requests.watchMetrics(bytes.span.bytes)
    _ = requests.publishRange(bytes.span.bytes)
    let responses = ResponseDecoder()
    _ = responses.acknowledgement(bytes.span.bytes)
    _ = responses.subscribeResponse(bytes.span.bytes, withJSON: true)
    _ = responses.serverMetrics(bytes.span.bytes)
  }

  private static func outcome(_ bytes: [UInt8], generally: Bool) -> Outcome {
    let decoder = PublishDecoder(
      limits: DecoderLimits(maxItems: 256, arenaBytes: 1 << 20),
      resolver: SymbolRegistry(
        symbols: SymbolTable(capacity: 8), profiles: [RoutedProfile(patterns: [SymbolPattern("*")], maxAheadNanos: 0)],
        channels: [RoutedChannel(name: "ticks", type: .tick)]),
      runs: RunSet(count: 1))
    let now = UnixNanos(1_700_000_000_000_000_000)
    var outcome = Outcome()
    do {
      decoder.begin(now: now, slot: StreamSlot(0), receivedTime: now)
      outcome.result =
        generally
        ? try decoder.decodeGenerally(bytes.span.bytes)
        : try decoder.decode(bytes.span.bytes)
      outcome.rejections = decoder.rejections
      decoder.runs.withRun(of: 0) { records in
        for index in records.indices { outcome.ticks.append(records[index].tick) }
      }
      decoder.runs.removeAll()
    } catch {
      outcome.error = error
    }
    return outcome
  }
}
