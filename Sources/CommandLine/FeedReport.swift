internal import Foundation
internal import WireCodec

/// What `feed` says at its end. Pure.
enum FeedReport {
  static func lines(
    _ ledger: PublishLedger, _ run: FeedRun, words: String, seconds: Double, reconnects: Int, isInterrupted: Bool
  ) -> [String] {
    let totals = ledger.totals
    let rate = seconds > 0 ? Double(ledger.sent) / seconds : 0
    let (requests, left) = (ledger.lastSequence - ledger.resumedAt, UInt64(ledger.unacknowledged.count))
    var lines = [
      "\(isInterrupted ? "stopped: " : "")\(ledger.sent) \(words) sent in \(String(format: "%.1f", seconds)) s (\(Int(rate)) a second): \(totals.accepted) accepted, \(totals.rejected) rejected; "
        + (left == 0 ? "all \(requests) requests" : "\(requests - left) of \(requests) requests") + " acknowledged"
    ]
    func tell(_ count: UInt64, _ text: String) {
      if count > 0 { lines.append("  \(count) \(text)") }
    }
    tell(totals.duplicates, "were duplicates: the server had processed requests of these numbers before; ignored")
    tell(totals.late, "were late: older than their symbol's newest by more than lateness_tolerance; ignored")
    tell(totals.outOfSession, "were out of session: the calendar says CLOSED; only the last price was updated")
    tell(totals.quarantined, "were quarantined by the print filter")
    tell(totals.dropped, "were dropped by an overflow policy")
    if reconnects > 0 {
      lines.append("  the connection was lost and taken up again \(reconnects) time\(reconnects == 1 ? "" : "s")")
    }
    tell(ledger.unheard, "were processed, but the answer was lost with the connection: some may have been rejected")
    tell(
      ledger.countedTwice,
      "count twice: a server took them and ended before it acknowledged them, and they were sent again")
    tell(
      ledger.lostWithServer,
      "had been acknowledged by a server that has been started anew since: it knows nothing of them and their events")
    for rejection in ledger.rejections {
      lines.append(
        "  rejected, \(run.place(of: rejection)): \(rejection.code.wireName): \(Cells.tame(rejection.detail))")
    }
    let named = UInt64(ledger.rejections.count)
    if totals.rejected > named { lines.append("  … and \(totals.rejected - named) more") }
    return lines
  }

  /// Why a feed that came to its end has not done what was asked; nil where it has.
  static func fault(_ ledger: PublishLedger, _ run: FeedRun, words: String) -> CommandFailure? {
    let difference = ledger.difference
    if difference != 0 {
      return CommandFailure(
        .failed,
        "the acknowledgements do not add up: \(difference.magnitude) \(words) \(difference < 0 ? "that were sent are in none of their counts" : "more than were sent are in their counts")"
      )
    }
    if ledger.lostWithServer > 0 {
      return CommandFailure(
        .failed,
        "the server was started anew and lacks \(ledger.lostWithServer) \(words) that it had acknowledged before; feed the file again where it needs them"
      )
    }
    return unusable(unread: run.badRows, rejected: Int(ledger.totals.rejected))
  }

  /// The failure of a run that left rows out; nil where there were none.
  static func unusable(unread: Int, rejected: Int) -> CommandFailure? {
    var parts: [String] = []
    if unread > 0 { parts.append("\(unread) row\(unread == 1 ? "" : "s") cannot be read") }
    if rejected > 0 { parts.append("\(rejected) row\(rejected == 1 ? " was" : "s were") rejected") }
    return parts.isEmpty ? nil : CommandFailure(.badData, parts.joined(separator: ", ") + "; the others count")
  }
}
