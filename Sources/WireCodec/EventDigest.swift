internal import CMessageDigest
package import MarketData

/// SHA-256 over the deterministic fields of events, ordered by symbol and then as detected: the same for the same input, however it was sent, batched
/// or spread over channels.
///
/// For each symbol and kind of channel, SHA-256 over the events as detected: the length of each as a varint, then the `Event` as protobuf writes it in
/// the order of field numbers, without `sequence`, `channel`, `detected_ns`, `received_ns`, `sequenced_ns` and `config_version`. The digest is SHA-256
/// over, for each symbol with events in the order of its bytes and each kind (1 tick, 2 bar, 3 fair value): the symbol, a zero byte, the kind as a
/// byte, and the 32 bytes. Kinds apart, since live channels of two kinds finish in any order.
/// - Cost: an encoding and a hash of some 200 bytes an event; 400 bytes a symbol.
package struct EventDigest {
  private let encoder: ProtobufEventEncoder
  /// By symbol number and kind; nil = no events.
  private var hashes: [SHA256?] = []
  private var bytes: [UInt8] = []

  package init(encoder: ProtobufEventEncoder) { self.encoder = encoder }

  package mutating func add(_ event: MarketEvent) {
    let index = Int(event.symbol.index) * 3 + event.source.kind - 1
    while hashes.count <= index { hashes.append(nil) }
    bytes.removeAll(keepingCapacity: true)
    encoder.encodeDeterministic(event, into: &bytes)
    var length = WireWriter(reserving: 4)
    length.varint(UInt64(bytes.count))
    var hash = hashes[index] ?? SHA256()
    hash.update(length.bytes)
    hash.update(bytes)
    hashes[index] = hash
  }

  /// 32 bytes; more events may follow.
  /// - Parameter symbols: of the events.
  package func value(symbols: SymbolTable) -> [UInt8] {
    let named = hashes.enumerated().compactMap { index, hash in
      // Symbols hold no zero byte: no two names with what follows them are alike.
      hash.map { (Array(symbols.name(of: SymbolID(UInt32(index / 3))).utf8) + [0, UInt8(index % 3 + 1)], $0.value) }
    }
    var total = SHA256()
    for (name, value) in named.sorted(by: { $0.0.lexicographicallyPrecedes($1.0) }) {
      total.update(name)
      total.update(value)
    }
    return total.value
  }
}

extension EventSource {
  fileprivate var kind: Int {
    switch self {
    case .tick: 1
    case .bar, .barWindow: 2
    case .fairMarketValue: 3
    }
  }
}

/// libmd's SHA-256 as a value.
private struct SHA256 {
  private var context = SHA2_CTX()

  init() { SHA256Init(&context) }

  mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { SHA256Update(&context, $0.baseAddress, $0.count) }
  }

  var value: [UInt8] {
    // The last step changes the context: a copy of it, so that more may follow.
    var copy = context
    return [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { buffer, count in
      SHA256Final(buffer.baseAddress, &copy)
      count = Int(SHA256_DIGEST_LENGTH)
    }
  }
}
