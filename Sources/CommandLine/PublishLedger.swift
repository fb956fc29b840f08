internal import WireCodec

/// What a named publisher has sent, and what it has heard of it, over all its connections. Pure.
///
/// Each connection's totals begin at 0, and count an item when the server takes it, which is before its request is acknowledged. So at the end of a
/// connection they may lack items that were acknowledged unheard, or count some that go to the next server again:
///
///     sent + countedTwice = accepted + rejected + duplicates + unheard
struct PublishLedger: Sendable {
  struct Request: Sendable {
    var sequence: UInt64
    var items: UInt64
    var bytes: [UInt8]
  }

  /// Another publisher has used the name meanwhile: this one's next requests would count as that one's.
  struct NameIsTaken: Error, Equatable {
    var upTo: UInt64
  }

  private static let rejectionsKept = 10

  private(set) var unacknowledged: [Request] = []
  /// Requests up to it need not be sent again.
  private(set) var acked: UInt64 = 0
  /// What an earlier run of the same name had acknowledged; this one's requests are numbered on from there.
  private(set) var resumedAt: UInt64 = 0
  private(set) var lastSequence: UInt64 = 0
  /// Items, each once.
  private(set) var sent: UInt64 = 0
  /// Items that the server processed, and whose answer was lost with the connection.
  private(set) var unheard: UInt64 = 0
  /// Items in the totals of a server that ended and of the one after it.
  private(set) var countedTwice: UInt64 = 0
  /// Items acknowledged by servers that have ended since, and forgotten with them.
  private(set) var lostWithServer: UInt64 = 0
  /// The first few.
  private(set) var rejections: [Acknowledgement.Rejection] = []
  private var hasBegun = false
  private var earlier = Acknowledgement()
  private var current = Acknowledgement()
  /// Items acknowledged in all, and before the present connection.
  private var settled: UInt64 = 0
  private var settledBefore: UInt64 = 0

  mutating func add(items: Int, _ bytes: [UInt8]) {
    lastSequence += 1
    sent += UInt64(items)
    unacknowledged.append(Request(sequence: lastSequence, items: UInt64(items), bytes: bytes))
  }

  /// A connection's first response.
  /// - Parameter resume: what the server has had processed under the name.
  mutating func begin(resumingAt resume: UInt64) throws(NameIsTaken) {
    guard hasBegun else {
      hasBegun = true
      (resumedAt, lastSequence, acked) = (resume, resume, resume)
      return
    }
    guard resume <= lastSequence else { throw NameIsTaken(upTo: resume) }
    // A server that knows less than was acknowledged is another one, or has been started anew.
    if resume < acked { lostWithServer = settled }
    settle(upTo: resume)
    let (told, due) = (Self.items(of: current), settled - settledBefore)
    unheard += due > told ? due - told : 0
    countedTwice += told > due ? told - due : 0
    earlier = Self.sum(earlier, current)
    current = Acknowledgement()
    settledBefore = settled
  }

  mutating func heard(_ acknowledgement: Acknowledgement) {
    current = acknowledgement
    // A request that is sent again is rejected again.
    for rejection in acknowledgement.rejections
    where rejections.count < Self.rejectionsKept
      && !rejections.contains(where: { $0.sequence == rejection.sequence && $0.index == rejection.index })
    {
      rejections.append(rejection)
    }
    settle(upTo: acknowledgement.ackedSequence)
  }

  /// Running totals over all connections.
  var totals: Acknowledgement { Self.sum(earlier, current) }

  /// What the server's totals have beyond what was sent; below 0, what they lack. 0 once everything is acknowledged, or something is wrong.
  var difference: Int64 {
    Int64(Self.items(of: totals)) + Int64(unheard) - Int64(countedTwice) - Int64(sent)
  }

  private mutating func settle(upTo sequence: UInt64) {
    acked = max(acked, sequence)
    let due = unacknowledged.prefix { $0.sequence <= sequence }
    settled += due.reduce(0) { $0 + $1.items }
    unacknowledged.removeFirst(due.count)
  }

  private static func items(of totals: Acknowledgement) -> UInt64 {
    totals.accepted + totals.rejected + totals.duplicates
  }

  private static func sum(_ a: Acknowledgement, _ b: Acknowledgement) -> Acknowledgement {
    var sum = Acknowledgement()
    sum.accepted = a.accepted + b.accepted
    sum.rejected = a.rejected + b.rejected
    sum.duplicates = a.duplicates + b.duplicates
    sum.late = a.late + b.late
    sum.quarantined = a.quarantined + b.quarantined
    sum.outOfSession = a.outOfSession + b.outOfSession
    sum.dropped = a.dropped + b.dropped
    return sum
  }
}
