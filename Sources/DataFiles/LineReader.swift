/// The lines of a text file, plain, gzip'd or zipped by its content, or of standard input (`-`), in bounded memory.
package final class LineReader {
  package static let lineBytesMax = 65_536
  private static let chunkBytes = 256 << 10

  private static let stopPollMillis: Int32 = 50

  let path: String
  private let file: InputFile
  /// Asked while there is nothing to read; from when it holds, the file counts as ended.
  package var shouldStop: (() -> Bool)?
  private var inflater: Inflater?
  private var archive: ZipArchive?
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

  /// The first byte that is no space, before any line was taken; nil in an empty file.
  func firstByte() throws(DataFileError) -> UInt8? {
    var start = 0
    while true {
      if start == 0, buffer.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
      if let byte = buffer.dropFirst(start).first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) { return byte }
      guard !atEnd, buffer.count < Self.lineBytesMax, try fill() else { return nil }
    }
  }

  /// All that has not been taken yet.
  func rest(upTo limit: Int) throws(DataFileError) -> [UInt8] {
    while !atEnd, try fill() {
      guard buffer.count - position <= limit else {
        throw .tooLong(path, words: "is one JSON document of more than \(limit >> 20) MiB; write it as JSON lines")
      }
    }
    let rest = Array(buffer[position...])
    position = buffer.count
    return rest
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
    var chunk = try file.read(upTo: Self.chunkBytes)
    let isEnd = chunk.isEmpty
    bytesRead += chunk.count
    if isFirstChunk {
      isFirstChunk = false
      if chunk.starts(with: [0x1F, 0x8B]) { inflater = Inflater() }
      if ZipArchive.begins(chunk) {
        try open(archive: &chunk)
      } else if let words = BinaryKind.words(of: chunk[...], isInflated: false) {
        throw .notText(path, words: words)
      }
    }
    guard let inflater else {
      buffer += chunk
      atEnd = isEnd
      return true
    }
    if isEnd {
      guard inflater.isComplete else { throw .truncated(path) }
      if let archive, !archive.check(inflater.behind, checksum: inflater.checksum).isWhole { throw .corrupt(path) }
      atEnd = true
      return true
    }
    let before = buffer.count
    guard inflater.inflate(chunk, into: &buffer) else { throw .corrupt(path) }
    if bytesInflated == 0, let words = BinaryKind.words(of: buffer[before...], isInflated: true) {
      throw .notText(path, words: words)
    }
    bytesInflated += buffer.count - before
    if let archive, inflater.isComplete, inflater.behind.count == ZipArchive.behindBytes,
      archive.check(inflater.behind, checksum: inflater.checksum).hasMore
    {
      throw .notText(path, words: ZipArchive.several)
    }
    return true
  }

  /// Cuts off what stands before the packed data.
  private func open(archive chunk: inout [UInt8]) throws(DataFileError) {
    var found = ZipArchive(chunk)
    while found == nil {
      let more = try file.read(upTo: Self.chunkBytes)
      if more.isEmpty { throw .truncated(path) }
      bytesRead += more.count
      chunk += more
      found = ZipArchive(chunk)
    }
    guard let found else { return }
    if let problem = found.problem { throw .notText(path, words: problem) }
    archive = found
    inflater = Inflater(isBare: true)
    chunk.removeFirst(found.dataStart)
  }
}
