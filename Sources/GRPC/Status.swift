/// gRPC's status codes, numbered as on the wire.
public enum StatusCode: Int, Sendable, CaseIterable {
  case ok = 0
  case cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists, permissionDenied
  case resourceExhausted, failedPrecondition, aborted, outOfRange, unimplemented, internalError, unavailable, dataLoss
  case unauthenticated
}

/// How a call ended.
public struct Status: Error, Sendable, Equatable {
  package var code: StatusCode
  package var message: String

  package init(_ code: StatusCode, _ message: String = "") {
    self.code = code
    self.message = message
  }

  package init(code: StatusCode, message: String) {
    self.init(code, message)
  }

  package static let ok = Status(.ok)
}

/// Why a call ended before its handler finished it. Nothing can be sent any more.
public enum CallEnd: Sendable, Equatable {
  /// The peer reset the stream.
  case cancelled
  case deadlineExceeded
  /// The transport went away.
  case connectionLost
  /// The peer broke gRPC's rules or a limit; it has been told this status.
  case failed(Status)
}
