internal import CPenstockProto
package import MarketData

/// `PublishResponse`: what a publishing stream's channels have finished.
package struct Acknowledgement: Equatable, Sendable {
  package struct Rejection: Equatable, Sendable {
    package var sequence: UInt64
    package var index: Int
    package var code: RejectionCode
    package var detail: String

    package init(sequence: UInt64, index: Int, code: RejectionCode, detail: String) {
      self.sequence = sequence
      self.index = index
      self.code = code
      self.detail = detail
    }
  }

  package struct Blocked: Equatable, Sendable {
    package var channel: String
    package var reason: String

    package init(channel: String, reason: String) {
      self.channel = channel
      self.reason = reason
    }
  }

  package var ackedSequence: UInt64 = 0
  package var accepted: UInt64 = 0
  package var rejected: UInt64 = 0
  package var dropped: UInt64 = 0
  package var rejections: [Rejection] = []
  package var late: UInt64 = 0
  package var resumeSequence: UInt64 = 0
  package var quarantined: UInt64 = 0
  package var duplicates: UInt64 = 0
  package var blockedBy: Blocked?
  package var outOfSession: UInt64 = 0

  package init() {}

  /// One `PublishResponse`.
  package var encoded: [UInt8] {
    var writer = WireWriter(reserving: 64)
    writer.unsigned(1, ackedSequence)
    writer.unsigned(2, accepted)
    writer.unsigned(3, rejected)
    writer.unsigned(4, dropped)
    for rejection in rejections {
      writer.message(5) { inner in
        inner.unsigned(1, rejection.sequence)
        inner.unsigned(2, UInt64(rejection.index))
        inner.enumeration(3, rejection.code.rawValue)
        inner.text(4, rejection.detail)
      }
    }
    writer.unsigned(6, late)
    writer.unsigned(7, resumeSequence)
    writer.unsigned(8, quarantined)
    writer.unsigned(9, duplicates)
    if let blockedBy {
      writer.message(10) { inner in
        inner.text(1, blockedBy.channel)
        inner.text(2, blockedBy.reason)
      }
    }
    writer.unsigned(11, outOfSession)
    return writer.bytes
  }

  init(_ message: Penstock__V1__PublishResponse) {
    ackedSequence = message.acked_sequence
    accepted = message.accepted
    rejected = message.rejected
    dropped = message.dropped
    late = message.late
    resumeSequence = message.resume_sequence
    quarantined = message.quarantined
    duplicates = message.duplicates
    outOfSession = message.out_of_session
    for index in 0..<message.n_rejections {
      guard let rejection = message.rejections[index]?.pointee,
        let code = RejectionCode(rawValue: UInt8(truncatingIfNeeded: rejection.code.rawValue))
      else { continue }
      rejections.append(
        Rejection(
          sequence: rejection.sequence, index: Int(rejection.index), code: code, detail: swiftText(rejection.detail)))
    }
    if let blocked = message.blocked_by?.pointee {
      blockedBy = Blocked(channel: swiftText(blocked.channel), reason: swiftText(blocked.reason))
    }
  }
}

/// A protobuf-c string as Swift's; what is no UTF-8 is replaced.
func swiftText(_ pointer: UnsafeMutablePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
