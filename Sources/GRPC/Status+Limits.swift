package import LockFree

extension Status {
  /// The process's byte budget, or the connection's share of it, is spent, and what asked for more of it belongs to `owner`.
  package static func refused(
    _ refusal: BudgetHolder.Refusal, _ holder: BudgetHolder, _ owner: ByteBudget.Owner
  ) -> Status {
    let budget = holder.budget
    return switch refusal {
    case .spent:
      Status(
        .resourceExhausted,
        "limits.pending_bytes: \(budget.limit) bytes are spent; \(owner.name) hold \(budget.bytes(of: owner)) of them")
    case .shareTaken:
      Status(
        .resourceExhausted,
        "limits.share_pct: one connection may hold \(budget.sharePercent) % of the \(budget.limit) bytes of limits.pending_bytes; this one holds \(holder.total), and asked for more \(owner.name)"
      )
    }
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
