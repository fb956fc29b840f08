import Channels
import Events
import Foundation
import LockFree
import MarketData
import TestKit
import Testing
import WireCodec

@Suite struct PublishDecoderTests: ItemDecoding {
  // MARK: - Good items

  @Test func allThreeShapesGiveTheSameRecords() {
    let ticks = (0..<200).map { tick("SYMBOL-\($0 % 7)", price: Double($0 + 1), conditions: UInt32($0 % 3)) }
    let batch = decode(ClientRequests.publish(batch: ticks, sequence: 4), by: decoder())
    let columns = decode(ClientRequests.publish(columns: ticks, sequence: 4), by: decoder())
    let one = decoder()
    let singles = ticks.map { decode(ClientRequests.publish($0, sequence: 4), by: one) }
    #expect(batch.result?.accepted == 200)
    #expect(batch.result?.sequence == 4)
    #expect(batch.ticks.map(\.price) == ticks.map(\.price))
    #expect(batch.ticks.map(\.conditions.rawValue) == ticks.map(\.conditions))
    #expect(columns.ticks == batch.ticks)
    #expect(singles.flatMap(\.ticks) == batch.ticks)
  }

  /// Lengths around the cache's borders, in the middle and at the very end of a message.
  @Test func symbolsOfEveryLengthKeepTheirNames() {
    let table = SymbolTable(capacity: 1_000)
    let decoder = PublishDecoder(
      resolver: SymbolRegistry(
        symbols: table, profiles: [Profile(name: "all", calendar: .continuous, maxAheadNanos: 1)],
        channels: [ChannelSettings(name: "t")]),
      runs: RunSet(count: 1))
    let names = (1...64).map { length in String((0..<length).map { Character(UnicodeScalar(UInt8(65 + $0 % 26))) }) }
    for _ in 0..<2 {
      let found = decode(ClientRequests.publish(batch: names.map { tick($0) }, sequence: 1), by: decoder)
      #expect(found.ticks.map { table.name(of: $0.symbol) } == names)
      for name in names {
        let found = decode(ClientRequests.publish(columns: [tick(name)], sequence: 1), by: decoder)
        #expect(found.ticks.map { table.name(of: $0.symbol) } == [name])
      }
    }
    #expect(table.count == 64)
  }

  /// Those of up to 15 bytes, and longer ones, lie in tables of their own.
  @Test(arguments: ["S", "SPX---241220C0059"])
  func thousandsOfSymbolsStayApart(prefix: String) {
    let decoder = decoder(maxItems: 10_000, maxSymbols: 10_000)
    let ticks = (0..<5_000).map { tick("\(prefix)\($0)") }
    for _ in 0..<2 {
      let found = decode(ClientRequests.publish(batch: ticks, sequence: 1), by: decoder)
      #expect(found.ticks.map { Int($0.symbol.index) } == Array(0..<5_000))
    }
  }

  // MARK: - Bad items

  /// A symbol is looked up before its bytes are checked: none may find another's place.
  @Test(arguments: [
    "A\0", "\0", "\0A", "A\0\0\0\0\0\0\0", "A\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "A\0\0\0\0\0\0\0\0\0\0\0\0\0\0\u{1}",
    "FIFTEEN-BYTES-0\u{F}", "FIFTEEN-BYTES-0\0", "FIFTEEN-BYTES-\0",
  ])
  func bytesThatLookLikeAKnownSymbolAreRejected(symbol: String) {
    for generally in [false, true] {
      let decoder = decoder()
      for known in ["A", "FIFTEEN-BYTES-0", "FIFTEEN-BYTES-"] {
        let found = decode(ClientRequests.publish(tick(known), sequence: 1), by: decoder, generally: generally)
        #expect(found.result?.accepted == 1)
      }
      for bytes in [
        ClientRequests.publish(tick(symbol), sequence: 1), ClientRequests.publish(batch: [tick(symbol)], sequence: 1),
        ClientRequests.publish(columns: [tick(symbol)], sequence: 1),
      ] {
        let found = decode(bytes, by: decoder, generally: generally)
        #expect(found.rejections.map(\.code) == [.badSymbol])
        #expect(found.ticks.isEmpty)
        #expect(decoder.takePlainTick(bytes.span.bytes, above: 0, counts: false) == nil)
      }
    }
  }

  @Test func upToMaxAheadIsTaken() {
    let time = Self.now.nanoseconds + 10_000_000_000
    #expect(decode(ClientRequests.publish(tick(time: time), sequence: 1), by: decoder()).result?.accepted == 1)
  }

  @Test func symbolsBeyondTheLimitAreRejectedAndABadTickMakesNoneKnown() {
    let decoder = decoder(maxSymbols: 2)
    let ticks = [tick("A"), tick("B", price: -1), tick("C"), tick("D"), tick("A")]
    let found = decode(ClientRequests.publish(batch: ticks, sequence: 1), by: decoder)
    #expect(found.rejections.map(\.code) == [.badPrice, .tooManySymbols])
    #expect(found.rejections.map(\.index) == [1, 3])
    #expect(found.result?.accepted == 3)
  }

  @Test func rejectionsAreListedUpTo32AndCountedBeyond() {
    let found = decode(
      ClientRequests.publish(batch: (0..<100).map { _ in tick(price: 0) }, sequence: 1), by: decoder())
    #expect(found.rejections.count == 32)
    #expect(found.result?.rejected == 100)
  }

  @Test(arguments: [
    [] as [UInt8], [0x08, 0x05], [0x2A, 0x00], [0x32, 0x00], [0x3A, 0x00], [0x42, 0x00], [0x2A, 0x02, 0x18, 0x01],
  ])
  func aRequestWithoutItemsIsOneRejectedItem(bytes: [UInt8]) {
    let found = decode(bytes, by: decoder())
    #expect(found.rejections.map(\.code) == [.emptyPayload])
    #expect(found.result?.rejected == 1)
  }

  /// symbols ["A"], indices [0, 0], times [1, 1], prices [1, 1], sizes of one entry.
  @Test func unevenColumnsRejectTheWholeMessageOnce() {
    let word: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0]
    let columns: [UInt8] =
      [0x0A, 1, 0x41, 0x12, 2, 0, 0, 0x1A, 16] + word + word + [0x22, 16] + word + word + [0x2A, 8] + word
    for generally in [false, true] {
      let found = decode([0x42, UInt8(columns.count)] + columns, by: decoder(), generally: generally)
      #expect(found.rejections.map(\.code) == [.badColumns])
      #expect(found.rejections.map(\.index) == [0])
      #expect(found.result?.rejected == 2)
      #expect(found.ticks.isEmpty)
    }
  }

  @Test func anIndexOutsideTheDictionaryRejectsTheWholeMessageOnce() {
    var bytes = ClientRequests.publish(columns: [tick("A"), tick("A"), tick("B")], sequence: 1)
    guard let place = bytes.firstIndex(of: 0x12) else { return #expect(Bool(false)) }
    bytes[place + 4] = 9
    for generally in [false, true] {
      let found = decode(bytes, by: decoder(), generally: generally)
      #expect(found.rejections.map(\.code) == [.badColumns])
      #expect(found.result?.rejected == 3)
      #expect(found.ticks.isEmpty)
    }
  }

  // MARK: - Bad messages

  @Test(arguments: [
    [0x0A] as [UInt8], [0xFF, 0xFF, 0xFF], [0x12, 0x05, 0x0A], [0x0B, 0x0C], [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
    [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x07],
  ])
  func bytesThatAreNoProtobufAreMalformed(bytes: [UInt8]) {
    guard case .malformed? = decode(bytes, by: decoder()).error else {
      return #expect(Bool(false), "\(bytes) was taken")
    }
  }

  @Test func tooManyItemsAreRefusedBeforeTheyAreUnpacked() {
    let ticks = (0..<11).map { _ in tick() }
    for bytes in [
      ClientRequests.publish(batch: ticks, sequence: 1), ClientRequests.publish(columns: ticks, sequence: 1),
    ] {
      #expect(decode(bytes, by: decoder(maxItems: 10)).error == .tooManyItems(count: 11, limit: 10))
      #expect(decode(bytes, by: decoder(maxItems: 11)).result?.accepted == 11)
    }
  }

  // MARK: - Payloads in parts

  /// Joined messages are merged, as protobuf has it: all items of all parts count.
  @Test func theItemsOfAllPartsOfABatchCount() {
    let first = ClientRequests.publish(batch: [tick("AAA"), tick("BBB"), tick("CCC")], sequence: 1)
    let second = ClientRequests.publish(batch: [tick("D"), tick("EE")], sequence: 2)
    for generally in [false, true] {
      let found = decode(first + second, by: decoder(), generally: generally)
      #expect(found.result?.sequence == 2)
      #expect(found.result?.accepted == 5)
      #expect(found.rejections.isEmpty)
    }
  }

  @Test func fieldsOfAnItemInPartsAreMerged() {
    let symbol: [UInt8] = [0x12, 0x03, 0x0A, 0x01, 0x41]
    let numbers: [UInt8] =
      [
        0x12, 27, 0x11, 5, 0, 0, 0, 0, 0, 0, 0x11, 0x19, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x21, 0, 0, 0, 0, 0, 0, 0xF0,
        0x3F,
      ]
    let found = decode(symbol + numbers, by: decoder())
    #expect(found.result?.accepted == 1)
    // Another member in between replaces what was there.
    let replaced = decode(symbol + ClientRequests.publish(batch: [tick()], sequence: 0) + numbers, by: decoder())
    #expect(replaced.rejections.map(\.code) == [.badSymbol])
    #expect(replaced.rejections.first?.detail.contains("empty") == true)
  }

  /// The length of a symbol that is replaced says nothing of the one that replaces it.
  @Test func aShortSymbolBehindALongOneIsReadByItsOwnLength() {
    let long = String(repeating: "L", count: 64)
    let joined = ClientRequests.publish(tick(long), sequence: 0) + [0x2A, 0x02, 0x0A, 0x00]
    let found = decode(joined, by: decoder())
    #expect(found.rejections.map(\.detail) == ["symbol is empty; must be 1 to 64 bytes"])
  }

  /// Names without items cost memory too, and both passes count them.
  @Test func tooManyNamesAreRefusedByBothPasses() throws {
    func columns(names: Int) -> [UInt8] {
      var body: [UInt8] = []
      for _ in 0..<names { body += [0x0A, 0x01, 0x41] }
      body += [0x12, 0x01, 0x00, 0x1A, 0x08, 5, 0, 0, 0, 0, 0, 0, 0x11]
      body += [0x22, 0x08, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x2A, 0x08, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
      return [0x08, 0x01, 0x42, UInt8(body.count)] + body
    }
    #expect(try decoder(maxItems: 10).itemCount(columns(names: 10).span.bytes) == 1)
    for generally in [false, true] {
      let refused = decode(columns(names: 11), by: decoder(maxItems: 10), generally: generally)
      #expect(refused.error == .tooManyItems(count: 11, limit: 10))
      #expect(decode(columns(names: 10), by: decoder(maxItems: 10), generally: generally).result?.accepted == 1)
    }
  }

  @Test func anExhaustedArenaIsTold() {
    let bytes = ClientRequests.publish(batch: (0..<500).map { _ in tick() }, sequence: 1)
    #expect(decode(bytes, by: decoder(arena: 4_096), generally: true).error == .arenaExhausted(limit: 4_096))
    // The straight pass needs none of it.
    #expect(decode(bytes, by: decoder(arena: 4_096)).result?.accepted == 500)
  }

  @Test func theSequenceIsFoundWhereverItStands() throws {
    let decoder = decoder()
    let plain = ClientRequests.publish(tick(), sequence: 300)
    #expect(try decoder.peek(plain.span.bytes).sequence == 300)
    let moved = Array(plain.dropFirst(3)) + plain.prefix(3)
    #expect(try decoder.peek(moved.span.bytes).sequence == 300)
    #expect(decode(moved, by: decoder).result?.sequence == 300)
    #expect(try decoder.peek(ClientRequests.publish(tick(), sequence: 0).span.bytes).sequence == 0)
    #expect(try decoder.itemCount(ClientRequests.publish(batch: [tick(), tick()], sequence: 1).span.bytes) == 2)
    // A request that is not taken is judged all the same.
    let torn: [UInt8] = [0x08, 3, 0x12, 3, 0xFF, 0xFF, 0xFF]
    #expect(throws: DecodeError.self) { try decoder.itemCount(torn.span.bytes) }
  }

  // MARK: - Both passes

  /// Seeded mutations of good messages: whatever comes out, the straight pass and protobuf-c say the same.
  @Test(arguments: 1...40)
  func theStraightPassEqualsProtobufC(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let symbols = ["A", "SPY", "BRK.B", "SPXW  261218C05000000", ""]
    for _ in 0..<250 {
      let ticks = (0..<Int.random(in: 0...5, using: &random)).map { _ in
        tick(
          symbols.randomElement(using: &random) ?? "A", price: Double.random(in: -1...9, using: &random),
          size: Double.random(in: -1...9, using: &random), conditions: UInt32.random(in: 0...300, using: &random))
      }
      var bytes =
        switch Int.random(in: 0...2, using: &random) {
        case 0: ClientRequests.publish(ticks.first ?? tick(), sequence: UInt64.random(in: 0...400, using: &random))
        case 1: ClientRequests.publish(batch: ticks, sequence: 1)
        default: ClientRequests.publish(columns: ticks, sequence: 1)
        }
      for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: bytes.remove(at: place)
        default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        }
      }
      let straight = decode(bytes, by: decoder())
      let general = decode(bytes, by: decoder(), generally: true)
      #expect(straight == general, "seed \(seed): \(bytes)")
    }
  }

  /// A good message cut anywhere and random bytes: an answer each time, never a trap.
  @Test func cutAndRandomBytesAreAnswered() {
    let decoder = decoder()
    let whole = ClientRequests.publish(columns: (0..<9).map { tick("S\($0)") }, sequence: 1)
    for length in 0..<whole.count { _ = decode(Array(whole.prefix(length)), by: decoder) }
    var random = SeededRandom(seed: 7)
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      _ = decode(bytes, by: decoder)
    }
  }
}
