internal import CPenstockProto
internal import CProtobufC
internal import MarketData

/// A `ChannelSpec` as bytes, from `key=value` texts with the configuration file's keys and forms: `batching.max_batch=64`, `breaker.open=2s`.
///
/// The descriptors know every key and its type, so that what is added to the contract can be set at once. Ranges are the server's to judge.
package struct SpecSettings: Equatable, Sendable {
  package struct Problem: Error, Equatable, CustomStringConvertible {
    package var description: String
  }

  package private(set) var bytes: [UInt8]
  /// The keys that were given, each once.
  package private(set) var mask: [String] = []

  /// - Parameter settings: of two with one key the last counts.
  package init(channel name: String, settings: [String]) throws(Problem) {
    var spec = Penstock__V1__ChannelSpec()
    penstock__v1__channel_spec__init(&spec)
    var root = Section()
    for text in settings {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw Problem(description: "'\(text)' must be KEY=VALUE, such as batching.max_batch=64")
      }
      let key = String(text[..<equals])
      guard let descriptor = spec.base.descriptor else { continue }
      try root.set(
        key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)[...], key,
        String(text[text.index(after: equals)...]), descriptor)
      if !mask.contains(key) { mask.append(key) }
    }
    var writer = WireWriter()
    writer.text(1, name)
    root.write(to: &writer)
    bytes = writer.bytes
  }

  /// What is set of one message, by field number.
  private struct Section: Equatable {
    private enum Part: Equatable {
      /// Whole fields, tags included; none for an empty list.
      case leaf([UInt8])
      case section(Section)
    }

    private var parts: [UInt32: Part] = [:]

    mutating func set(
      _ path: ArraySlice<String>, _ key: String, _ value: String,
      _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) throws(Problem) {
      guard let name = path.first, let field = SpecFields.find(name, in: descriptor),
        !(name == "name" && path.startIndex == 0)
      else {
        throw Problem(
          description:
            "\(key) is no key of a channel; known here: \(Self.known(descriptor, isRoot: path.startIndex == 0))")
      }
      let isSection = field.type == PROTOBUF_C_TYPE_MESSAGE && field.label != PROTOBUF_C_LABEL_REPEATED
      guard isSection, let inner = field.descriptor?.assumingMemoryBound(to: ProtobufCMessageDescriptor.self) else {
        guard path.count == 1 else {
          throw Problem(description: "\(key): '\(name)' has no keys below it")
        }
        parts[field.id] = .leaf(try SpecValue.encode(value, key, field))
        return
      }
      guard path.count > 1 else {
        throw Problem(description: "\(key) is a part; set its keys: \(Self.known(inner, isRoot: false))")
      }
      var section = Section()
      if case .section(let found) = parts[field.id] { section = found }
      try section.set(path.dropFirst(), key, value, inner)
      parts[field.id] = .section(section)
    }

    private static func known(_ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, isRoot: Bool) -> String {
      // The name is given beside the settings.
      SpecFields.all(of: descriptor).map { SpecFields.key(of: $0) }.filter { !(isRoot && $0 == "name") }
        .joined(separator: ", ")
    }

    func write(to writer: inout WireWriter) {
      for (number, part) in parts.sorted(by: { $0.key < $1.key }) {
        switch part {
        case .leaf(let bytes): writer.bytes += bytes
        case .section(let section): writer.message(Int(number)) { section.write(to: &$0) }
        }
      }
    }
  }
}

/// One value of a field, from the configuration file's form.
private enum SpecValue {
  static func encode(
    _ text: String, _ key: String, _ field: ProtobufCFieldDescriptor
  ) throws(SpecSettings.Problem) -> [UInt8] {
    var writer = WireWriter()
    if field.label == PROTOBUF_C_LABEL_REPEATED {
      for item in items(of: text) { try write(item, key, field, to: &writer) }
    } else {
      try write(text, key, field, to: &writer)
    }
    return writer.bytes
  }

  /// `[a, b]` or `a,b`; nothing = an empty list.
  private static func items(of text: String) -> [String] {
    let inner = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    return inner.split(separator: ",").map { item in
      let trimmed = item.drop { $0 == " " }
      return String(trimmed.prefix(trimmed.count - trimmed.reversed().prefix { $0 == " " }.count))
    }
  }

  private static func write(
    _ text: String, _ key: String, _ field: ProtobufCFieldDescriptor, to writer: inout WireWriter
  ) throws(SpecSettings.Problem) {
    func bad(_ wanted: String) -> SpecSettings.Problem {
      SpecSettings.Problem(description: "\(key) is '\(text)'; must be \(wanted)")
    }
    func varint(_ value: UInt64) {
      writer.varint(UInt64(field.id) << 3)
      writer.varint(value)
    }
    switch field.type {
    case PROTOBUF_C_TYPE_UINT32:
      guard let value = UInt32(text.filter { $0 != "_" }) else { throw bad("a whole number") }
      varint(UInt64(value))
    case PROTOBUF_C_TYPE_UINT64:
      guard let value = UInt64(text.filter { $0 != "_" }) else { throw bad("a whole number") }
      varint(value)
    case PROTOBUF_C_TYPE_SFIXED64:
      guard let value = DurationText.parse(text) else { throw bad("a duration such as 500ms, 60s or 20m") }
      writer.alwaysFixed(Int(field.id), UInt64(bitPattern: value))
    case PROTOBUF_C_TYPE_BOOL:
      guard text == "true" || text == "false" else { throw bad("true or false") }
      varint(text == "true" ? 1 : 0)
    case PROTOBUF_C_TYPE_DOUBLE:
      guard let value = Double(text), value.isFinite else { throw bad("a number") }
      writer.alwaysFixed(Int(field.id), value.bitPattern)
    case PROTOBUF_C_TYPE_ENUM:
      guard let descriptor = field.descriptor?.assumingMemoryBound(to: ProtobufCEnumDescriptor.self) else { return }
      let choices = SpecFields.choices(of: descriptor)
      guard let found = choices.first(where: { $0.name == text }) else {
        throw bad("one of " + choices.map(\.name).joined(separator: ", "))
      }
      varint(UInt64(found.number))
    case PROTOBUF_C_TYPE_STRING: writer.alwaysText(Int(field.id), text)
    default: throw SpecSettings.Problem(description: "\(key) cannot be set in one text")
    }
  }
}
