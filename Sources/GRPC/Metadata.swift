internal import HTTP2

/// Key-value pairs of a call, in order; keys may repeat. Keys ending in `-bin` carry bytes, all others printable ASCII.
public struct Metadata: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  package enum Content: Sendable, Equatable {
    case text(String)
    case binary([UInt8])
  }

  package struct Entry: Sendable, Equatable {
    package let key: String
    package let value: Content
  }

  package private(set) var entries: [Entry] = []

  package init() {}

  /// Pairs that gRPC cannot carry are left out, as `add` does.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (key, value) in elements { add(key, value) }
  }

  package var isEmpty: Bool { entries.isEmpty }

  /// The first text value of a key (lower case).
  package subscript(_ key: String) -> String? {
    for entry in entries where entry.key == key {
      if case .text(let text) = entry.value { return text }
    }
    return nil
  }

  /// The first binary value of a key ending in `-bin`.
  package func binary(_ key: String) -> [UInt8]? {
    for entry in entries where entry.key == key {
      if case .binary(let bytes) = entry.value { return bytes }
    }
    return nil
  }

  /// Only the pairs with one of these keys.
  package func keeping(_ keys: Set<String>) -> Metadata {
    var kept = Metadata()
    kept.entries = entries.filter { keys.contains($0.key) }
    return kept
  }

  package func values(_ key: String) -> [Content] {
    entries.filter { $0.key == key }.map(\.value)
  }

  /// Appends a text pair; keys are taken in lower case.
  /// - Returns: false, and nothing appended, when the key is reserved or malformed, ends in `-bin`, or the text is not printable ASCII.
  @discardableResult
  package mutating func add(_ key: String, _ text: String) -> Bool {
    let key = key.lowercased()
    guard Self.isFree(key), !key.hasSuffix("-bin"), text.utf8.allSatisfy({ $0 >= 0x20 && $0 <= 0x7E }) else {
      return false
    }
    entries.append(Entry(key: key, value: .text(text)))
    return true
  }

  /// Appends a binary pair; the key has to end in `-bin`.
  @discardableResult
  package mutating func add(_ key: String, binary bytes: [UInt8]) -> Bool {
    let key = key.lowercased()
    guard Self.isFree(key), key.hasSuffix("-bin") else { return false }
    entries.append(Entry(key: key, value: .binary(bytes)))
    return true
  }

  /// May be a custom key: `[0-9a-z_.-]+`, not one that gRPC or HTTP/2 keeps for itself.
  static func isFree(_ key: String) -> Bool {
    guard !key.isEmpty, !key.hasPrefix("grpc-"), !reserved.contains(key) else { return false }
    return key.utf8.allSatisfy {
      $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") || $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")
        || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
    }
  }

  /// Of the call, not of the application; connection headers that HTTP/2 forbids beside them.
  private static let reserved: Set<String> = [
    "content-type", "te", "content-length", "connection", "keep-alive", "proxy-connection", "transfer-encoding",
    "upgrade",
    "host",
  ]

  // MARK: the wire

  /// Everything of a header block that is not the protocol's own.
  init(received fields: [HeaderField]) throws(Status) {
    for field in fields where !field.name.hasPrefix(":") && Self.isFree(field.name) {
      guard field.name.hasSuffix("-bin") else {
        entries.append(Entry(key: field.name, value: .text(field.value)))
        continue
      }
      // Several values may have been joined by commas on the way.
      for part in field.value.split(separator: ",", omittingEmptySubsequences: false) {
        guard let bytes = Base64.decode(part.drop { $0 == " " }) else {
          throw Status(.internalError, "metadata \(field.name) is not base64")
        }
        entries.append(Entry(key: field.name, value: .binary(bytes)))
      }
    }
  }

  func append(to fields: inout [HeaderField]) {
    for entry in entries {
      switch entry.value {
      case .text(let text): fields.append(HeaderField(entry.key, text))
      case .binary(let bytes): fields.append(HeaderField(entry.key, Base64.encode(bytes)))
      }
    }
  }
}
