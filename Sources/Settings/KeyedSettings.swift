/// A thing with settings: it names each of its keys once, and everything that deals with them follows from that. The configuration file and RPCs
/// are read, ranges checked, answers, `channels export` and `config default` written by the same table.
package protocol KeyedSettings {
  /// Names each key with its form, its place and what it means; then what no key shows alone, by `require`.
  ///
  /// Called to read, to write and to check, so that it must not change anything but by the section's calls.
  mutating func keys(_ section: SettingsSection)
}

extension KeyedSettings {
  /// Takes what a tree gives; what it does not give stays. Problems go to the collector; a thing with problems is half changed, and of no use.
  package mutating func read(
    _ node: SettingsNode?, path: String = "", isUpdate: Bool = false, collector: ProblemCollector
  ) {
    let section = SettingsSection(.reading(isUpdate: isUpdate), node, path: path, collector: collector)
    keys(section)
    section.finish()
  }

  /// - Returns: itself with what a tree gives.
  /// - Throws: every problem at once; keys begin with `path`.
  package func reading(
    _ node: SettingsNode?, path: String = "", isUpdate: Bool = false
  ) throws(InvalidConfiguration) -> Self {
    let collector = ProblemCollector()
    var result = self
    result.read(node, path: path, isUpdate: isUpdate, collector: collector)
    guard collector.problems.isEmpty else { throw InvalidConfiguration(problems: collector.problems) }
    return result
  }

  /// Every key with its value.
  package var node: SettingsNode {
    var copy = self
    let section = SettingsSection(.writing, path: "", collector: ProblemCollector())
    copy.keys(section)
    return .section(section.written)
  }

  /// Every value out of its range, and every relation that does not hold; keys are relative to this thing.
  package func problems() -> [SettingsProblem] {
    var copy = self
    let collector = ProblemCollector()
    copy.keys(SettingsSection(.checking, path: "", collector: collector))
    return collector.problems
  }
}

// The usual forms in short.

extension SettingsSection {
  @discardableResult
  package func integer<I: FixedWidthInteger & Sendable>(
    _ key: String, in range: ClosedRange<I>, into target: inout I, note: String = ""
  ) -> Bool {
    value(key, .integer(range), into: &target, note: note)
  }

  @discardableResult
  package func number(
    _ key: String, in range: ClosedRange<Double>, into target: inout Double, note: String = ""
  ) -> Bool {
    value(key, .number(range), into: &target, note: note)
  }

  @discardableResult
  package func duration(
    _ key: String, in range: ClosedRange<Int64>, wholeSeconds: Bool = false, into target: inout Int64,
    note: String = ""
  ) -> Bool {
    value(key, .duration(range, wholeSeconds: wholeSeconds), into: &target, note: note)
  }

  package func boolean(_ key: String, into target: inout Bool, note: String = "") {
    value(key, .boolean, into: &target, note: note)
  }

  /// One of an enumeration's values, by their raw texts.
  package func choice<Choice: RawRepresentable<String> & CaseIterable & Equatable>(
    _ key: String, into target: inout Choice, note: String = ""
  ) {
    value(key, .choice(Choice.allCases.map { ($0.rawValue, $0) }), into: &target, note: note)
  }

  /// Durations that rise from entry to entry.
  package func risingDurations(
    _ key: String, in range: ClosedRange<Int64>, count: ClosedRange<Int>, into target: inout [Int64], note: String = ""
  ) {
    list(key, .duration(range), into: &target, count: count, note: note)
    require(!zip(target, target.dropFirst()).contains { $0 >= $1 }, key, "must rise from entry to entry")
  }
}
