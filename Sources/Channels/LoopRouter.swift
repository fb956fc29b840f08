package import LockFree
package import MarketData

/// What became of a push into the rings.
package enum FlushResult {
  /// Everything is in its ring, with so many markers behind it.
  case done(markers: Int)
  /// This channel's ring is full: the rest of the stream's records waits here for `resume`.
  case blocked(TickChannel)
}

/// One event loop's way into the channels: gathers records by channel and pushes each channel's as one run. Not thread-safe.
///
/// A stream's records that find no room stay here, apart from other streams': a full channel stops only who wants into it.
package final class LoopRouter {
  private struct Rest {
    /// What is left by channel, in order; a marker may be its last record.
    var runs: [(channel: TickChannel, run: RunBuffer<TickRecord>, pushed: Int)]
    var markers: Int
  }

  private let channels: [TickChannel]
  /// Where the decoder puts a stream's records, by channel; all of one stream, until its `flush`.
  package let stages: RunSet<TickRecord>
  /// Channels that a stream's open read has touched in earlier pushes: their markers are still to come.
  private var touched: [StreamSlot: Set<Int>] = [:]
  private var rests: [StreamSlot: Rest] = [:]

  package init(channels: [TickChannel]) {
    self.channels = channels
    stages = RunSet(count: channels.count)
  }

  /// Pushes what is staged, all of it the stream's; with `read`, a marker follows into every channel touched since the stream's last one.
  /// - Precondition: nothing of this stream is blocked.
  package func flush(slot: StreamSlot, read: UInt64?) -> FlushResult {
    var markers = 0
    if let read {
      let earlier = touched.isEmpty ? nil : touched.removeValue(forKey: slot)
      for channel in channels.indices
      where stages.count(of: channel) > 0 || earlier?.contains(channel) ?? false {
        markers += 1
        stages.append(TickRecord(marker: Marker(slot: slot, read: read), channel: UInt16(channel)), to: channel)
      }
    } else if !stages.touched.isEmpty {
      touched[slot, default: []].formUnion(stages.touched)
    }
    var rest = Rest(runs: [], markers: markers)
    for index in stages.touched where stages.count(of: index) > 0 {
      let channel = channels[index]
      let pushed = stages.withRun(of: index) { channel.push($0) }
      if pushed < stages.count(of: index) {
        let left = RunBuffer<TickRecord>(capacity: stages.count(of: index) - pushed)
        stages.withRun(of: index, from: pushed) { run in
          for offset in run.indices { left.append(run[offset]) }
        }
        rest.runs.append((channel, left, 0))
      }
    }
    stages.removeAll()
    guard let first = rest.runs.first else { return .done(markers: markers) }
    rests[slot] = rest
    return .blocked(first.channel)
  }

  /// Pushes on with what `flush` left.
  package func resume(slot: StreamSlot) -> FlushResult {
    guard var rest = rests.removeValue(forKey: slot) else { return .done(markers: 0) }
    for index in rest.runs.indices {
      let entry = rest.runs[index]
      rest.runs[index].pushed += entry.run.withRun(from: entry.pushed) { entry.channel.push($0) }
    }
    rest.runs.removeAll { $0.pushed == $0.run.count }
    guard let first = rest.runs.first else { return .done(markers: rest.markers) }
    rests[slot] = rest
    return .blocked(first.channel)
  }
}
