package import MarketData

/// What one symbol's tick detectors remember: a value, so that it can move from engine to engine.
package struct TickSymbolState: Sendable {
  var state: TickState
  var cells: [SecondCell]
  var bars: TickBars
  /// Those under which it was made.
  let settings: CompiledSettings

  package var symbol: SymbolID { state.symbol }
  /// The newest timestamp seen.
  package var watermark: UnixNanos { state.watermark }
}

extension TickState {
  /// Goes on under other settings. What they make meaningless begins anew: windows of another length, samples of another grid, fits over another
  /// horizon, and the state of a detector that has been off.
  mutating func change(
    from old: CompiledSettings, to new: CompiledSettings, cells: inout [SecondCell], bars: inout TickBars
  ) {
    guard old !== new else { return }
    forgetCalendar()
    bars.change(to: new.barsNanos)
    if old.activity.windowSeconds != new.activity.windowSeconds
      || old.activity.sampleSeconds != new.activity.sampleSeconds
    {
      cells = Array(repeating: SecondCell(), count: Int(new.activity.windowSeconds))
      restartActivity(&cells, new.activity)
    }
    restartDetectors(from: old, to: new)
  }
}
