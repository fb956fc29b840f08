internal import Events
internal import MarketData

/// The publish streams of one event loop by their slots.
///
/// Slots of all loops share one space, so that a marker finds its loop by arithmetic: slot = local index × loops + loop.
struct StreamSlots {
  private let loop: Int
  private let loops: Int
  private var streams: [PublishStream?] = []
  private var free: [Int] = []
  private(set) var count = 0

  init(loop: Int, loops: Int) {
    self.loop = loop
    self.loops = loops
  }

  /// A free slot.
  mutating func reserve() -> StreamSlot {
    count += 1
    if let local = free.popLast() { return StreamSlot(UInt32(local * loops + loop)) }
    streams.append(nil)
    return StreamSlot(UInt32((streams.count - 1) * loops + loop))
  }

  subscript(slot: StreamSlot) -> PublishStream? {
    get {
      let local = Int(slot.index) / loops
      return streams.indices.contains(local) ? streams[local] : nil
    }
    set { streams[Int(slot.index) / loops] = newValue }
  }

  /// The stream is over and its last marker out.
  mutating func release(_ slot: StreamSlot) {
    streams[Int(slot.index) / loops] = nil
    free.append(Int(slot.index) / loops)
    count -= 1
  }

  /// The streams that are open now.
  var all: [PublishStream] { streams.compactMap { $0 } }
}
