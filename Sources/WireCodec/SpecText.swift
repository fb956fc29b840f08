internal import CPenstockProto
internal import CProtobufC
internal import MarketData

/// A specification that came in a message, as the text of a configuration file: what is given, by the file's keys.
///
/// Specifications hold what the file holds, field for field, so that one reader checks both: fields keep their names, durations lose their `_ns`,
/// enumerations are written small and without their prefix, `SessionTimes` become times of day.
struct SpecText {
  /// Names of parts or leaves; empty = everything that is given.
  private let mask: [[String]]
  private let wantsName: Bool
  private var written: [[String]] = []

  /// - Parameters:
  ///   - mask: empty = everything that is given.
  ///   - wantsName: whether the name is told as well; requests carry it beside what they change.
  init(mask: [String], wantsName: Bool = false) {
    self.wantsName = wantsName
    self.mask = mask.map { $0.split(separator: ".", omittingEmptySubsequences: false).map(String.init) }
  }

  /// - Parameter message: begins with protobuf-c's base, as all do.
  /// - Returns: the text without the name, and what is wrong with the mask.
  mutating func text(of message: UnsafeRawPointer) -> (yaml: String, problems: [String]) {
    guard let descriptor = message.assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor else {
      return ("{}", [])
    }
    var problems: [String] = []
    for path in mask where !Self.isKnown(path[...], in: descriptor) {
      problems.append("update_mask: '\(path.joined(separator: "."))' is no field of the specification")
    }
    let yaml = section(message, descriptor, [])?.flow ?? "{}"
    for path in mask where Self.isKnown(path[...], in: descriptor) && !written.contains(where: { covers(path, $0) }) {
      let reason = path == ["name"] ? "cannot be changed" : "is not given in the specification"
      problems.append("update_mask: '\(path.joined(separator: "."))' \(reason)")
    }
    return (yaml, problems)
  }

  /// Everything that a specification gives, its name too.
  static func node(of message: UnsafeRawPointer) -> SpecNode {
    var text = SpecText(mask: [], wantsName: true)
    guard let descriptor = message.assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor else {
      return .section([])
    }
    return text.section(message, descriptor, []) ?? .section([])
  }

  // MARK: - The mask

  private static func isKnown(_ path: ArraySlice<String>, in descriptor: UnsafePointer<ProtobufCMessageDescriptor>)
    -> Bool
  {
    guard let name = path.first else { return false }
    for index in 0..<Int(descriptor.pointee.n_fields) {
      let field = descriptor.pointee.fields[index]
      guard name == String(cString: field.name) || name == SpecFields.key(of: field) else { continue }
      if path.count == 1 { return true }
      guard field.type == PROTOBUF_C_TYPE_MESSAGE, field.label != PROTOBUF_C_LABEL_REPEATED,
        let inner = field.descriptor?.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
      else { return false }
      return isKnown(path.dropFirst(), in: inner)
    }
    return false
  }

  /// Whether a mask's path names `path` or a part that it lies in; leaves are named with or without `_ns`.
  private func covers(_ named: [String], _ path: [String]) -> Bool {
    named.count <= path.count && zip(named, path).allSatisfy { $0 == $1 || $0 == $1 + "_ns" }
  }

  /// Whether something at or below `path` is wanted.
  private func wants(_ path: [String]) -> Bool {
    mask.isEmpty
      || mask.contains { named in zip(named, path).allSatisfy { $0 == $1 || $0 == $1 + "_ns" } }
  }

  // MARK: - Values

  private mutating func section(
    _ message: UnsafeRawPointer, _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, _ path: [String]
  ) -> SpecNode? {
    var entries: [SpecNode.Entry] = []
    for index in 0..<Int(descriptor.pointee.n_fields) {
      let field = descriptor.pointee.fields[index]
      let key = SpecFields.key(of: field)
      let inner = path + [key]
      guard wantsName || !(path.isEmpty && key == "name"), wants(inner), let value = value(field, message, inner)
      else { continue }
      entries.append(SpecNode.Entry(key: key, value: value))
    }
    return entries.isEmpty ? nil : .section(entries)
  }

  private mutating func value(
    _ field: ProtobufCFieldDescriptor, _ message: UnsafeRawPointer, _ path: [String]
  ) -> SpecNode? {
    let place = message + Int(field.offset)
    if field.label == PROTOBUF_C_LABEL_REPEATED {
      let count = (message + Int(field.quantifier_offset)).load(as: Int.self)
      guard count > 0 || mask.contains(where: { covers($0, path) }) else { return nil }
      written.append(path)
      let items = place.load(as: UnsafeRawPointer?.self)
      return .list(
        (0..<count).compactMap { index in
          items.map { Self.scalar(field, $0 + index * Self.stride(of: field.type)) }
        })
    }
    if field.type == PROTOBUF_C_TYPE_MESSAGE {
      guard let descriptor = field.descriptor?.assumingMemoryBound(to: ProtobufCMessageDescriptor.self) else {
        return nil
      }
      guard let inner = place.load(as: UnsafeRawPointer?.self) else { return missing(descriptor, path) }
      return Self.isSessionTimes(descriptor) ? sessionTimes(inner, path) : section(inner, descriptor, path)
    }
    if field.flags & UInt32(PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue) != 0 {
      guard (message + Int(field.quantifier_offset)).load(as: UInt32.self) == field.id else { return nil }
    }
    written.append(path)
    return Self.scalar(field, place)
  }

  /// What a message that is not there says: nothing, but that lists which the mask names in it are empty.
  private mutating func missing(
    _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, _ path: [String]
  ) -> SpecNode? {
    let isNamedInside = mask.contains { named in
      named.count > path.count && zip(named, path).allSatisfy { $0 == $1 || $0 == $1 + "_ns" }
    }
    guard isNamedInside, !Self.isSessionTimes(descriptor),
      let initialize = descriptor.pointee.message_init
    else { return nil }
    let message = UnsafeMutableRawPointer.allocate(byteCount: descriptor.pointee.sizeof_message, alignment: 16)
    defer { message.deallocate() }
    initialize(message.assumingMemoryBound(to: ProtobufCMessage.self))
    return section(UnsafeRawPointer(message), descriptor, path)
  }

  private static func stride(of type: ProtobufCType) -> Int {
    switch type {
    case PROTOBUF_C_TYPE_INT32, PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_ENUM, PROTOBUF_C_TYPE_BOOL: 4
    default: 8
    }
  }

  private static func scalar(_ field: ProtobufCFieldDescriptor, _ place: UnsafeRawPointer) -> SpecNode {
    switch field.type {
    case PROTOBUF_C_TYPE_UINT32: .scalar("\(place.load(as: UInt32.self))")
    case PROTOBUF_C_TYPE_UINT64: .scalar("\(place.load(as: UInt64.self))")
    case PROTOBUF_C_TYPE_SFIXED64: .scalar(DurationText.describe(place.load(as: Int64.self)))
    case PROTOBUF_C_TYPE_BOOL: .scalar(place.load(as: Int32.self) != 0 ? "true" : "false")
    case PROTOBUF_C_TYPE_DOUBLE: number(place.load(as: Double.self))
    case PROTOBUF_C_TYPE_ENUM: .scalar(enumeration(field, place.load(as: Int32.self)))
    case PROTOBUF_C_TYPE_STRING: .text(swiftText(place.load(as: UnsafeMutablePointer<CChar>?.self)))
    case PROTOBUF_C_TYPE_MESSAGE: band(place)
    default: .scalar("null")
    }
  }

  /// The shortest text that is read back as the same number; whole ones without a point, as people write them.
  private static func number(_ value: Double) -> SpecNode {
    let text = "\(value)"
    return .scalar(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
  }

  /// The only message that comes in lists: one whose `below` is 0 is the last band.
  private static func band(_ place: UnsafeRawPointer) -> SpecNode {
    guard let band = place.load(as: UnsafePointer<Penstock__V1__PriceBandSpec>?.self)?.pointee else {
      return .section([])
    }
    let below = band.below == 0 ? [] : [SpecNode.Entry(key: "below", value: number(band.below))]
    return .section(
      below + [
        SpecNode.Entry(key: "min_change", value: number(band.min_change)),
        SpecNode.Entry(key: "min_change_pct", value: number(band.min_change_pct)),
      ])
  }

  private static func isSessionTimes(_ descriptor: UnsafePointer<ProtobufCMessageDescriptor>) -> Bool {
    String(cString: descriptor.pointee.name) == "penstock.v1.SessionTimes"
  }

  /// Sessions that begin when the next one does, and those that a mask leaves out, do not exist: the file has no key for them. The message
  /// cannot tell 0 from what is not given.
  private mutating func sessionTimes(_ message: UnsafeRawPointer, _ path: [String]) -> SpecNode {
    let times = message.assumingMemoryBound(to: Penstock__V1__SessionTimes.self).pointee
    var entries: [SpecNode.Entry] = []
    for (key, minutes, next) in [
      ("pre", times.pre, times.regular), ("regular", times.regular, nil), ("post", times.post, times.closed),
      ("closed", times.closed, nil),
    ] where wants(path + [key]) {
      written.append(path + [key])
      guard minutes != next else { continue }
      entries.append(SpecNode.Entry(key: key, value: .text(CalendarText.describe(minutes: Int(minutes)))))
    }
    return .section(entries)
  }

  private static func enumeration(_ field: ProtobufCFieldDescriptor, _ value: Int32) -> String {
    guard let descriptor = field.descriptor?.assumingMemoryBound(to: ProtobufCEnumDescriptor.self),
      let found = protobuf_c_enum_descriptor_get_value(descriptor, value)
    else { return "\(value)" }
    return SpecFields.configurationName(found.pointee, of: descriptor)
  }
}
