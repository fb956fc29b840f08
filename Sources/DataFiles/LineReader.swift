internal import Foundation

/// Why a data file could not be read on.
package enum DataFileError: Error, Equatable, CustomStringConvertible {
  case cannotOpen(String)
  case corrupt(String)
  case truncated(String)
  case lineTooLong(line: Int)

  package var description: String {
    switch self {
    case .cannotOpen(let path): "cannot open \(path)"
    case .corrupt(let path): "\(path) is damaged: its compressed data cannot be read on"
    case .truncated(let path): "\(path) ends in the middle of its compressed data"
    case .lineTooLong(let line): "line \(line) is longer than \(LineReader.lineBytesMax) bytes"
    }
  }
}

/// The lines of a text file, plain or gzip'd by its content, or of standard input (`-`), in bounded memory.
package final class LineReader {
  package static let lineBytesMax = 65_536
  private static let chunkBytes = 256 << 10

  private let path: String
  private let file: FileHandle
  private var inflater: Inflater?
  private var isFirstChunk = true
  private var buffer: [UInt8] = []
  private var position = 0
  private var atEnd = false
  /// The number of the line last returned, from 1.
  package private(set) var line = 0
  /// Compressed bytes read so far, for progress.
  package private(set) var bytesRead = 0

  package init(path: String) throws(DataFileError) {
    self.path = path
    if path == "-" {
      file = .standardInput
    } else if let opened = FileHandle(forReadingAtPath: path) {
      file = opened
    } else {
      throw .cannotOpen(path)
    }
  }

  /// The next line without its end; nil at the end of the file.
  package func next() throws(DataFileError) -> String? {
    while true {
      if let end = buffer[position...].firstIndex(of: 0x0A) {
        let text = String(decoding: buffer[position..<end], as: UTF8.self)
        position = end + 1
        line += 1
        return text.hasSuffix("\r") ? String(text.dropLast()) : text
      }
      if buffer.count - position > Self.lineBytesMax { throw .lineTooLong(line: line + 1) }
      if atEnd {
        guard position < buffer.count else { return nil }
        let text = String(decoding: buffer[position...], as: UTF8.self)
        position = buffer.count
        line += 1
        return text
      }
      try fill()
    }
  }

  private func fill() throws(DataFileError) {
    buffer.removeFirst(position)
    position = 0
    let chunk: [UInt8]
    do {
      chunk = Array(try file.read(upToCount: Self.chunkBytes) ?? Data())
    } catch {
      throw .corrupt(path)
    }
    bytesRead += chunk.count
    if isFirstChunk {
      isFirstChunk = false
      if chunk.starts(with: [0x1F, 0x8B]) { inflater = Inflater() }
    }
    guard let inflater else {
      buffer += chunk
      atEnd = chunk.isEmpty
      return
    }
    if chunk.isEmpty {
      guard inflater.isComplete else { throw .truncated(path) }
      atEnd = true
      return
    }
    guard inflater.inflate(chunk, into: &buffer) else { throw .corrupt(path) }
  }
}
