/// Options that take several values, by repetition and with commas between them. Pure.
enum ListOption {
  /// - Parameter option: how the option is written, for the message.
  static func entries(_ texts: [String], _ option: String) throws -> [String] {
    try texts.flatMap { text in
      let entries = text.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
      // An empty one must not come to mean all.
      guard !entries.contains("") else {
        throw CommandFailure(
          .usage, "\(option) is '\(text)'; must be values with a comma between two, none of them empty")
      }
      return entries
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
