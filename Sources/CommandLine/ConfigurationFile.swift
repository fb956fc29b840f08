internal import DataFiles
internal import Foundation
internal import Server
internal import Settings

/// Reads the configuration that a command was given.
enum ConfigurationFile {
  /// - Throws: a failure that names every problem, or that the file cannot be read.
  /// - Parameters:
  ///   - path: of the file; nil = the defaults.
  ///   - settings: of `--set`; they and the environment stand above the file.
  static func read(_ path: String?, settings: [String] = []) throws -> ServerConfiguration {
    let overrides = ConfigurationOverrides(settings: settings, environment: ProcessInfo.processInfo.environment)
    return try parse(path) { text throws(InvalidConfiguration) in
      try ConfigurationReader.read(yaml: text, overrides: overrides)
    }
  }

  /// Reads a file's text by `reader`, and tells all that is wrong with it.
  static func parse<Value>(_ path: String?, _ reader: (String) throws(InvalidConfiguration) -> Value) throws -> Value {
    var text = ""
    if let path {
      do throws(DataFileError) {
        text = try TextFile.read(path)
      } catch {
        if case .notUTF8 = error { throw CommandFailure(.badConfiguration, "\(error)") }
        throw CommandFailure.reading(error)
      }
    }
    do throws(InvalidConfiguration) {
      return try reader(text)
    } catch {
      throw CommandFailure(
        .badConfiguration,
        "\(path ?? "the configuration") has \(error.problems.count) problem\(error.problems.count == 1 ? "" : "s"):\n"
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
