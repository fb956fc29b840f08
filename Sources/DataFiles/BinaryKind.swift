/// Files that are no text, by their first bytes: named, so that nobody has to read them on a terminal.
enum BinaryKind {
  private static let marks: [(bytes: [UInt8], words: String)] = [
    ([0x50, 0x4B, 0x03, 0x04], "is a zip archive; unpack it: unzip -p FILE NAME | penstock feed -"),
    ([0x50, 0x4B, 0x05, 0x06], "is an empty zip archive"),
    ([0x28, 0xB5, 0x2F, 0xFD], "is compressed by zstd; unpack it: zstdcat FILE | penstock feed -"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "is compressed by xz; unpack it: xzcat FILE | penstock feed -"),
    ([0x42, 0x5A, 0x68], "is compressed by bzip2; unpack it: bzcat FILE | penstock feed -"),
    ([0x04, 0x22, 0x4D, 0x18], "is compressed by lz4; unpack it: lz4cat FILE | penstock feed -"),
    ([0xFF, 0xFE], utf16), ([0xFE, 0xFF], utf16),
    ([0x50, 0x41, 0x52, 0x31], "is a Parquet file; write it as CSV"),
    ([0x41, 0x52, 0x52, 0x4F, 0x57, 0x31], "is an Arrow file; write it as CSV"),
  ]
  private static let utf16 = "is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8 FILE | penstock feed -"

  /// What is the matter with a file that begins so; nil for text.
  /// - Parameter isInflated: whether the bytes came out of gzip.
  static func words(of head: ArraySlice<UInt8>, isInflated: Bool) -> String? {
    if head.starts(with: [0x1F, 0x8B]) {
      return isInflated ? "is gzip'd twice; unpack it once: zcat FILE | penstock feed -" : nil
    }
    if let mark = marks.first(where: { head.starts(with: $0.bytes) }) { return mark.words }
    // Databento's own encoding: its name and a version.
    if head.starts(with: [0x44, 0x42, 0x4E]), let version = head.dropFirst(3).first, version < 16 {
      return "is in Databento's binary encoding (DBN); write it as CSV"
    }
    guard head.prefix(4_096).contains(0) else { return nil }
    let pairs = head.prefix(64)
    let isEveryOther = pairs.count >= 4 && pairs.enumerated().allSatisfy { ($0.element == 0) == ($0.offset % 2 == 1) }
    return isEveryOther ? utf16 : "is binary data, not text"
  }
}
