internal import Foundation
internal import Server

/// Reads the configuration that a command was given.
enum ConfigurationFile {
  /// - Throws: a failure that names every problem, or that the file cannot be read.
  static func read(_ path: String?) throws -> ServerConfiguration {
    guard let path else { return ServerConfiguration() }
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw CommandFailure(.noInput, "cannot read \(path): it does not exist, or is no UTF-8 text")
    }
    do {
      return try ConfigurationReader.read(yaml: text)
    } catch {
      throw CommandFailure(
        .badConfiguration,
        "\(path) has \(error.problems.count) problem\(error.problems.count == 1 ? "" : "s"):\n"
          + error.problems.map { "  \($0)" }.joined(separator: "\n"))
    }
  }
}

/// `--listen HOST:PORT` and `--server HOST:PORT`.
enum ListenOption {
  static func parse(_ text: String) throws -> ListenAddress {
    guard let address = ListenAddress(text) else {
      throw CommandFailure(.usage, "'\(text)' is no HOST:PORT, such as 127.0.0.1:7171")
    }
    return address
  }
}
