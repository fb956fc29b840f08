/// A limit on how many of something are open at once, of which no holder has more than a share. Pure.
///
/// So what one connection takes leaves the others something, however much it takes.
/// - Cost: O(1); memory: an entry a holder that has any.
package struct SharedLimit {
  package enum Refusal: Equatable {
    /// All are taken.
    case full
    /// The holder has its share.
    case shareTaken
  }

  /// At once, of all holders.
  package let total: Int
  /// At once, of one holder.
  package let share: Int
  package private(set) var count = 0
  private var counts: [String: Int] = [:]

  /// - Parameter sharePercent: of `total`, rounded down; a holder may have one in any case.
  package init(total: Int, sharePercent: Int) {
    self.total = total
    share = max(1, total * sharePercent / 100)
  }

  /// Takes one for the holder, or says why not.
  /// - Parameter replacesOne: one that the holder has ends when this one begins: for the moment between it may have one more.
  package mutating func take(for holder: String, replacesOne: Bool = false) -> Refusal? {
    let extra = replacesOne ? 1 : 0
    let held = counts[holder] ?? 0
    guard count < total + extra else { return .full }
    guard held < share + extra else { return .shareTaken }
    counts[holder] = held + 1
    count += 1
    return nil
  }

  /// One of the holder's has ended.
  package mutating func giveBack(by holder: String) {
    guard let held = counts[holder] else { return }
    counts[holder] = held > 1 ? held - 1 : nil
    count -= 1
  }
}
