package import Detection
internal import LockFree
package import MarketData

/// A channel of any kind, for what does not happen for every item.
package protocol AnyChannel: AnyObject, Sendable {
  var core: ChannelCore { get }

  func start(in context: WorkerContext)
  /// Processes everything, then ends the worker; blocks until then.
  func stop()
  /// Has the worker tell what these symbols' detectors stand at, between two batches.
  func snapshots(of symbols: [SymbolID], _ reply: @escaping @Sendable ([SymbolSnapshot]) -> Void)
  /// Has the worker forget these symbols' states.
  func reset(_ symbols: [SymbolID], _ done: @escaping @Sendable () -> Void)
  /// Has the worker take its settings or the profiles anew.
  func settingsChanged(_ done: @escaping @Sendable () -> Void)
  /// Has the worker hand all its symbols over, unprocessed or processed, to whoever the router names.
  func evacuate(_ reason: Evacuation, _ done: @escaping @Sendable (Bool) -> Void)
  /// Has the worker give these symbols to other channels, by number.
  func give(_ symbols: [SymbolID: Int], _ done: @escaping @Sendable (Int) -> Void)
  func force(_ force: ForcedBreaker, _ done: @escaping @Sendable () -> Void)
}

/// Why a channel gives up its symbols.
package enum Evacuation: Sendable {
  /// Its breaker has opened: what waits goes along, and the channel stays.
  case breaker
  /// What waits is processed first; the worker ends.
  case drain
  /// The worker ends at once; what waits goes along.
  case failure
}

package enum ForcedBreaker: Sendable {
  case trip
  case reset
}

/// What a worker needs beside its channel.
package struct WorkerContext: Sendable {
  let router: ChannelRouter
  let output: ManyToOneQueue<SequencerInput>
  let lastPrices: LastPriceTable
  let faults: FaultPlan
}
