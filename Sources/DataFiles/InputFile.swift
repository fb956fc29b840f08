internal import Glibc

/// An open file, or standard input (`-`), closed with its last reference.
final class InputFile {
  private let path: String
  private let descriptor: Int32

  init(_ path: String) throws(DataFileError) {
    self.path = path
    guard path != "-" else {
      descriptor = STDIN_FILENO
      return
    }
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotOpen(path, reason: String(cString: strerror(errno))) }
    var status = stat()
    // A directory opens, and only reading it fails.
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw .cannotOpen(path, reason: String(cString: strerror(EISDIR)))
    }
  }

  deinit { if descriptor > STDERR_FILENO { close(descriptor) } }

  /// Up to `count` bytes, as soon as there are any; none at the end.
  func read(upTo count: Int) throws(DataFileError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var taken = -1
      repeat { taken = Glibc.read(descriptor, buffer.baseAddress, count) } while taken < 0 && errno == EINTR
      if taken < 0 { failure = errno }
      initialized = max(0, taken)
    }
    guard failure == 0 else { throw .cannotRead(path, reason: String(cString: strerror(failure))) }
    return bytes
  }

  /// Waits until there is something to read or the end is known, `millis` at most.
  func isReadable(within millis: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // What cannot be waited for is read at once, and its fault told then.
    return poll(&entry, 1, millis) != 0 && !(entry.revents == 0 && errno == EINTR)
  }
}

/// A text file as a whole.
package enum TextFile {
  package static func read(_ path: String) throws(DataFileError) -> String {
    let file = try InputFile(path)
    var bytes: [UInt8] = []
    while true {
      let part = try file.read(upTo: 65_536)
      if part.isEmpty { break }
      bytes += part
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8(path) }
    return text
  }
}
