internal import CPenstockProto

/// The serialized FileDescriptorSet of proto/penstock, for reflection.
package enum DescriptorSet {
  package static var penstock: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: penstock_descriptor_set_size)
    penstock_descriptor_set_copy(&bytes)
    return bytes
  }
}
