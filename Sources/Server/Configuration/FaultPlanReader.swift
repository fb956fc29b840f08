package import Channels
package import Settings

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
    guard let file = try? YAMLTree.read(yaml), let root = file.root else {
      throw InvalidConfiguration(problems: [
        SettingsProblem(key: "faults", message: "is empty, or no valid YAML")
      ])
    }
    var plan = FaultPlan()
    let collector = ProblemCollector()
    for problem in file.problems { collector.add(problem.key, problem.line, problem.message) }
    plan.read(root, collector: collector)
    if root["faults"] == nil { collector.add("faults", nil, "is missing; must list at least one fault") }
    for (index, fault) in plan.faults.enumerated() where !fault.channel.isEmpty && !channels.contains(fault.channel) {
      collector.add(
        "faults[\(index)].channel", root["faults"]?.items?[index]["channel"]?.line,
        "names '\(fault.channel)', which is no channel; known: \(channels.joined(separator: ", "))")
    }
    guard collector.problems.isEmpty else { throw InvalidConfiguration(problems: collector.problems) }
    return plan
  }
}
