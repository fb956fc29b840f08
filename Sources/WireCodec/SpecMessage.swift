internal import CPenstockProto
internal import CProtobufC
internal import MarketData
internal import Settings

/// A specification that came in a message, as the tree that a configuration file would give: what is given, by the file's keys.
///
/// Specifications hold what the file holds, field for field, so that one reader checks both: fields keep their names, durations lose their `_ns`,
/// enumerations are written small and without their prefix, `SessionTimes` become times of day or ranges.
struct SpecMessage {
  /// Names of parts or leaves; empty = everything that is given.
  private let mask: [[String]]
  private let wantsName: Bool
  private var written: [[String]] = []

  private init(mask: [[String]], wantsName: Bool) {
    self.mask = mask
    self.wantsName = wantsName
  }

  /// Everything that a specification gives, its name too.
  /// - Parameter message: begins with protobuf-c's base, as all do.
  static func node(of message: UnsafeRawPointer) -> SettingsNode {
    var reading = SpecMessage(mask: [], wantsName: true)
    return descriptor(of: message).flatMap { reading.section(message, $0, []) } ?? .section([])
  }

  /// What a request is to change.
  /// - Parameter mask: empty = everything that is given.
  /// - Returns: the tree without the name, which requests carry beside it, and what is wrong with the mask.
  static func change(
    of message: UnsafeRawPointer, mask: [String]
  ) -> (node: SettingsNode, problems: [SettingsProblem]) {
    guard let descriptor = descriptor(of: message) else { return (.section([]), []) }
    guard mask.count <= 1_000 else {
      // Each path is looked for at each field.
      let words = "has \(mask.count) paths; must have at most 1,000"
      return (.section([]), [SettingsProblem(key: "update_mask", message: words)])
    }
    let paths = mask.map { $0.split(separator: ".", omittingEmptySubsequences: false).map(String.init) }
    var problems: [SettingsProblem] = []
    func problem(_ path: [String], _ words: String) {
      problems.append(
        SettingsProblem(key: "update_mask", message: "'\(path.joined(separator: "."))' \(words)"))
    }
    let unknown = paths.filter { !isKnown($0[...], in: descriptor) }
    for path in unknown { problem(path, "is no field of the specification") }
    var reading = SpecMessage(mask: paths, wantsName: false)
    var node = reading.section(message, descriptor, [])
    for path in paths where !unknown.contains(path) && !reading.written.contains(where: { reading.covers(path, $0) }) {
      problem(path, path == ["name"] ? "cannot be changed" : "is not given in the specification")
    }
    if !unknown.isEmpty {
      // What a misspelt path was meant for nobody knows: all values are looked at, so that each bad one is named.
      reading = SpecMessage(mask: [], wantsName: false)
      node = reading.section(message, descriptor, [])
    }
    return (node ?? .section([]), problems)
  }

  private static func descriptor(of message: UnsafeRawPointer) -> UnsafePointer<ProtobufCMessageDescriptor>? {
    message.assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor
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
  ) -> SettingsNode? {
    var entries: [SettingsNode.Entry] = []
    for index in 0..<Int(descriptor.pointee.n_fields) {
      let field = descriptor.pointee.fields[index]
      let key = SpecFields.key(of: field)
      let inner = path + [key]
      guard wantsName || !(path.isEmpty && key == "name"), wants(inner), let value = value(field, message, inner)
      else { continue }
      entries.append(SettingsNode.Entry(key: key, node: value))
    }
    return entries.isEmpty ? nil : .section(entries)
  }

  private mutating func value(
    _ field: ProtobufCFieldDescriptor, _ message: UnsafeRawPointer, _ path: [String]
  ) -> SettingsNode? {
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
      return SpecFields.isSessionTimes(descriptor) ? sessionTimes(inner, path) : section(inner, descriptor, path)
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
  ) -> SettingsNode? {
    let isNamedInside = mask.contains { named in
      named.count > path.count && zip(named, path).allSatisfy { $0 == $1 || $0 == $1 + "_ns" }
    }
    guard isNamedInside, !SpecFields.isSessionTimes(descriptor),
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

  private static func scalar(_ field: ProtobufCFieldDescriptor, _ place: UnsafeRawPointer) -> SettingsNode {
    switch field.type {
    case PROTOBUF_C_TYPE_UINT32: .plain("\(place.load(as: UInt32.self))")
    case PROTOBUF_C_TYPE_UINT64: .plain("\(place.load(as: UInt64.self))")
    case PROTOBUF_C_TYPE_SFIXED64: .plain(DurationText.describe(place.load(as: Int64.self)))
    case PROTOBUF_C_TYPE_BOOL: .plain(place.load(as: Int32.self) != 0 ? "true" : "false")
    case PROTOBUF_C_TYPE_DOUBLE: .plain(SettingsForm.text(place.load(as: Double.self)))
    case PROTOBUF_C_TYPE_ENUM: .plain(enumeration(field, place.load(as: Int32.self)))
    case PROTOBUF_C_TYPE_STRING: .text(swiftText(place.load(as: UnsafeMutablePointer<CChar>?.self)))
    case PROTOBUF_C_TYPE_MESSAGE: band(place)
    default: .plain("null")
    }
  }

  /// The only message that comes in lists: one whose `below` is 0 is the last band.
  private static func band(_ place: UnsafeRawPointer) -> SettingsNode {
    guard let band = place.load(as: UnsafePointer<Penstock__V1__PriceBandSpec>?.self)?.pointee else {
      return .section([])
    }
    let values = [("below", band.below), ("min_change", band.min_change), ("min_change_pct", band.min_change_pct)]
    return .section(
      values.dropFirst(band.below == 0 ? 1 : 0).map { key, value in
        SettingsNode.Entry(key: key, node: .plain(SettingsForm.text(value)))
      })
  }

  /// Boundaries, or lists of ranges by the same keys.
  ///
  /// Sessions that begin when the next one does, and those that a mask leaves out, do not exist. Beside us_equities the file's boundaries have no
  /// word for that, since those without a key are the preset's: ranges say it. The message cannot tell 0 from what is not given.
  private mutating func sessionTimes(_ message: UnsafeRawPointer, _ path: [String]) -> SettingsNode {
    let times = message.assumingMemoryBound(to: Penstock__V1__SessionTimes.self).pointee
    let ranges = [
      ("pre", times.pre_ranges, times.n_pre_ranges), ("regular", times.regular_ranges, times.n_regular_ranges),
      ("post", times.post_ranges, times.n_post_ranges),
    ].compactMap { key, texts, count in
      let inner = path + [key + "_ranges"]
      return wants(inner) ? self.ranges(key, texts, count, inner) : nil
    }
    var boundaries: [(key: String, minutes: UInt32)] = []
    for (key, minutes, next) in [
      ("pre", times.pre, times.regular), ("regular", times.regular, nil), ("post", times.post, times.closed),
      ("closed", times.closed, nil),
    ] where wants(path + [key]) {
      // Beside ranges it is given when it is not 0.
      guard ranges.isEmpty || minutes != 0 else { continue }
      written.append(path + [key])
      if minutes != next { boundaries.append((key, minutes)) }
    }
    let entries = boundaries.map { key, minutes in
      SettingsNode.Entry(key: key, node: .text(CalendarText.describe(minutes: Int(minutes))))
    }
    guard ranges.isEmpty else {
      // Both forms at once are the reader's to refuse: as times beside lists, or as what is no range in a list.
      let mixed = ranges.map { range in
        let time = entries.first { $0.key == range.key }.map { [$0.node] } ?? []
        return SettingsNode.Entry(key: range.key, node: .list((range.node.items ?? []) + time))
      }
      return .section(mixed + entries.filter { entry in !ranges.contains { $0.key == entry.key } })
    }
    return Self.asRanges(boundaries).map { .section($0) } ?? .section(entries)
  }

  private mutating func ranges(
    _ key: String, _ texts: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int, _ path: [String]
  ) -> SettingsNode.Entry? {
    guard count > 0 || mask.contains(where: { covers($0, path) && $0.count == path.count }) else { return nil }
    written.append(path)
    return SettingsNode.Entry(key: key, node: .list((0..<count).map { .text(swiftText(texts?[$0])) }))
  }

  /// The sessions of boundaries as ranges, where PRE or POST is missing and the others are good; nil otherwise.
  private static func asRanges(_ boundaries: [(key: String, minutes: UInt32)]) -> [SettingsNode.Entry]? {
    func minutes(_ key: String) -> Int? { boundaries.first { $0.key == key }.map { Int($0.minutes) } }
    guard boundaries.count < 4, let regular = minutes("regular"), let closed = minutes("closed"),
      let times = SessionTimes(pre: minutes("pre"), regular: regular, post: minutes("post"), closed: closed)
    else { return nil }
    let schedule = SessionSchedule(times)
    return [("pre", TradingSession.pre), ("regular", .regular), ("post", .post)].compactMap { key, session in
      let ranges = schedule.ranges(of: session).map { SettingsNode.text(CalendarText.describe($0)) }
      return ranges.isEmpty ? nil : SettingsNode.Entry(key: key, node: .list(ranges))
    }
  }

  private static func enumeration(_ field: ProtobufCFieldDescriptor, _ value: Int32) -> String {
    guard let descriptor = field.descriptor?.assumingMemoryBound(to: ProtobufCEnumDescriptor.self),
      let found = protobuf_c_enum_descriptor_get_value(descriptor, value)
    else { return "\(value)" }
    return SpecFields.configurationName(found.pointee, of: descriptor)
  }
}
