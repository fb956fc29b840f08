package import Channels
internal import Yams

/// Reads the file of `serve --fault-plan`: what strikes which channels in a drill.
///
/// ```
/// faults:
///   - { channel: ticks-1, kind: fail, after: 1000, every: 1000 }          one item in a thousand, tried again
///   - { channel: ticks-2, kind: stall, after: 5000, duration: 60s }       once
///   - { channel: bars-1, kind: slow, every: 10, count: 100, duration: 2ms }
/// ```
package enum FaultPlanReader {
  /// - Parameter channels: the names there are.
  /// - Throws: every problem at once, each with its key, line and range.
  package static func read(yaml: String, channels: [String]) throws(InvalidConfiguration) -> FaultPlan {
    let collector = ProblemCollector(ConfigurationOverrides())
    guard let root = try? Yams.compose(yaml: yaml) else {
      throw InvalidConfiguration(
        problems: [ConfigurationProblem(key: "faults", line: nil, message: "is empty, or no valid YAML")])
    }
    let section = ConfigurationSection(root, path: "", collector: collector)
    var plan = FaultPlan()
    let isThere = section.sections("faults") { entry in
      var fault = FaultPlan.Fault(channel: "", kind: .fail)
      entry.text("channel") { fault.channel = $0 }
      if !fault.channel.isEmpty, !channels.contains(fault.channel) {
        entry.problem(
          "channel", "names '\(fault.channel)', which is no channel; known: \(channels.joined(separator: ", "))")
      }
      entry.choice("kind", among: FaultPlan.Fault.Kind.allCases.map { ($0.rawValue, $0) }, into: &fault.kind)
      entry.integer("after", in: 0...UInt64(1) << 53, into: &fault.after)
      entry.integer("every", in: 0...UInt64(1) << 53, into: &fault.every)
      entry.integer("count", in: 0...UInt64(1) << 53, into: &fault.count)
      entry.duration("duration", in: 0...3_600_000_000_000, into: &fault.durationNanos)
      plan.faults.append(fault)
    }
    section.finish()
    if !isThere { section.problem("faults", "is missing; must list at least one fault") }
    for problem in plan.problems() { section.problem(problem.key, problem.message) }
    guard collector.problems.isEmpty else { throw InvalidConfiguration(problems: collector.problems) }
    return plan
  }
}
