internal import WireCodec

/// Says which symbols of a filter the server does not know: a misspelt one would match nothing without a word.
enum KnownSymbols {
  /// What `GetSymbolState` takes at most.
  private static let namesMax = 1_000
  private static let namesShown = 5
  /// Events are waited for behind it.
  private static let patienceNanos: Int64 = 5_000_000_000

  /// One call. Prefixes are left out, since only the server could tell whom they match.
  /// - Returns: nil when all are known, or when the server does not say: the subscription itself tells what is wrong then.
  static func note(on client: AdminClient, of filter: [String]) async -> String? {
    let names = exact(filter)
    guard !names.isEmpty, names.count <= namesMax else { return nil }
    let known = try? await client.call(
      "GetSymbolState", ClientRequests.symbolStates(of: names), of: "MarketStream", within: patienceNanos
    ) { $0.symbolsWithState($1) }
    guard let known = known.map(Set.init) else { return nil }
    return note(unknown: names.filter { !known.contains($0) })
  }

  static func exact(_ filter: [String]) -> [String] {
    var seen: Set<String> = []
    return filter.filter { !$0.hasSuffix("*") && seen.insert($0).inserted }
  }

  static func note(unknown names: [String]) -> String? {
    guard !names.isEmpty else { return nil }
    let shown = names.prefix(namesShown).map { "'\($0)'" }.joined(separator: ", ")
    let others = names.count > namesShown ? " and \(names.count - namesShown) more" : ""
    return "the server does not know \(names.count == 1 ? "symbol" : "symbols") \(shown)\(others) yet"
  }
}
