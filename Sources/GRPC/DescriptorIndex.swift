/// Which file of a FileDescriptorSet declares what, for reflection. Built once from our own descriptor sets; immutable.
///
/// It reads names and imports only, and passes over all else: a table of contents, not a protobuf decoder.
package struct DescriptorIndex: Sendable {
  private struct File {
    var bytes: [UInt8]
    var imports: [String]
  }

  private var files: [String: File] = [:]
  private var fileOfSymbol: [String: String] = [:]
  private var messages: Set<String> = []
  /// Full names, sorted.
  package private(set) var services: [String] = []

  /// Serialized `FileDescriptorSet`s; a file that is in several counts once.
  package init(descriptorSets: [[UInt8]]) {
    for set in descriptorSets {
      for (number, file) in WireFields(set[...]) where number == 1 { add(file) }
    }
    services.sort()
  }

  func contains(message name: String) -> Bool { messages.contains(name) }

  func file(declaring symbol: String) -> String? {
    fileOfSymbol[symbol.hasPrefix(".") ? String(symbol.dropFirst()) : symbol]
  }

  /// The file, then all that it imports directly or not, each once; nil when it is not known.
  func filesNeeded(for name: String) -> [[UInt8]]? {
    guard files[name] != nil else { return nil }
    var order = [name]
    var next = 0
    while next < order.count {
      for needed in files[order[next]]?.imports ?? [] where files[needed] != nil && !order.contains(needed) {
        order.append(needed)
      }
      next += 1
    }
    return order.compactMap { files[$0]?.bytes }
  }

  private mutating func add(_ bytes: ArraySlice<UInt8>) {
    let name = Self.name(bytes, field: 1)
    guard !name.isEmpty, files[name] == nil else { return }
    let package = Self.name(bytes, field: 2)
    let scope = package.isEmpty ? "" : package + "."
    var imports: [String] = []
    for (number, value) in WireFields(bytes) {
      switch number {
      case 3: imports.append(String(decoding: value, as: UTF8.self))
      case 4: addMessage(value, scope, name)
      case 5: addEnum(value, scope, name)
      case 6: addService(value, scope, name)
      default: break
      }
    }
    files[name] = File(bytes: Array(bytes), imports: imports)
  }

  private mutating func addMessage(_ bytes: ArraySlice<UInt8>, _ scope: String, _ file: String) {
    let full = scope + Self.name(bytes, field: 1)
    fileOfSymbol[full] = file
    messages.insert(full)
    for (number, value) in WireFields(bytes) {
      switch number {
      case 2, 8: fileOfSymbol[full + "." + Self.name(value, field: 1)] = file  // fields and oneofs
      case 3: addMessage(value, full + ".", file)
      case 4: addEnum(value, full + ".", file)
      default: break
      }
    }
  }

  /// An enum's values lie in the scope around it, as in C++.
  private mutating func addEnum(_ bytes: ArraySlice<UInt8>, _ scope: String, _ file: String) {
    fileOfSymbol[scope + Self.name(bytes, field: 1)] = file
    for (number, value) in WireFields(bytes) where number == 2 {
      fileOfSymbol[scope + Self.name(value, field: 1)] = file
    }
  }

  private mutating func addService(_ bytes: ArraySlice<UInt8>, _ scope: String, _ file: String) {
    let full = scope + Self.name(bytes, field: 1)
    fileOfSymbol[full] = file
    services.append(full)
    for (number, value) in WireFields(bytes) where number == 2 {
      fileOfSymbol[full + "." + Self.name(value, field: 1)] = file
    }
  }

  private static func name(_ bytes: ArraySlice<UInt8>, field: Int) -> String {
    for (number, value) in WireFields(bytes) where number == field { return String(decoding: value, as: UTF8.self) }
    return ""
  }
}

/// The length-delimited fields of a message, in order; numbers are passed over, and a malformed rest ends it.
private struct WireFields: Sequence, IteratorProtocol {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func next() -> (number: Int, value: ArraySlice<UInt8>)? {
    while let tag = varint() {
      switch tag & 7 {
      case 0: if varint() == nil { return nil }
      case 1: rest = rest.dropFirst(8)
      case 2:
        guard let size = varint(), size <= UInt64(rest.count) else { return nil }
        let value = rest.prefix(Int(size))
        rest = rest.dropFirst(Int(size))
        return (Int(truncatingIfNeeded: tag >> 3), value)
      case 5: rest = rest.dropFirst(4)
      default: return nil
      }
    }
    return nil
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
