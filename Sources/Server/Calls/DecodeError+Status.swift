internal import GRPC
internal import WireCodec

extension DecodeError {
  /// The status of a call whose one request this is.
  var status: Status {
    switch self {
    case .malformed(let reason): Status(.invalidArgument, "request 1 is no valid protobuf: \(reason)")
    case .tooManyItems(let count, let limit):
      Status(.resourceExhausted, "request 1 holds \(count) items; limits.max_items is \(limit)")
    case .arenaExhausted(let limit):
      Status(.resourceExhausted, "request 1 needs more than \(limit) bytes to decode")
    }
  }

  /// The status of a publishing call, by the request's number in it.
  func status(ofRequest number: UInt64) -> Status {
    switch self {
    case .malformed(let reason):
      Status(.invalidArgument, "request \(number) is no valid PublishRequest: \(reason)")
    case .tooManyItems(let count, let limit):
      Status(.resourceExhausted, "request \(number) holds \(count) items; limits.max_items is \(limit)")
    case .arenaExhausted(let limit):
      Status(.resourceExhausted, "request \(number) needs more than \(limit) bytes to decode")
    }
  }
}
