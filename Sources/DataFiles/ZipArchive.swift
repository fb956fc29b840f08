/// What stands before and behind the packed data of an archive's first file. Source: PKWARE, APPNOTE.TXT, sections 4.3.7 and 4.3.9.
struct ZipArchive {
  private static let header: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  private static let descriptor: [UInt8] = [0x50, 0x4B, 0x07, 0x08]
  private static let headerBytes = 30
  /// The longest descriptor, and the first bytes of what follows it.
  static let behindBytes = 28
  private static let unpack = "; unpack it: unzip -p FILE NAME | penstock feed -"

  /// Where the packed data begins.
  let dataStart: Int
  /// What is the matter with it, in words.
  let problem: String?
  /// Nil where it stands behind the data.
  private let checksum: UInt32?

  static func begins(_ head: [UInt8]) -> Bool { head.starts(with: header) }

  /// Nil where `head` does not hold all that stands before the data.
  init?(_ head: [UInt8]) {
    guard head.count >= Self.headerBytes else { return nil }
    func number(_ place: Int) -> Int { Int(head[place]) | Int(head[place + 1]) << 8 }
    let nameEnd = Self.headerBytes + number(26)
    dataStart = nameEnd + number(28)
    guard head.count >= dataStart else { return nil }
    let flags = number(6)
    checksum = flags & 8 == 0 ? UInt32(number(14)) | UInt32(number(16)) << 16 : nil
    if flags & 1 != 0 {
      problem = "is an encrypted zip archive\(Self.unpack)"
    } else if number(8) != 8 || head[nameEnd - 1] == UInt8(ascii: "/") {
      problem = "is a zip archive whose first file is not packed by deflate\(Self.unpack)"
    } else {
      problem = nil
    }
  }

  /// Whether the data is what was packed, and whether another file follows it.
  /// - Parameter behind: `behindBytes` of what stands behind the data, or all there is.
  func check(_ behind: [UInt8], checksum found: UInt32) -> (isWhole: Bool, hasMore: Bool) {
    var rest = behind[...]
    var expected = checksum
    if expected == nil {
      if rest.starts(with: Self.descriptor) { rest = rest.dropFirst(4) }
      guard rest.count >= 4 else { return (false, false) }
      expected = rest.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
      // Two lengths, of four bytes or of eight.
      let short = rest.dropFirst(12)
      rest = short.starts(with: [0x50, 0x4B]) ? short : rest.dropFirst(20)
    }
    return (expected == found, rest.starts(with: Self.header))
  }

  static let several = "is a zip archive of several files\(unpack)"
}
