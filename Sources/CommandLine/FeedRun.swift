internal import DataFiles
internal import WireCodec

/// The rows that one run of `feed` has read: the file's line of each, as long as the server may still reject it.
struct FeedRun {
  /// The lines of one request's rows: those that follow each other make one entry.
  private struct Request {
    var sequence: UInt64
    var runs: [(item: Int, line: Int)] = []
    var items = 0
  }

  private static let badRowsShown = 10

  private(set) var badRows = 0
  private var requests: [Request] = []
  /// Of the rows that are still being gathered.
  private var gathered = Request(sequence: 0)

  /// - Returns: what to tell about it; nil after the first few.
  mutating func note(_ bad: BadRow) -> String? {
    badRows += 1
    return badRows <= Self.badRowsShown ? "line \(bad.line): \(bad.message)" : nil
  }

  /// The next row of the request that is being gathered.
  mutating func add(line: Int) {
    if gathered.runs.last.map({ line - $0.line != gathered.items - $0.item }) ?? true {
      gathered.runs.append((gathered.items, line))
    }
    gathered.items += 1
  }

  /// The gathered rows go under this number.
  mutating func send(as sequence: UInt64) {
    gathered.sequence = sequence
    requests.append(gathered)
    gathered = Request(sequence: 0)
  }

  /// Rejections are told before their request is acknowledged: lines of older requests are needed no more.
  mutating func forget(upTo acked: UInt64, keeping rejections: [Acknowledgement.Rejection]) {
    guard requests.count > 4_096 else { return }
    let named = Set(rejections.map(\.sequence))
    requests.removeAll { $0.sequence <= acked && !named.contains($0.sequence) }
  }

  func place(of rejection: Acknowledgement.Rejection) -> String {
    guard let request = requests.first(where: { $0.sequence == rejection.sequence }),
      let run = request.runs.last(where: { $0.item <= rejection.index })
    else { return "request \(rejection.sequence), item \(rejection.index)" }
    return "line \(run.line + rejection.index - run.item)"
  }
}
