/// One mapping of settings at work. A thing names its keys to it, each with its form and its place (`KeyedSettings`), and the section does with
/// them what it is for: reads them from a tree, writes them to one, or checks what they hold.
///
/// Reading leaves a place as it is where the key is absent or bad, so that defaults stand. `finish()` reports the keys that were not named, with
/// the nearest one that was: a misspelt key that is silently ignored is the worst kind of configuration error.
package final class SettingsSection {
  enum Work {
    /// - Parameter isUpdate: whether what is not given stays as somebody set it, not as the default has it.
    case reading(isUpdate: Bool)
    case writing
    /// The values that a thing holds, without a tree.
    case checking
  }

  package let path: String
  let work: Work
  let collector: ProblemCollector
  private let line: Int?
  private var values: [String: SettingsNode] = [:]
  private var order: [String] = []
  private var known: Set<String> = []
  /// Where values come from that are not the tree's.
  private var sources: [String: String] = [:]
  /// What has been written.
  private(set) var written: [SettingsNode.Entry] = []

  /// - Parameter node: what is read.
  init(_ work: Work, _ node: SettingsNode? = nil, path: String, collector: ProblemCollector) {
    self.work = work
    self.path = path
    self.collector = collector
    line = node?.line
    guard let node, !node.isNull else { return }
    guard let entries = node.entries else {
      collector.add(path, node.line, "must be a mapping of keys to values")
      return
    }
    for entry in entries {
      values[entry.key] = entry.node
      order.append(entry.key)
    }
  }

  package var isReading: Bool { if case .reading = work { true } else { false } }
  package var isUpdate: Bool { if case .reading(let isUpdate) = work { isUpdate } else { false } }

  // MARK: - Problems

  private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Notes a problem of a key of this section, of an item of its list, or of a key of that item, at its line where there is one. Whoever writes
  /// has no problems.
  package func problem(_ key: String, item: Int? = nil, inner: String? = nil, _ message: String) {
    if case .writing = work { return }
    let name = full(key) + (item.map { "[\($0)]" } ?? "") + (inner.map { ".\($0)" } ?? "")
    if let source = sources[key] { return collector.add(name, nil, "\(message) (from \(source))") }
    let node = values[key]
    let items = node?.items ?? []
    let found = item.flatMap { items.indices.contains($0) ? items[$0] : nil }
    let leaf = inner.flatMap { found?[$0] }
    collector.add(name, leaf?.line ?? found?.line ?? node?.line ?? line, message)
  }

  /// A relation that no key shows alone.
  package func require(_ holds: Bool, _ key: String, item: Int? = nil, _ message: @autoclosure () -> String) {
    if !holds { problem(key, item: item, message()) }
  }

  /// Reports every key that was not named.
  func finish() {
    for key in order where !known.contains(key) {
      let nearest = known.min { (distance($0, key), $0) < (distance($1, key), $1) }
      let hint = nearest.flatMap { distance($0, key) <= 3 ? "; did you mean '\($0)'?" : nil }
      problem(key, "is no known key" + (hint ?? "; known here: " + known.sorted().joined(separator: ", ")))
    }
  }

  // MARK: - Keys

  /// One value.
  /// - Parameters:
  ///   - isRequired: what the place holds is checked where the key is absent.
  ///   - note: what the key means, as `config default` tells it.
  /// - Returns: false where it has a fault; relations with other keys then say nothing.
  @discardableResult
  package func value<Value>(
    _ key: String, _ form: SettingsForm<Value>, into target: inout Value, isRequired: Bool = false, note: String = ""
  ) -> Bool {
    switch work {
    case .writing: write(key, form.node(target), note)
    case .checking: return check(key, form, target)
    case .reading:
      guard let read = read(key, form) else { return !isRequired || requireValid(key, form, target) }
      guard let value = read.value else { return false }
      target = value
    }
    return true
  }

  /// One value that may be absent.
  @discardableResult
  package func value<Value>(_ key: String, _ form: SettingsForm<Value>, into target: inout Value?, note: String = "")
    -> Bool
  {
    if case .writing = work, let target { write(key, form.node(target), note) }
    guard let read = read(key, form) else { return true }
    target = read.value ?? target
    return read.value != nil
  }

  /// Nil where the key is absent; a bad value is reported and nil in itself.
  private func read<Value>(_ key: String, _ form: SettingsForm<Value>) -> (value: Value?, Void)? {
    guard let node = take(key) else { return nil }
    let (value, fault) = form.read(node)
    if value == nil { problem(key, fault) }
    return (value, ())
  }

  /// What is required and not given holds already, or is missing.
  private func requireValid<Value>(_ key: String, _ form: SettingsForm<Value>, _ value: Value) -> Bool {
    guard form.node(value).scalar == "" else { return check(key, form, value) }
    problem(key, "is missing; must be \(form.range)")
    return false
  }

  private func check<Value>(_ key: String, item: Int? = nil, _ form: SettingsForm<Value>, _ value: Value) -> Bool {
    if form.isValid(value) { return true }
    problem(key, item: item, form.outOfRange(form.node(value)))
    return false
  }

  /// A list of values, read whole: one bad item leaves the place as it is.
  package func list<Value>(
    _ key: String, _ form: SettingsForm<Value>, into target: inout [Value], count: ClosedRange<Int>? = nil,
    note: String = ""
  ) {
    switch work {
    case .writing: return write(key, .list(target.map(form.node)), note)
    case .checking:
      for (index, value) in target.enumerated() { _ = check(key, item: index, form, value) }
    case .reading:
      guard let items = takeItems(key) else { return }
      let values = entries(key, items, form).map(\.value)
      guard values.count == items.count else { return }
      target = values
    }
    if let count, !count.contains(target.count) {
      let limits = count.lowerBound == 0 ? "at most" : "\(count.lowerBound) to"
      problem(key, "has \(target.count) entries; must have \(limits) \(count.upperBound)")
    }
  }

  /// A list of values that may be absent, each with its place in the list. Bad items are reported and left out.
  package func entries<Value>(
    _ key: String, _ form: SettingsForm<Value>, into target: inout [(item: Int, value: Value)]?, note: String = ""
  ) {
    if case .writing = work, let target { write(key, .list(target.map { form.node($0.value) }), note) }
    if let items = takeItems(key) { target = entries(key, items, form) }
  }

  private func entries<Value>(_ key: String, _ items: [SettingsNode], _ form: SettingsForm<Value>) -> [(
    item: Int, value: Value
  )] {
    items.enumerated().compactMap { index, node in
      let (value, fault) = form.read(node)
      if value == nil { problem(key, item: index, fault) }
      return value.map { (index, $0) }
    }
  }

  /// A part with keys of its own. Read also where the tree has none: its keys may be given otherwise.
  package func section(_ key: String, note: String = "", _ body: (SettingsSection) -> Void) {
    let section = SettingsSection(work, take(key), path: full(key), collector: collector)
    body(section)
    section.finish()
    if case .writing = work, !section.written.isEmpty { write(key, .section(section.written), note) }
  }

  package func section(_ key: String, note: String = "", into target: inout some KeyedSettings) {
    section(key, note: note) { target.keys($0) }
  }

  /// A list of things, each its own section named `key[index]`.
  /// - Parameter new: what each begins with.
  package func sections<Thing: KeyedSettings>(
    _ key: String, new: @autoclosure () -> Thing, into target: inout [Thing], note: String = ""
  ) {
    switch work {
    case .writing: return write(key, .list(target.map(\.node)), note)
    case .checking:
      for index in target.indices { item(key, index, nil, .checking, &target[index]) }
    case .reading:
      guard let items = takeItems(key) else { return }
      target = items.map { _ in new() }
      for (index, node) in items.enumerated() { item(key, index, node, .reading(isUpdate: false), &target[index]) }
    }
  }

  private func item(
    _ key: String, _ index: Int, _ node: SettingsNode?, _ work: Work, _ thing: inout some KeyedSettings
  ) {
    let section = SettingsSection(work, node, path: "\(full(key))[\(index)]", collector: collector)
    thing.keys(section)
    section.finish()
  }

  // MARK: - The tree

  /// The node of a key that is given; the key counts as named.
  package func take(_ key: String) -> SettingsNode? {
    guard case .reading = work else { return nil }
    known.insert(key)
    if let (node, source) = collector.override(full(key)) {
      sources[key] = source
      // What came from elsewhere has no line here.
      values[key] = node
      return node
    }
    return values[key].flatMap { $0.isNull ? nil : $0 }
  }

  private func takeItems(_ key: String) -> [SettingsNode]? {
    guard let node = take(key) else { return nil }
    if node.items == nil { problem(key, "must be a list") }
    return node.items
  }

  private func write(_ key: String, _ node: SettingsNode, _ note: String) {
    written.append(SettingsNode.Entry(key: key, node: node, note: note))
  }

  /// Levenshtein's distance between two short keys.
  private func distance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let substitution = diagonal + (letter == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substitution, diagonal + 1, row[j] + 1)
      }
    }
    return row[b.count]
  }
}
