internal import MarketData
internal import WireCodec

/// The rejections that the next response tells: the first 32 since the last one.
struct RejectionNotes {
  private static let max = 32

  private var notes: [Acknowledgement.Rejection] = []

  var isEmpty: Bool { notes.isEmpty }

  mutating func note(_ items: [ItemRejection], of sequence: UInt64) {
    for item in items.prefix(Swift.max(0, Self.max - notes.count)) {
      notes.append(
        Acknowledgement.Rejection(sequence: sequence, index: item.index, code: item.code, detail: item.detail))
    }
  }

  mutating func taken() -> [Acknowledgement.Rejection] {
    defer { notes.removeAll(keepingCapacity: true) }
    return notes
  }
}
