/// Routes that an event loop remembers from one read to the next, in front of the registry.
package protocol RouteMemory: AnyObject {
  /// Calls `change` with a bounded number of the routes remembered for a kind, which go on where the last call ended. Routes that become remembered
  /// during a walk through all may be left out: they are right.
  /// - Returns: whether this was the end of a walk; the next call begins another one.
  func update(_ type: ChannelType, _ change: (inout SymbolRoute) -> Void) -> Bool
}
