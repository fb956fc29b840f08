internal import CPenstockProto
internal import CProtobufC

/// How the configuration file calls what a specification's descriptors name.
enum SpecFields {
  /// Durations lose their `_ns`.
  static func key(of field: ProtobufCFieldDescriptor) -> String {
    let name = String(cString: field.name)
    return name.hasSuffix("_ns") ? String(name.dropLast(3)) : name
  }

  /// Small and without its prefix, which is what the zero value has before UNSPECIFIED.
  static func configurationName(
    _ value: ProtobufCEnumValue, of descriptor: UnsafePointer<ProtobufCEnumDescriptor>
  ) -> String {
    guard let first = protobuf_c_enum_descriptor_get_value(descriptor, 0) else { return String(cString: value.name) }
    let prefix = String(cString: first.pointee.name).dropLast("UNSPECIFIED".count)
    let name = String(cString: value.name).dropFirst(prefix.count).lowercased()
    return name == "fair_market_value" ? "fmv" : name
  }

  static func isSessionTimes(_ descriptor: UnsafePointer<ProtobufCMessageDescriptor>) -> Bool {
    String(cString: descriptor.pointee.name) == "penstock.v1.SessionTimes"
  }

  static func all(of descriptor: UnsafePointer<ProtobufCMessageDescriptor>) -> [ProtobufCFieldDescriptor] {
    (0..<Int(descriptor.pointee.n_fields)).map { descriptor.pointee.fields[$0] }
  }

  /// The names of an enumeration's values; UNSPECIFIED is none.
  static func choices(of descriptor: UnsafePointer<ProtobufCEnumDescriptor>) -> [(name: String, number: Int32)] {
    (0..<Int(descriptor.pointee.n_values)).compactMap { index in
      let value = descriptor.pointee.values[index]
      return value.value == 0 ? nil : (configurationName(value, of: descriptor), value.value)
    }
  }
}
