import Channels
import Events
import LockFree
import MarketData
import TestKit
import WireCodec

/// What a decoder made of one message.
struct DecodedItems: Equatable {
  var result: DecodedPublish?
  var error: DecodeError?
  var rejections: [ItemRejection] = []
  var ticks: [Tick] = []
}

/// Tests that decode single messages of ticks: a decoder with one channel, and what it makes of them.
protocol ItemDecoding {}

extension ItemDecoding {
  static var now: UnixNanos { UnixNanos(1_700_000_000_000_000_000) }

  func decoder(maxItems: Int = 1_000, maxSymbols: Int = 100, arena: Int = 1 << 20) -> PublishDecoder {
    PublishDecoder(
      limits: DecoderLimits(maxItems: maxItems, arenaBytes: arena),
      resolver: SymbolRegistry(
        symbols: SymbolTable(capacity: maxSymbols),
        profiles: [Profile(name: "all", calendar: .continuous, maxAheadNanos: 10_000_000_000)],
        channels: [ChannelSettings(name: "ticks-1")]),
      runs: RunSet(count: 1))
  }

  func decode(_ bytes: [UInt8], by decoder: PublishDecoder, generally: Bool = false) -> DecodedItems {
    var outcome = DecodedItems()
    do {
      decoder.begin(now: Self.now, slot: StreamSlot(1), receivedTime: UnixNanos(5))
      outcome.result =
        generally
        ? try decoder.decodeGenerally(bytes.span.bytes)
        : try decoder.decode(bytes.span.bytes)
      outcome.rejections = decoder.rejections
      decoder.runs.withRun(of: 0) { records in
        for index in records.indices { outcome.ticks.append(records[index].item) }
      }
      decoder.runs.removeAll()
    } catch {
      outcome.error = error
    }
    return outcome
  }

  func tick(
    _ symbol: String = "SPY", time: Int64 = 1_600_000_000_000_000_000, price: Double = 10, size: Double = 1,
    conditions: UInt32 = 0
  ) -> ClientTick {
    ClientTick(symbol: symbol, timestampNanos: time, price: price, size: size, conditions: conditions)
  }
}
