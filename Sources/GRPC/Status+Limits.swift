package import LockFree

extension Status {
  /// The process's byte budget is spent, and what asked for more of it belongs to `owner`.
  package static func spent(_ budget: ByteBudget, _ owner: ByteBudget.Owner) -> Status {
    Status(
      .resourceExhausted,
      "limits.pending_bytes: \(budget.limit) bytes are spent; \(owner.name) hold \(budget.bytes(of: owner)) of them")
  }

  /// A call stood still inside a message.
  static func idleMessage(_ nanos: Int64) -> Status {
    let seconds = Double(nanos) / 1e9
    return Status(
      .deadlineExceeded, "limits.idle_message: no byte came for \(seconds) s of a message that had begun")
  }

  /// A second message on a call that takes one.
  package static let secondRequest = Status(.unimplemented, "more than one request on a call that takes one")

  /// The client has ended its side of a call that takes one message, without any.
  package static let noRequest = Status(.invalidArgument, "no request on a call that takes one")
}
