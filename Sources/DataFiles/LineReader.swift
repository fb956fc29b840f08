/// The lines of a text file, plain or gzip'd by its content, or of standard input (`-`), in bounded memory.
package final class LineReader {
  package static let lineBytesMax = 65_536
  private static let chunkBytes = 256 << 10

  private static let stopPollMillis: Int32 = 50

  private let path: String
  private let file: InputFile
  /// Asked while there is nothing to read; from when it holds, the file counts as ended.
  package var shouldStop: (() -> Bool)?
  private var inflater: Inflater?
  private var isFirstChunk = true
  private var buffer: [UInt8] = []
  private var position = 0
  private var atEnd = false
  /// The number of the line last returned, from 1.
  package private(set) var line = 0
  /// Bytes of the file read so far, and what they came to when inflated.
  private var bytesRead = 0
  private var bytesInflated = 0

  package init(path: String) throws(DataFileError) {
    self.path = path
    file = try InputFile(path)
  }

  /// Bytes of the file, as it lies there, that the lines returned so far took; of compressed ones about.
  package var bytesPassed: Int {
    guard inflater != nil, bytesInflated > 0 else { return bytesRead - (buffer.count - position) }
    return Int(Double(bytesRead) * Double(bytesInflated - (buffer.count - position)) / Double(bytesInflated))
  }

  /// The next line without its end; nil at the end of the file.
  package func next() throws(DataFileError) -> String? {
    while true {
      if let end = buffer[position...].firstIndex(of: 0x0A) {
        return take(upTo: end, next: end + 1)
      }
      if buffer.count - position > Self.lineBytesMax { throw .lineTooLong(line: line + 1) }
      if atEnd {
        guard position < buffer.count else { return nil }
        return take(upTo: buffer.count, next: buffer.count)
      }
      guard try fill() else { return nil }
    }
  }

  private func take(upTo end: Int, next: Int) -> String {
    // Looked for as a byte: to a String, CR and LF behind each other are one character.
    let hasReturn = end > position && buffer[end - 1] == 0x0D
    let text = String(decoding: buffer[position..<(hasReturn ? end - 1 : end)], as: UTF8.self)
    position = next
    line += 1
    return text
  }

  /// - Returns: false where it was asked to stop.
  private func fill() throws(DataFileError) -> Bool {
    if let shouldStop {
      while !file.isReadable(within: Self.stopPollMillis) { if shouldStop() { return false } }
    }
    buffer.removeFirst(position)
    position = 0
    let chunk = try file.read(upTo: Self.chunkBytes)
    bytesRead += chunk.count
    if isFirstChunk {
      isFirstChunk = false
      if chunk.starts(with: [0x1F, 0x8B]) { inflater = Inflater() }
    }
    guard let inflater else {
      buffer += chunk
      atEnd = chunk.isEmpty
      return true
    }
    if chunk.isEmpty {
      guard inflater.isComplete else { throw .truncated(path) }
      atEnd = true
      return true
    }
    let before = buffer.count
    guard inflater.inflate(chunk, into: &buffer) else { throw .corrupt(path) }
    bytesInflated += buffer.count - before
    return true
  }
}
