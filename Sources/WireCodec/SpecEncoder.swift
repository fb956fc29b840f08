internal import CPenstockProto
internal import CProtobufC
internal import MarketData
internal import Settings

/// The bytes of a specification from its tree: the counterpart of `SpecMessage`.
///
/// The descriptors know every key and its type, so that what is added to the contract can be written at once. Ranges are the server's to judge.
struct SpecEncoder {
  /// What does not fit: keys that there are not, values of another type.
  private(set) var problems: [String] = []

  static func channel(_ node: SettingsNode) -> (bytes: [UInt8], problems: [String]) {
    var spec = Penstock__V1__ChannelSpec()
    penstock__v1__channel_spec__init(&spec)
    return bytes(node, spec.base.descriptor)
  }

  static func profile(_ node: SettingsNode) -> (bytes: [UInt8], problems: [String]) {
    var spec = Penstock__V1__ProfileSpec()
    penstock__v1__profile_spec__init(&spec)
    return bytes(node, spec.base.descriptor)
  }

  private static func bytes(
    _ node: SettingsNode, _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>?
  ) -> (bytes: [UInt8], problems: [String]) {
    var encoder = SpecEncoder()
    var writer = WireWriter()
    if let descriptor { encoder.write(node, "", descriptor, to: &writer) }
    return (writer.bytes, encoder.problems)
  }

  private mutating func write(
    _ node: SettingsNode, _ path: String, _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>,
    to writer: inout WireWriter
  ) {
    let fields = SpecFields.all(of: descriptor).map { (key: SpecFields.key(of: $0), field: $0) }
    guard let entries = node.entries else {
      return problems.append("\(path) is a part; set its keys: \(fields.map(\.key).joined(separator: ", "))")
    }
    for entry in entries {
      let key = path.isEmpty ? entry.key : "\(path).\(entry.key)"
      guard let field = fields.first(where: { $0.key == entry.key })?.field else {
        // The name is given beside the settings.
        let known = fields.map(\.key).filter { !path.isEmpty || $0 != "name" }.joined(separator: ", ")
        problems.append("\(key) is no key of a channel; known here: \(known)")
        continue
      }
      write(entry.node, key, field, to: &writer)
    }
  }

  private mutating func write(
    _ node: SettingsNode, _ key: String, _ field: ProtobufCFieldDescriptor, to writer: inout WireWriter
  ) {
    guard field.label == PROTOBUF_C_LABEL_REPEATED, node.entries == nil else {
      return writeOne(node, key, field, to: &writer)
    }
    for item in node.items ?? Self.items(of: node.scalar ?? "") { writeOne(item, key, field, to: &writer) }
  }

  private mutating func writeOne(
    _ node: SettingsNode, _ key: String, _ field: ProtobufCFieldDescriptor, to writer: inout WireWriter
  ) {
    if field.type == PROTOBUF_C_TYPE_MESSAGE {
      guard let inner = field.descriptor?.assumingMemoryBound(to: ProtobufCMessageDescriptor.self) else { return }
      var part = WireWriter()
      if SpecFields.isSessionTimes(inner) {
        Self.sessionTimes(node, to: &part)
      } else {
        write(node, key, inner, to: &part)
      }
      return writer.raw(Int(field.id), part.bytes)
    }
    guard let text = node.scalar else {
      let name = key.split(separator: ".").last ?? ""
      return problems.append("\(key): '\(name)' has no keys below it")
    }
    if let wanted = Self.value(text, field, to: &writer) {
      problems.append("\(key) is '\(text)'; must be \(wanted)")
    }
  }

  /// `[a, b]` or `a,b`; nothing = an empty list.
  private static func items(of text: String) -> [SettingsNode] {
    let inner = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    return inner.split(separator: ",").map { item in
      let trimmed = item.drop { $0 == " " }
      return .text(String(trimmed.prefix(trimmed.count - trimmed.reversed().prefix { $0 == " " }.count)))
    }
  }

  /// Writes one value, zeros too: a member of a oneof says that it is given.
  /// - Returns: what it must be, where it is none.
  private static func value(
    _ text: String, _ field: ProtobufCFieldDescriptor, to writer: inout WireWriter
  ) -> String? {
    func varint(_ value: UInt64) {
      writer.varint(UInt64(field.id) << 3)
      writer.varint(value)
    }
    switch field.type {
    case PROTOBUF_C_TYPE_UINT32:
      guard let value = UInt32(text.filter { $0 != "_" }) else { return "a whole number" }
      varint(UInt64(value))
    case PROTOBUF_C_TYPE_UINT64:
      guard let value = UInt64(text.filter { $0 != "_" }) else { return "a whole number" }
      varint(value)
    case PROTOBUF_C_TYPE_SFIXED64:
      guard let value = DurationText.parse(text) else { return "a duration such as 500ms, 60s or 20m" }
      writer.alwaysFixed(Int(field.id), UInt64(bitPattern: value))
    case PROTOBUF_C_TYPE_BOOL:
      guard text == "true" || text == "false" else { return "true or false" }
      varint(text == "true" ? 1 : 0)
    case PROTOBUF_C_TYPE_DOUBLE:
      guard let value = Double(text), value.isFinite else { return "a number" }
      writer.alwaysFixed(Int(field.id), value.bitPattern)
    case PROTOBUF_C_TYPE_ENUM:
      guard let descriptor = field.descriptor?.assumingMemoryBound(to: ProtobufCEnumDescriptor.self) else { return nil }
      let choices = SpecFields.choices(of: descriptor)
      guard let found = choices.first(where: { $0.name == text }) else {
        return "one of " + choices.map(\.name).joined(separator: ", ")
      }
      varint(UInt64(found.number))
    case PROTOBUF_C_TYPE_STRING: writer.alwaysText(Int(field.id), text)
    default: return "set otherwise than in one text"
    }
    return nil
  }

  /// Minutes, where a session that there is not begins when the next one does; or ranges.
  private static func sessionTimes(_ node: SettingsNode, to writer: inout WireWriter) {
    let lists = [(5, "pre"), (6, "regular"), (7, "post")]
    guard lists.allSatisfy({ node[$0.1]?.items == nil }) else {
      for (field, key) in lists {
        for item in node[key]?.items ?? [] { writer.alwaysText(field, item.scalar ?? "") }
      }
      return
    }
    func minutes(_ key: String) -> UInt64? { node[key]?.scalar.flatMap { CalendarText.minutes($0) }.map(UInt64.init) }
    let (regular, closed) = (minutes("regular") ?? 0, minutes("closed") ?? 0)
    writer.unsigned(1, minutes("pre") ?? regular)
    writer.unsigned(2, regular)
    writer.unsigned(3, minutes("post") ?? closed)
    writer.unsigned(4, closed)
  }
}
