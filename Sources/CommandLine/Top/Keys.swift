/// What a person pressed, as far as full-screen commands care.
enum Key: Equatable, Sendable {
  case up
  case down
  /// Ctrl-C, which a terminal in raw mode sends as a byte.
  case interrupt
  case letter(Character)
}

/// Reads keys from a terminal's bytes, however they are cut into reads. Pure.
///
/// Sequences of keys that nobody asked for are swallowed whole, so that no piece of them counts as a letter.
struct KeyDecoder {
  private enum State {
    case ground
    /// After ESC: alone it is a key without meaning here.
    case escape
    /// After ESC [: parameters, then one final byte.
    case sequence
    /// After ESC O: one byte, as terminals in application mode send arrows.
    case single
  }

  private var state = State.ground

  mutating func decode(_ bytes: some Sequence<UInt8>) -> [Key] { bytes.compactMap { decode($0) } }

  private mutating func decode(_ byte: UInt8) -> Key? {
    // Whatever came before: a person who wants to leave gets out.
    if byte == 0x03 {
      state = .ground
      return .interrupt
    }
    if byte == 0x1B {
      state = .escape
      return nil
    }
    switch state {
    case .ground: return letter(byte)
    case .escape:
      switch byte {
      case UInt8(ascii: "["): state = .sequence
      case UInt8(ascii: "O"): state = .single
      default:
        // A lone ESC, and then something else.
        state = .ground
        return letter(byte)
      }
      return nil
    case .sequence:
      guard (0x40...0x7E).contains(byte) else { return nil }
      state = .ground
      return arrow(byte)
    case .single:
      state = .ground
      return arrow(byte)
    }
  }

  private func letter(_ byte: UInt8) -> Key? {
    (0x20...0x7E).contains(byte) ? .letter(Character(UnicodeScalar(byte))) : nil
  }

  private func arrow(_ byte: UInt8) -> Key? {
    switch byte {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    default: nil
    }
  }
}
