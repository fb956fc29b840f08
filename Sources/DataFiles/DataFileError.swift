/// Why a file could not be opened, or not be read on.
package enum DataFileError: Error, Equatable, CustomStringConvertible {
  /// The reason in the system's words.
  case cannotOpen(String, reason: String)
  case cannotRead(String, reason: String)
  case notUTF8(String)
  case corrupt(String)
  case truncated(String)
  case lineTooLong(line: Int)
  /// What is the matter with it, in words.
  case notText(String, words: String)
  case backwards(String)
  case tooLong(String, words: String)

  package var description: String {
    switch self {
    case .cannotOpen(let path, let reason): "cannot open \(path): \(reason)"
    case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
    case .notUTF8(let path): "cannot read \(path): it is no UTF-8 text"
    case .corrupt(let path): "\(path) is damaged: its compressed data cannot be read on"
    case .truncated(let path): "\(path) ends in the middle of its compressed data"
    case .notText(let path, let words), .tooLong(let path, let words): "\(path) \(words)"
    case .backwards(let words): words
    case .lineTooLong(let line): "line \(line) is longer than \(LineReader.lineBytesMax) bytes"
    }
  }
}
