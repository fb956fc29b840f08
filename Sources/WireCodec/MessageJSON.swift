internal import CPenstockProto
internal import CProtobufC

/// Any unpacked protobuf-c message as one line of JSON, by its descriptor: fields by their proto names, enums by their names without prefix,
/// 64-bit integers as numbers, defaults included, absent submessages left out.
enum MessageJSON {
  static func text(of message: UnsafeRawPointer) -> String {
    var text = ""
    write(message, to: &text)
    return text
  }

  private static func write(_ message: UnsafeRawPointer, to text: inout String) {
    // Every message begins with its base, which knows its descriptor.
    let base = message.assumingMemoryBound(to: ProtobufCMessage.self)
    guard let descriptor = base.pointee.descriptor?.pointee else {
      text += "{}"
      return
    }
    text += "{"
    var isFirst = true
    for index in 0..<Int(descriptor.n_fields) {
      let field = descriptor.fields[index]
      guard isPresent(field, in: message) else { continue }
      if !isFirst { text += "," }
      isFirst = false
      text += "\"\(String(cString: field.name))\":"
      let place = message + Int(field.offset)
      if field.label == PROTOBUF_C_LABEL_REPEATED {
        writeList(field, place, count: (message + Int(field.quantifier_offset)).load(as: Int.self), to: &text)
      } else {
        write(field, place, to: &text)
      }
    }
    text += "}"
  }

  private static func isPresent(_ field: ProtobufCFieldDescriptor, in message: UnsafeRawPointer) -> Bool {
    if field.flags & UInt32(PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue) != 0 {
      return (message + Int(field.quantifier_offset)).load(as: UInt32.self) == field.id
    }
    guard field.label != PROTOBUF_C_LABEL_REPEATED, field.type == PROTOBUF_C_TYPE_MESSAGE else { return true }
    return (message + Int(field.offset)).load(as: UnsafeRawPointer?.self) != nil
  }

  private static func writeList(
    _ field: ProtobufCFieldDescriptor, _ place: UnsafeRawPointer, count: Int, to text: inout String
  ) {
    text += "["
    if count > 0, let items = place.load(as: UnsafeRawPointer?.self) {
      let stride = size(of: field.type)
      for index in 0..<count {
        if index > 0 { text += "," }
        write(field, items + index * stride, to: &text)
      }
    }
    text += "]"
  }

  private static func size(of type: ProtobufCType) -> Int {
    switch type {
    case PROTOBUF_C_TYPE_INT32, PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_ENUM, PROTOBUF_C_TYPE_BOOL: 4
    default: 8
    }
  }

  private static func write(_ field: ProtobufCFieldDescriptor, _ place: UnsafeRawPointer, to text: inout String) {
    switch field.type {
    case PROTOBUF_C_TYPE_UINT32: text += "\(place.load(as: UInt32.self))"
    case PROTOBUF_C_TYPE_UINT64: text += "\(place.load(as: UInt64.self))"
    case PROTOBUF_C_TYPE_SFIXED64: text += "\(place.load(as: Int64.self))"
    case PROTOBUF_C_TYPE_BOOL: text += place.load(as: Int32.self) != 0 ? "true" : "false"
    case PROTOBUF_C_TYPE_DOUBLE:
      let value = place.load(as: Double.self)
      // JSON has no word for what is not finite.
      text += value.isFinite ? "\(value)" : "null"
    case PROTOBUF_C_TYPE_ENUM: writeEnum(field, place.load(as: Int32.self), to: &text)
    case PROTOBUF_C_TYPE_STRING: writeText(place.load(as: UnsafePointer<CChar>?.self), to: &text)
    case PROTOBUF_C_TYPE_MESSAGE:
      if let inner = place.load(as: UnsafeRawPointer?.self) { write(inner, to: &text) } else { text += "null" }
    default: text += "null"
    }
  }

  private static func writeEnum(_ field: ProtobufCFieldDescriptor, _ value: Int32, to text: inout String) {
    guard let descriptor = field.descriptor?.assumingMemoryBound(to: ProtobufCEnumDescriptor.self),
      let found = protobuf_c_enum_descriptor_get_value(descriptor, value),
      let first = protobuf_c_enum_descriptor_get_value(descriptor, 0)
    else {
      text += "\(value)"
      return
    }
    // The prefix is what the zero value has before UNSPECIFIED.
    let prefix = String(cString: first.pointee.name).dropLast("UNSPECIFIED".count)
    text += "\"\(String(cString: found.pointee.name).dropFirst(prefix.count))\""
  }

  private static func writeText(_ pointer: UnsafePointer<CChar>?, to text: inout String) {
    text += "\""
    for scalar in (pointer.map { String(cString: $0) } ?? "").unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case _ where scalar.value < 0x20:
        text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
